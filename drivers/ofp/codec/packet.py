"""The data packet: 64 bytes, one to ten scans."""

from typing import Final, NamedTuple

from otolith.drivers.errors import ReportError
from otolith.drivers.ofp.codec.form import Field, Form, opened, sealed
from otolith.drivers.ofp.codec.numbers import DATA_MARK, PACKET, VALUES, WIRE_VERSION, Status

FORM: Final = Form(
    "packet",
    (
        Field("mark", "u8", "0xA5"),
        Field("wire_version", "u8", "0x01"),
        Field("scans", "u8", "scans in this packet, at least 1; scans x channels is at most 10"),
        Field("channels", "u8", "values in a scan, as in INFO"),
        Field("sequence", "u32", "number of the first scan, modulo 2^32"),
        Field("clock", "u64", "device clock at the first scan, microseconds"),
        Field("period", "u16", "microseconds between its scans, rounded; 0 where there is one scan only"),
        Field("status", "u8", "status bits"),
        Field("tag", "u8", "stream tag of START"),
        Field("values", "i32", "scan by scan, channel by channel; what is left is zero", VALUES),
    ),
)
_STRUCT: Final = FORM.struct
_BODY: Final = _STRUCT.size


class Packet(NamedTuple):
    """Scans that follow one another without a gap."""

    sequence: int
    clock: int
    period: int
    status: Status
    tag: int
    scans: tuple[tuple[int, ...], ...]
    """Values by scan and channel."""


def encode(packet: Packet) -> bytes:
    """64 bytes; ValueError where the scans do not fit, or have no one length."""
    channels = len(packet.scans[0]) if packet.scans else 0
    values = [value for scan in packet.scans for value in scan]
    if not 0 < len(values) <= VALUES or len(values) != channels * len(packet.scans):
        raise ValueError(f"a packet holds 1 to {VALUES} values in scans of one length, not {packet.scans}")
    values += [0] * (VALUES - len(values))
    head = DATA_MARK, WIRE_VERSION, len(packet.scans), channels, packet.sequence, packet.clock
    return sealed(_STRUCT.pack(*head, packet.period, packet.status, packet.tag, *values))


def decode(raw: bytes) -> Packet:
    """ReportError for what is no packet; bytes of zeros, cut ends and flipped bits never are one."""
    if len(raw) != PACKET:
        raise ReportError(f"a data packet has {PACKET} bytes, not {len(raw)}")
    if raw[0] != DATA_MARK or raw[1] != WIRE_VERSION:
        raise ReportError(f"a data packet begins with a5 01, not {raw[:2].hex(' ')}")
    opened(raw, _BODY, "a data packet")
    _, _, scans, channels, sequence, clock, period, status, tag, *values = _STRUCT.unpack_from(raw)
    if not 0 < scans * channels <= VALUES:
        raise ReportError(f"a data packet cannot hold {scans} scans of {channels} channels")
    rows = tuple(tuple(values[at : at + channels]) for at in range(0, scans * channels, channels))
    return Packet(sequence, clock, period, Status(status), tag, rows)
