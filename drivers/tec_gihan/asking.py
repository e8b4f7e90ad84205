"""What a computer asks a controller, one line after the other, over its FTDI chip."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass
from typing import Final, TypeVar

from otolith.drivers.errors import BoardRefused, BoardTimeout, ReportError
from otolith.drivers.ftdi.chip import data_of, purge, set_up
from otolith.drivers.ftdi.numbers import ENDPOINT_OUT
from otolith.drivers.tec_gihan.codec import words
from otolith.drivers.tec_gihan.codec.numbers import BAUD, NOMINAL, RANGES, State
from otolith.drivers.tec_gihan.codec.words import Lines, Question, line
from otolith.drivers.wire import UsbWire

LATENCY: Final = 2
"""ms between packets of an idle chip. The maker's program has 1; a block takes a hundred."""
REPLY: Final = 1.0
"""Seconds for an answer."""
POLL: Final = 0.1
"""Seconds between two questions for the state."""
STOPPING, WAKING, ZEROING = 2.0, 20.0, 10.0
"""Seconds until the controller has to be idle: after STOP (ours), WAKE and ZERO (the maker's)."""
UNDISTURBED: Final = 1.0
"""Seconds after ZERO, and ..."""
SETTLING: Final = 0.1
"""... after RANGE and STOP in which nothing may be asked, or the plates lose commands."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PlateFacts:
    """What a plate says of itself."""

    serial: int
    depth: float
    """Metres from the surface to the centre of its sensors."""
    scales: tuple[tuple[float, ...], ...]
    """Full scale by range: N and N m."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a controller and its plates say of themselves."""

    serial: str
    version: str
    rate: str
    range: str
    plates: tuple[PlateFacts, ...]


async def wake(wire: UsbWire) -> None:
    """Set the line up, end what runs, and wait until the controller is idle. Raises DriverError."""
    await set_up(wire, BAUD, LATENCY)
    await stop(wire)
    state = await ask(wire, words.STATE)
    if state == State.SLEEP:
        await tell(wire, "WAKE")
        await _idle(wire, "WAKE", WAKING, {State.SLEEP})
    elif state != State.IDLE:
        await stop(wire)
        await _idle(wire, "STOP", STOPPING, set(State))


async def introduce(wire: UsbWire) -> Facts:
    """Ask who is there; the controller is idle. Raises DriverError."""
    serial, version = await ask(wire, words.SERIAL), await ask(wire, words.VERSION)
    rate, span = await ask(wire, words.RATE), await ask(wire, words.RANGE)
    count = await ask(wire, words.PLATES)
    return Facts(serial, version, rate, span, tuple([await _plate(wire, index) for index in range(count)]))


async def set_rate(wire: UsbWire, word: str) -> None:
    """One of ``RATES``. Raises DriverError."""
    await ask(wire, words.set_rate(word))


async def set_range(wire: UsbWire, span: str) -> None:
    """One of ``RANGES``; nothing answers, so it is asked afterwards. Raises BoardRefused where it was not taken."""
    await tell(wire, f"RANGE_{span}")
    await asyncio.sleep(SETTLING)
    taken = await ask(wire, words.RANGE)
    if taken != span:
        raise BoardRefused(f"the controller stays in the range {taken} and does not take {span}")


async def zero(wire: UsbWire) -> None:
    """Have the plates take their own zero; nobody stands on them. Raises BoardRefused, BoardTimeout."""
    await tell(wire, "ZERO")
    await asyncio.sleep(UNDISTURBED)
    await _idle(wire, "ZERO", ZEROING, {State.ZERO})


async def stop(wire: UsbWire) -> None:
    """End a measurement, and throw away what is still on its way."""
    await tell(wire, "STOP")
    await asyncio.sleep(SETTLING)
    await purge(wire)


async def tell(wire: UsbWire, command: str) -> None:
    """A command that nothing answers."""
    await wire.write(ENDPOINT_OUT, line(command))


async def ask(wire: UsbWire, question: Question[T]) -> T:
    """A command and its answer; what else is said meanwhile is passed over. Raises BoardTimeout, BoardRefused."""
    await tell(wire, question.command)
    try:
        async with asyncio.timeout(REPLY):
            return await _answer(wire, question)
    except TimeoutError as error:
        raise BoardTimeout(f"the force plate controller does not answer {question.command}") from error
    except ReportError as error:
        raise BoardRefused(str(error)) from error


async def _answer(wire: UsbWire, question: Question[T]) -> T:
    lines = Lines()
    stream = wire.packets(lambda packet, _: lines.feed(_data(packet)) or None)
    try:
        async for said in stream:
            for one in said:
                answer = question.answer(one)
                if answer is not None:
                    return answer
    finally:
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()
    raise BoardTimeout(f"the force plate controller does not answer {question.command}")


def _data(packet: bytes) -> bytes:
    """A damaged packet says nothing: its line is never finished, and times out."""
    try:
        return data_of(packet)
    except ReportError:
        return b""


async def _idle(wire: UsbWire, after: str, seconds: float, meanwhile: Collection[str]) -> None:
    """Wait until it is idle; anything but the states ``meanwhile`` is an error."""
    for _ in range(max(1, round(seconds / POLL))):
        state = await ask(wire, words.STATE)
        if state == State.IDLE:
            return
        if state not in meanwhile:
            raise BoardRefused(f"after {after} the force plate controller says {state}: check its plates and cables")
        await asyncio.sleep(POLL)
    raise BoardTimeout(f"{seconds:g} s after {after} the force plate controller is not ready yet")


async def _plate(wire: UsbWire, index: int) -> PlateFacts:
    serial = await ask(wire, words.plate_serial(index))
    if serial <= 0:
        return PlateFacts(0, 0.0, NOMINAL)
    depth, scales = await ask(wire, words.depth(serial)), await ask(wire, words.scales(serial))
    if len(scales) != len(RANGES):
        raise BoardRefused(f"plate {serial} has {len(scales)} ranges, not {len(RANGES)}")
    return PlateFacts(serial, abs(depth), scales)
