"""What a host asks a USB-1608FS-Plus, in the device's words, over any wire."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

from otolith.drivers.errors import BoardRefused, ReportError
from otolith.drivers.mcc1608.codec.memory import SIZE, Memory, decode_memory
from otolith.drivers.mcc1608.codec.numbers import ENDPOINT, IN, INPUTS, OUT, SERIAL, Request, Status
from otolith.drivers.mcc1608.codec.records import Scan, decode_ranges, decode_serial, decode_status, encode_scan
from otolith.drivers.wire import UsbWire, Wire

BLINKS: Final = 5
T = TypeVar("T")


async def serial(wire: Wire) -> str:
    """Its own serial number; BoardRefused where it has none."""
    return await _get(wire, Request.SERIAL, SERIAL, decode_serial)


async def memory(wire: Wire) -> Memory:
    """Its factory calibration; BoardRefused where that is blank or cannot be."""
    return await _get(wire, Request.MEMORY, SIZE, decode_memory)


async def status(wire: Wire) -> Status:
    """How its scan is."""
    return await _get(wire, Request.STATUS, 2, decode_status)


async def volts_code(wire: Wire, number: int, scale: int) -> int:
    """The code of one input, now; BoardRefused during a scan."""
    return int.from_bytes(await wire.control(IN, Request.AIN, number, scale, 2), "little")


async def counted(wire: Wire) -> int:
    """Events on its counter input."""
    return int.from_bytes(await wire.control(IN, Request.COUNTER, 0, 0, 4), "little")


async def blink(wire: Wire) -> None:
    """Have its light blink."""
    await wire.control(OUT, Request.BLINK, 0, 0, bytes([BLINKS]))


async def halt(wire: Wire) -> None:
    """End a scan, and forget what it left behind."""
    await wire.control(OUT, Request.SCAN_STOP, 0, 0)
    await wire.control(OUT, Request.SCAN_CLEAR, 0, 0)
    await wire.control(OUT, Request.STATUS, 0, 0)


async def begin(wire: UsbWire, scan: Scan, ranges: tuple[int, ...]) -> None:
    """Start a scan of which nothing is mixed with an earlier one's; BoardRefused where the ranges are not taken."""
    await halt(wire)
    with suppress(BoardRefused):  # a halted endpoint has nothing to drain, and is cleared with the first read
        await wire.drain(ENDPOINT)
    await wire.control(OUT, Request.SCAN_CONFIG, 0, 0, bytes(ranges))
    taken = await _get(wire, Request.SCAN_CONFIG, INPUTS, decode_ranges)
    if taken != ranges:
        raise BoardRefused(f"the DAQ took the ranges {taken}, not {ranges} as it was told")
    await wire.control(OUT, Request.SCAN_START, 0, 0, encode_scan(scan))


async def _get(wire: Wire, request: Request, length: int, decode: Callable[[bytes], T]) -> T:
    raw = await wire.control(IN, request, 0, 0, length)
    try:
        return decode(raw)
    except ReportError as error:
        raise BoardRefused(f"this DAQ cannot be used: {error}") from error
