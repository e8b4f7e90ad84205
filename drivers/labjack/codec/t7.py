"""The T7: its registers, its calibration, and the packets of its stream (T-Series datasheet, 3.2 and 20.0.1)."""

import struct
from typing import Final

import numpy as np

from otolith.drivers.errors import ReportError
from otolith.drivers.labjack.codec.packet import Packet
from otolith.drivers.labjack.codec.reasons import T7_RECOVERED, T7_RECOVERING
from otolith.drivers.labjack.codec.scale import Scale

PRODUCT: Final = 7
CHANNELS: Final = 14
"""Analogue inputs AIN0 to AIN13."""
RANGES: Final = (10.0, 1.0, 0.1, 0.01)
"""Volts, in the order of the calibration."""
MOST: Final = 24
"""Samples in a packet over USB."""
WRAP: Final = 1 << 16
"""Packets are numbered by their transaction, from 0 at the start of a stream."""
BUFFER: Final = 32768
"""Bytes of its stream buffer that the driver asks for."""

TEST: Final = 55100
"""Holds ``TEST_VALUE`` ..."""
TEST_VALUE: Final = 0x00112233
"""... on every T-series device."""
PRODUCT_ID: Final = 60000
HARDWARE: Final = 60002
FIRMWARE: Final = 60004
INSTALLED: Final = 60010
PRO: Final = 1
"""Bit of ``INSTALLED``: the second converter, which does not stream."""
SERIAL: Final = 60028

RANGE: Final = 40000
"""Float32, two registers per input."""
NEGATIVE: Final = 41000
"""One register per input ..."""
SINGLE_ENDED: Final = 199
"""... that is this where it is measured against ground."""

SCAN_RATE: Final = 4002
CHANNEL_COUNT: Final = 4004
PACKET_SAMPLES: Final = 4006
SETTLING: Final = 4008
RESOLUTION: Final = 4010
BUFFER_BYTES: Final = 4012
CLOCK: Final = 4014
TARGET: Final = 4016
USB: Final = 2
"""Value of ``TARGET``."""
DATA_TYPE: Final = 4018
SCANS: Final = 4020
LIST: Final = 4100
ENABLE: Final = 4990
"""Written last."""

FLASH_POINTER: Final = 61810
FLASH: Final = 61812
CALIBRATION: Final = 0x3C4000
"""Where in flash: for each range, of the fast converter: slopes above and below zero, the code at zero, an offset."""
SET: Final = struct.Struct(">4f")
NOMINAL: Final = (3.1580578e-4, -3.158058e-4, 33523.0, -10.586956522)
"""At +-10 V; smaller ranges are tenths of it, but for the code at zero."""

_FUNCTION: Final = 0x4C
_TYPE: Final = 16
_HEAD: Final = struct.Struct(">HHHBBBBHHH")
_OVER_HEAD: Final = 10
"""Bytes that the length field counts beside the samples."""


def size(samples: int) -> int:
    """Bytes of a packet."""
    return _HEAD.size + 2 * samples


def decode(raw: bytes, samples: int) -> Packet:
    """A packet of so many samples, and after it nothing but zeros; ReportError."""
    if len(raw) < size(samples) or any(raw[size(samples) :]):
        raise ReportError(f"a packet of {samples} samples has {size(samples)} bytes, not {len(raw)}")
    number, protocol, length, unit, function, kind, _, backlog, status, more = _HEAD.unpack_from(raw)
    if (protocol, length, unit, function, kind) != (0, _OVER_HEAD + 2 * samples, 1, _FUNCTION, _TYPE):
        raise ReportError(f"this is no packet of {samples} samples: {raw[: _HEAD.size].hex(' ')}")
    return Packet(
        number=number,
        samples=np.frombuffer(raw, ">u2", samples, _HEAD.size).astype(np.uint16),
        backlog=backlog / BUFFER,
        recovering=status == T7_RECOVERING,
        dropped=more if status == T7_RECOVERED else 0,
        error=0 if status in (T7_RECOVERING, T7_RECOVERED) else status,
    )


def encode(packet: Packet) -> bytes:
    """The inverse of :func:`decode`."""
    status = packet.error or (T7_RECOVERED if packet.dropped else T7_RECOVERING if packet.recovering else 0)
    length = _OVER_HEAD + 2 * len(packet.samples)
    backlog = min(0xFFFF, round(packet.backlog * BUFFER))
    head = _HEAD.pack(packet.number, 0, length, 1, _FUNCTION, _TYPE, 0, backlog, status, packet.dropped)
    return head + packet.samples.astype(">u2").tobytes()


def scale(sets: tuple[tuple[float, float, float, float], ...]) -> Scale:
    """Volts of codes by the calibration of each channel's range, as in flash."""
    return Scale(
        centre=tuple(one[2] for one in sets), above=tuple(one[0] for one in sets), below=tuple(-one[1] for one in sets)
    )


def nominal_flash() -> bytes:
    """What an ideal device's flash holds from ``CALIBRATION`` on, for the fast converter."""
    above, below, centre, offset = NOMINAL
    tenths = [10.0**-index for index in range(len(RANGES))]
    return b"".join(SET.pack(above * tenth, below * tenth, centre, offset * tenth) for tenth in tenths)
