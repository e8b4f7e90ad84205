"""Packets that came in one piece, read at once where nothing is wrong with them: a third of the work."""

from struct import Struct
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.ofp.codec.form import CRC, crc32c
from otolith.drivers.ofp.codec.numbers import DATA_MARK, PACKET, VALUES, WIRE_VERSION, Status
from otolith.drivers.ofp.codec.packet import FORM

_WHOLE: Final = Struct(f"{FORM.struct.format}I")
_BODY: Final = PACKET - CRC
_WRAP: Final = 1 << 32


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
    head, scans, status = (DATA_MARK, WIRE_VERSION, piece[2], channels), piece[2], piece[18]
    rows: list[tuple[int, ...]] = []
    clock: list[float] = []
    for index, packet in enumerate(_WHOLE.iter_unpack(piece)):
        at = index * PACKET
        number = (sequence + index * scans) % _WRAP
        follows = packet[:5] == (*head, number) and packet[7:9] == (status, tag)
        if not follows or packet[-1] != crc32c(piece[at : at + _BODY]):
            return None
        rows.append(packet[9 : 9 + scans * channels])
        clock += [(packet[5] + scan * packet[6]) * 1e-6 for scan in range(scans)]
    return Train(np.array(rows, dtype=np.float64).reshape(-1, channels), np.array(clock), Status(status))
