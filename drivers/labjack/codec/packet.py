"""A packet of a stream, whatever model it came from, and how the U3 and the U6 write it."""

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.errors import ReportError
from otolith.drivers.labjack.codec.frame import HEAD, STREAM, extended, words_of
from otolith.drivers.labjack.codec.reasons import RECOVERED, RECOVERING

STREAM_DATA: Final = 0xC0
MOST: Final = 25
"""Samples in a packet; only such a full packet fills the 64 bytes of its endpoint."""
WRAP: Final = 256
"""The packet counter of the U3 and the U6 is a byte."""
_FRONT: Final = struct.Struct("<IBB")
_FULL: Final = 256.0
"""Backlog of a full buffer."""


@dataclass(frozen=True, slots=True, eq=False)
class Packet:
    """Samples of consecutive channels, which need not begin or end with a scan."""

    number: int
    """Of the packet since the stream began, modulo the model's range."""
    samples: NDArray[np.uint16]
    backlog: float = 0.0
    """How full the device's buffer is, 0 to 1."""
    recovering: bool = False
    """The buffer ran over: scans are being thrown away."""
    dropped: int = 0
    """Scans that were thrown away; reported once, when sampling goes on."""
    error: int = 0
    """Anything else that the device complains of."""


def size(samples: int) -> int:
    """Bytes of a packet."""
    return 14 + 2 * samples


def decode(raw: bytes, samples: int) -> Packet:
    """One packet of so many samples; ReportError.

    Its time stamp is used for the number of dropped scans alone: it is not implemented otherwise (U3 datasheet 5.2.12).
    """
    words = words_of(raw, STREAM_DATA, STREAM)
    if len(raw) != size(samples):
        raise ReportError(f"a packet of {samples} samples has {size(samples)} bytes, not {len(raw)}")
    stamp, number, error = _FRONT.unpack_from(words)
    return Packet(
        number=number,
        samples=np.frombuffer(raw, "<u2", samples, HEAD + _FRONT.size),
        backlog=raw[-2] / _FULL,
        recovering=error == RECOVERING,
        dropped=stamp if error == RECOVERED else 0,
        error=0 if error in (RECOVERING, RECOVERED) else error,
    )


def encode(packet: Packet) -> bytes:
    """The inverse of :func:`decode`."""
    error = packet.error or (RECOVERED if packet.dropped else RECOVERING if packet.recovering else 0)
    front = _FRONT.pack(packet.dropped, packet.number, error)
    samples = packet.samples.astype("<u2").tobytes()
    backlog = bytes([min(255, int(packet.backlog * _FULL)), 0])
    return extended(STREAM_DATA, front + samples + backlog, STREAM)
