"""1046_1 on the wire: vendor control requests out, one little packet per channel in."""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from otolith.drivers.errors import ReportError
from otolith.drivers.phidget_bridge.codec.converter import ALL, CHANNELS

OUT: Final = 0x41
IN: Final = 0xC1
"""bmRequestType: vendor request to an interface, out and in."""
GAINS: Final = {1: 1, 2: 2, 4: 3, 8: 4, 16: 5, 32: 6, 64: 7, 128: 8}
GAIN_OF: Final = {code: gain for gain, code in GAINS.items()}
STATUS_LENGTH: Final = 1 + 4 * CHANNELS


class Request(IntEnum):
    """bRequest."""

    CHANNEL_WRITE = 0
    CHANNEL_READ = 1
    DEVICE_WRITE = 2
    DEVICE_READ = 3


class Kind(IntEnum):
    """Types of packets and of channel properties: the high byte of wValue, or the first byte of a packet."""

    TRIGGER = 0x1A
    RATIO = 0x1B
    SATURATION = 0x1C
    GAIN = 0x1D
    ENABLED = 0x1E
    RESET = 0xFA
    OPEN = 0xFB
    INTERVAL = 0xFC


class Fault(IntEnum):
    """What a packet says is wrong with its channel (int8 on the wire)."""

    LOW = -1
    UNKNOWN = 0
    HIGH = 1


@dataclass(frozen=True, slots=True)
class Packet:
    """News of one channel: its ratio, a fault, or both."""

    channel: int
    ratio: float | None
    """V/V; the wire's float32 is exact in it. None where the packet tells of saturation only."""
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """The answer to a device read."""

    enabled: int
    intervals: tuple[float, ...]
    """ms, per channel."""


def decode(transfer: bytes) -> Iterator[Packet]:
    """The packets of one transfer, in order; ReportError at the first byte that cannot be part of one.

    A fault byte after a ratio cannot be taken for the next packet: no fault has the number of a packet type.
    """
    rest = transfer
    if not rest:
        raise ReportError("an empty transfer")
    while rest:
        packet, size = _packet(rest)
        yield packet
        rest = rest[size:]


def _packet(rest: bytes) -> tuple[Packet, int]:
    if rest[0] not in (Kind.RATIO, Kind.SATURATION):
        raise ReportError(f"no packet begins with {rest[0]:02X}")
    need = 6 if rest[0] == Kind.RATIO else 3
    if len(rest) < need:
        raise ReportError(f"a packet of {need} bytes ends after {len(rest)}")
    if rest[1] >= CHANNELS:
        raise ReportError(f"a packet of channel {rest[1]}; a 1046_1 has {CHANNELS}")
    if rest[0] == Kind.SATURATION:
        return Packet(rest[1], None, _fault(rest[2])), need
    follows = len(rest) > need and rest[need] not in (Kind.RATIO, Kind.SATURATION)
    fault = _fault(rest[need]) if follows else None
    (value,) = struct.unpack("<f", rest[2:6])
    if fault is None and not abs(value) <= 1.0:
        raise ReportError(f"a ratio of {value:g} V/V, outside the converter's range")
    return Packet(rest[1], value if math.isfinite(value) else None, fault), need + follows


def _fault(byte: int) -> Fault:
    try:
        return Fault(byte - 256 if byte > 127 else byte)  # noqa: PLR2004 - int8
    except ValueError:
        raise ReportError(f"fault {byte:02X} is none that a 1046_1 knows") from None


def encode(packet: Packet) -> bytes:
    """The board's own side: the bytes of one packet."""
    fault = b"" if packet.fault is None else packet.fault.to_bytes(1, "little", signed=True)
    if packet.ratio is None:
        return bytes([Kind.SATURATION, packet.channel]) + fault
    return bytes([Kind.RATIO, packet.channel]) + struct.pack("<f", packet.ratio) + fault


def encode_trigger(change: float) -> bytes:
    """Payload of TRIGGER: the change of ratio that is worth a packet, 0 for every sample."""
    return int(change * 2**31).to_bytes(4, "big")


def encode_interval(milliseconds: float) -> bytes:
    """Payload of INTERVAL."""
    return struct.pack("<f", milliseconds)


def decode_interval(payload: bytes) -> float:
    """Payload of INTERVAL as ms; ReportError if it cannot be one."""
    if len(payload) != 4:  # noqa: PLR2004 - float32
        raise ReportError(f"an interval of {len(payload)} bytes instead of 4")
    (value,) = struct.unpack("<f", payload)
    if not 0.0 < value <= 60000.0:  # noqa: PLR2004 - the vendor's library takes more for "unknown"
        raise ReportError(f"an interval of {value:g} ms")
    return float(value)


def encode_status(status: Status) -> bytes:
    """The board's own side of a device read."""
    return bytes([status.enabled]) + struct.pack(f"<{CHANNELS}f", *status.intervals)


def decode_status(payload: bytes) -> Status:
    """Read the answer to a device read; ReportError if it cannot be one."""
    if len(payload) != STATUS_LENGTH or payload[0] & ~ALL:
        raise ReportError(f"a status of {len(payload)} bytes, {payload[:1].hex()}…, is not a 1046_1's")
    return Status(payload[0], struct.unpack(f"<{CHANNELS}f", payload[1:]))
