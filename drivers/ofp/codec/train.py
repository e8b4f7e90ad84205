"""Packets that came in one piece, read at once where nothing is wrong with them: a third of the work."""

from struct import Struct
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.ofp.codec.form import CRC, crc32c
from otolith.drivers.ofp.codec.numbers import DATA_MARK, PACKET, VALUES, WIRE_VERSION, Status

_WHOLE: Final = Struct("<IIQHH10iI")
"""A packet as few words: what is compared together is read together. ``test_intake`` holds it against the form."""
_BODY: Final = PACKET - CRC
_WRAP: Final = 1 << 32
_VALUES: Final = 5
"""Words before the values."""


class Train(NamedTuple):
    """Scans of packets that follow one another without a gap, all under one status."""

    scans: NDArray[np.float64]
    """``(n, channels)``"""
    clock: NDArray[np.float64]
    """``(n,)`` seconds of the plate's clock."""
    status: Status


def coupled(piece: bytes, channels: int, tag: int, sequence: int) -> Train | None:
    """The packets of this stream, the first of which has this number; None where they have to be looked at singly."""
    if not piece or len(piece) % PACKET or not channels <= piece[2] * channels <= VALUES:
        return None
    scans, status, at = piece[2], piece[18], 0
    head = int.from_bytes((DATA_MARK, WIRE_VERSION, scans, channels), "little")
    state, end, steps = status | tag << 8, _VALUES + scans * channels, range(scans)
    rows: list[tuple[int, ...]] = []
    clock: list[float] = []
    for packet in _WHOLE.iter_unpack(piece):
        start, number, microseconds, period, said = packet[:_VALUES]
        follows = start == head and number == sequence and said == state
        if not follows or packet[-1] != crc32c(piece[at : at + _BODY]):
            return None
        rows.append(packet[_VALUES:end])
        clock += [(microseconds + step * period) * 1e-6 for step in steps]
        sequence, at = (sequence + scans) % _WRAP, at + PACKET
    return Train(np.array(rows, dtype=np.float64).reshape(-1, channels), np.array(clock), Status(status))
