"""What a plate says of itself when it is asked: INFO, CAL, LAYOUT and STATUS."""

import struct
from dataclasses import astuple, dataclass
from itertools import chain
from typing import Final

from otolith.drivers.errors import ReportError
from otolith.drivers.ofp.codec.form import Field, Form, finite, opened, sealed
from otolith.drivers.ofp.codec.numbers import MAGIC, VALUES, Capability, Quantity, Status

INFO: Final = Form(
    "info",
    (
        Field("magic", "u8", '"OFP1"', 4),
        Field("version", "u16", "0x0100: major in the high byte, minor in the low one"),
        Field("capabilities", "u16", "capability bits"),
        Field("channels", "u8", "1 to 10, values in a scan"),
        Field("outputs", "u8", "1 to 10, rows of the calibration"),
        Field("bits", "u16", "significant bits of a value, 8 to 32, sign included"),
        Field("max_rate", "u32", "highest rate, millihertz"),
        Field("serial", "u64", "serial number, unique among the maker's plates"),
        Field("length", "f32", "of the top, mm, along y"),
        Field("width", "f32", "of the top, mm, along x"),
        Field("top", "f32", "height of the top above the plane of the cells, mm"),
        Field("cal_size", "u16", "bytes of CAL, checksum included"),
        Field("layout_size", "u16", "bytes of LAYOUT, checksum included"),
        Field("firmware", "u16", "firmware release in BCD, as bcdDevice"),
        Field("reserved", "u16", "0"),
    ),
)
PLACE: Final = Form(
    "place",
    (
        Field("name", "u8", "ASCII, padded with zeros", 4),
        Field("quantity", "u8", "what the output is"),
        Field("reserved", "u8", "0", 3),
        Field("x", "f32", "of a cell: mm to the right of the centre"),
        Field("y", "f32", "of a cell: mm in front of the centre"),
    ),
)
STATE: Final = Form(
    "state",
    (
        Field("status", "u8", "status bits as of now"),
        Field("tag", "u8", "stream tag of the last START"),
        Field("mode", "u8", "0 idle, 1 samples, 2 test pattern"),
        Field("refusal", "u8", "why the last refused request was refused; reading it clears it"),
        Field("rate", "u32", "rate in use, millihertz"),
        Field("lost", "u32", "scans that the plate could not send since START"),
        Field("sequence", "u32", "number of the next scan"),
        Field("clock", "u64", "device clock, microseconds"),
    ),
)


@dataclass(frozen=True, slots=True)
class Info:
    """INFO without what is always the same."""

    version: int
    capabilities: Capability
    channels: int
    outputs: int
    bits: int
    max_rate: int
    serial: int
    length: float
    width: float
    top: float
    firmware: int


@dataclass(frozen=True, slots=True)
class Cal:
    """``output[i] = sum over j of matrix[i][j] * (value[j] - zeros[j])``, in newtons, and N·m for moments."""

    matrix: tuple[tuple[float, ...], ...]
    zeros: tuple[float, ...]
    date: int
    """yyyymmdd in decimal, or 0."""


@dataclass(frozen=True, slots=True)
class Place:
    """An output: what it is, and of a cell where it stands (mm)."""

    name: str
    quantity: int
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class State:
    """STATUS."""

    status: Status
    tag: int
    mode: int
    refusal: int
    rate: int
    lost: int
    sequence: int
    clock: int


def encode_info(info: Info) -> bytes:
    """INFO; the sizes of CAL and LAYOUT follow from its channels and outputs."""
    *head, firmware = astuple(info)
    sizes = cal_size(info.channels, info.outputs), PLACE.struct.size * info.outputs + 4
    return sealed(INFO.struct.pack(*MAGIC, *head, *sizes, firmware, 0))


def decode_info(raw: bytes) -> Info:
    """ReportError for what is none; a longer record of a later minor version is read as far as it is known."""
    body = opened(raw, INFO.struct.size, "INFO")
    values = INFO.struct.unpack_from(body)
    if bytes(values[:4]) != MAGIC:
        raise ReportError(f"INFO begins with {bytes(values[:4])!r}, not with {MAGIC!r}")
    version, capabilities, channels, outputs, bits, max_rate, serial, length, width, top = values[4:14]
    if not (0 < channels <= VALUES and 0 < outputs <= VALUES and 8 <= bits <= 32 and max_rate):  # noqa: PLR2004 - as in the form
        raise ReportError(f"INFO: {channels} channels of {bits} bits, {outputs} outputs, {max_rate} mHz cannot be")
    finite("INFO", length, width, top)
    return Info(
        version, Capability(capabilities), channels, outputs, bits, max_rate, serial, length, width, top, values[16]
    )


def cal_size(channels: int, outputs: int) -> int:
    """Bytes of CAL."""
    return 4 * (outputs * channels + channels + 1) + 4


def encode_cal(cal: Cal) -> bytes:
    """CAL."""
    numbers = [*chain.from_iterable(cal.matrix), *cal.zeros]
    return sealed(struct.pack(f"<{len(numbers)}fI", *numbers, cal.date))


def decode_cal(raw: bytes, channels: int, outputs: int) -> Cal:
    """ReportError for what is none."""
    size = cal_size(channels, outputs)
    if len(raw) != size:
        raise ReportError(f"CAL of {channels} channels and {outputs} outputs has {size} bytes, not {len(raw)}")
    *numbers, date = struct.unpack(f"<{size // 4 - 2}fI", opened(raw, size - 4, "CAL"))
    finite("CAL", *numbers)
    rows = tuple(tuple(numbers[at : at + channels]) for at in range(0, outputs * channels, channels))
    return Cal(rows, tuple(numbers[outputs * channels :]), date)


def encode_layout(places: tuple[Place, ...]) -> bytes:
    """LAYOUT."""
    return sealed(b"".join(_place(place) for place in places))


def decode_layout(raw: bytes, outputs: int) -> tuple[Place, ...]:
    """ReportError for what is none; an unknown quantity is kept as its number."""
    size = PLACE.struct.size * outputs
    if len(raw) != size + 4:
        raise ReportError(f"LAYOUT of {outputs} outputs has {size + 4} bytes, not {len(raw)}")
    return tuple(map(_read_place, PLACE.struct.iter_unpack(opened(raw, size, "LAYOUT"))))


def encode_state(state: State) -> bytes:
    """STATUS."""
    return sealed(STATE.struct.pack(*astuple(state)))


def decode_state(raw: bytes) -> State:
    """ReportError for what is none; a longer record of a later minor version is read as far as it is known."""
    status, *rest = STATE.struct.unpack_from(opened(raw, STATE.struct.size, "STATUS"))
    return State(Status(status), *rest)


def _place(place: Place) -> bytes:
    name = place.name.encode("ascii")
    if len(name) > 4:  # noqa: PLR2004 - as in the form
        raise ValueError(f"the name of an output has at most four letters, not {place.name!r}")
    return PLACE.struct.pack(*name.ljust(4, b"\0"), place.quantity, 0, 0, 0, place.x, place.y)


def _read_place(values: tuple[int | float, ...]) -> Place:
    name = bytes(int(value) for value in values[:4]).rstrip(b"\0")
    x, y = values[8], values[9]
    finite("LAYOUT", x, y)
    if not name.isalnum():
        raise ReportError(f"LAYOUT names an output {name!r}; letters and digits are right")
    quantity = int(values[4])
    return Place(name.decode(), Quantity(quantity) if quantity in list(Quantity) else quantity, x, y)
