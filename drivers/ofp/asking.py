"""What a host asks a plate, in the plate's words, over any wire."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from otolith.drivers.errors import BoardRefused, ReportError
from otolith.drivers.ofp.codec.numbers import RECORD, VERSION, Mode, Refusal, Request
from otolith.drivers.ofp.codec.records import (
    Cal,
    Info,
    Place,
    State,
    decode_cal,
    decode_info,
    decode_layout,
    decode_state,
    encode_cal,
)
from otolith.drivers.ofp.codec.unlock import key
from otolith.drivers.wire import Wire

OUT: Final = 0x40
IN: Final = 0xC0
"""Vendor requests to the device."""
_CHALLENGE: Final = 4
_CLOCK: Final = struct.Struct("<Q")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plate:
    """All that a plate says of itself."""

    info: Info
    cal: Cal
    places: tuple[Place, ...]


async def introduce(wire: Wire) -> Plate:
    """Ask who it is; BoardRefused where it is no plate, or one of another major version."""
    info = await _get(wire, Request.GET_INFO, decode_info)
    if info.version >> 8 != VERSION >> 8:
        raise BoardRefused(f"the plate speaks OFP {info.version >> 8}.{info.version & 0xFF}; this program speaks OFP 1")
    cal = await _get(wire, Request.GET_CAL, lambda raw: decode_cal(raw, info.channels, info.outputs))
    places = await _get(wire, Request.GET_LAYOUT, lambda raw: decode_layout(raw, info.outputs))
    return Plate(info, cal, places)


async def state(wire: Wire) -> State:
    """STATUS; reading it clears its refusal."""
    return await _get(wire, Request.STATUS, decode_state)


async def clock(wire: Wire) -> int:
    """The device's clock, microseconds."""
    raw = await wire.control(IN, Request.TIMESYNC, 0, 0, RECORD)
    if len(raw) != _CLOCK.size:
        raise BoardRefused(f"TIMESYNC brings {_CLOCK.size} bytes, not {len(raw)}")
    return int(_CLOCK.unpack(raw)[0])


async def set_rate(wire: Wire, millihertz: int) -> State:
    """Ask for a rate; returns the state with the rate that it took. BoardRefused where it takes none."""
    await order(wire, Request.SET_RATE, data=millihertz.to_bytes(4, "little"))
    return await state(wire)


async def start(wire: Wire, tag: int, mode: Mode = Mode.SAMPLES) -> None:
    """Have scans sent under ``tag``."""
    await order(wire, Request.START, mode | tag << 8)


async def set_cal(wire: Wire, plate: Plate, cal: Cal) -> None:
    """Have the plate keep another calibration; BoardRefused with its reason, and where ``cal`` is not of its shape.

    What was said of the plate before does not hold any more: introduce it again.
    """
    shape = plate.info.outputs, plate.info.channels
    if (len(cal.matrix), len(cal.zeros)) != shape or any(len(row) != shape[1] for row in cal.matrix):
        raise BoardRefused(f"this plate's calibration has {shape[0]} outputs of {shape[1]} channels")
    raw = await wire.control(IN, Request.UNLOCK, 0, 0, RECORD)
    if len(raw) != _CHALLENGE:
        raise BoardRefused(f"UNLOCK brings {_CHALLENGE} bytes, not {len(raw)}")
    word = key(int.from_bytes(raw, "little"), plate.info.serial)
    await order(wire, Request.SET_CAL, data=word.to_bytes(4, "little") + encode_cal(cal))


async def order(wire: Wire, request: Request, value: int = 0, data: bytes = b"") -> None:
    """Anything that answers nothing; BoardRefused with the plate's own reason."""
    try:
        await wire.control(OUT, request, value, 0, data)
    except BoardRefused as error:
        reason = reason_of((await state(wire)).refusal)
        raise BoardRefused(f"the plate refused {request.name}: {reason}") from error


def reason_of(refusal: int) -> str:
    """In words."""
    known = refusal in list(Refusal) and refusal
    return Refusal(refusal).name.lower().replace("_", " ") if known else f"reason {refusal}"


async def _get(wire: Wire, request: Request, decode: Callable[[bytes], T]) -> T:
    raw = await wire.control(IN, request, 0, 0, RECORD)
    try:
        return decode(raw)
    except ReportError as error:
        raise BoardRefused(f"this is no OFP plate, or its firmware is at fault: {error}") from error
