"""Questions and answers of the U3 and the U6."""

from collections.abc import Callable
from typing import TypeVar

from otolith.drivers.errors import BoardRefused, MonikerError, ReportError
from otolith.drivers.labjack.codec import commands
from otolith.drivers.labjack.codec.pace import Pace, nearest
from otolith.drivers.labjack.codec.reasons import NOT_RUNNING, reason
from otolith.drivers.labjack.way import OUT, REPLIES, STREAM
from otolith.drivers.wire import UsbWire

T = TypeVar("T")


async def asked(wire: UsbWire, question: bytes, read: Callable[[bytes], T]) -> T:
    """The answer, read; BoardRefused where it cannot be."""
    try:
        return read(await wire.ask(OUT, question, REPLIES))
    except ReportError as error:
        raise BoardRefused(f"this is no U3 or U6, or its firmware is at fault: {error}") from error


async def told(wire: UsbWire, command: bytes) -> None:
    """An extended command that is answered by an error code alone; BoardRefused with its reason."""
    _hear(await asked(wire, command, lambda raw: commands.decode_error(raw, command[3])))


async def memory(wire: UsbWire, blocks: range) -> tuple[tuple[float, ...], ...]:
    """Blocks of calibration memory."""
    return tuple([await asked(wire, commands.ask_block(block), commands.decode_block) for block in blocks])


async def start(wire: UsbWire) -> None:
    """Throw away what an earlier stream left, and start."""
    await wire.drain(STREAM)
    _hear(await asked(wire, commands.START, lambda raw: commands.decode_done(raw, commands.STARTED)))


async def stop(wire: UsbWire) -> None:
    """Stop, whether or not it runs."""
    error = await asked(wire, commands.STOP, lambda raw: commands.decode_done(raw, commands.STOPPED))
    if error != NOT_RUNNING:
        _hear(error)


def paced(rate: float) -> Pace:
    """The scan clock that is nearest to a rate; MonikerError where there is none."""
    try:
        return nearest(rate)
    except ValueError as error:
        raise MonikerError(f"rate={rate:g}: {error}") from None


def _hear(error: int) -> None:
    if error:
        raise BoardRefused(f"the LabJack refused: {reason(error)}")


async def serial(wire: UsbWire) -> str:
    """What a U3 or a U6 says is its serial number."""
    return str((await asked(wire, commands.ASK_CONFIG, commands.decode_config)).serial)
