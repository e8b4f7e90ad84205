"""The driver of a Go!Link with an FP-BTA force plate."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, suppress
from typing import Final, TypeVar

from otolith.drivers.batch import Batch
from otolith.drivers.board import TWIN, BoardInfo, StreamStatistics
from otolith.drivers.counters import Counters, patience
from otolith.drivers.errors import DriverError, MonikerError
from otolith.drivers.monikers import Stance
from otolith.drivers.reading import OneReader
from otolith.drivers.usb.pipe import open_pipe
from otolith.drivers.usb.seen import Seen
from otolith.drivers.vernier.go_link.codec.packet import MOST, Command
from otolith.drivers.vernier.go_link.codec.records import TICK, decode_serial, decode_status
from otolith.drivers.vernier.go_link.force import CHANNEL, SPAN, nominal
from otolith.drivers.vernier.go_link.intake import Intake
from otolith.drivers.vernier.go_link.line import Line
from otolith.drivers.vernier.plate import FORCE, refuse_places
from otolith.drivers.wire import Identity, Listen, Wire

PRODUCT: Final = 0x0003
FAMILY: Final = "vernier_go_link"
INTERVAL: Final = 10
"""Milliseconds between samples unless told."""
SHORTEST: Final = 5
"""Milliseconds: 200 samples a second are the most that Vernier promises for a stream."""
LOOK: Final = 1.0
"""Seconds between two looks at the device's status while it measures."""
GREEN, ORANGE = (0x80, 0x10), (0x00, 0x04)
"""Colour and brightness of its light."""
BLINKS: Final = 5
BLINK: Final = 0.2
"""Seconds."""

T = TypeVar("T")


class GoLinkBoard(OneReader):
    """An open plate; see ``Board`` for the contract. ``counts`` are the converter's, -32768 to 32767."""

    def __init__(self, line: Line, info: BoardInfo) -> None:
        super().__init__(info)
        self._line = line
        self._counters = Counters()

    def statistics(self) -> StreamStatistics:
        """Read the counters, from any thread."""
        now = self._counters
        overruns = self._line.wire.statistics().overruns
        return StreamStatistics(now.reports, now.samples, now.missed, now.malformed, overruns)

    async def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        """Every batch through ``transform``, which runs where the bytes arrive."""
        self._claim()
        period = 1.0 / self._info.rate
        try:
            await self._line.ask(Command.INIT)  # stops, and forgets its faults
            await self._line.ask(Command.SET_CHANNEL, CHANNEL)
            await self._line.ask(Command.SET_PERIOD, *round(period / TICK).to_bytes(4, "little"))
            intake = Intake(period, self._counters)

            def take(raw: bytes, t_host: int) -> list[T] | None:
                return [transform(batch) for batch in intake.take(raw, t_host)] or None

            await self._line.send(Command.START)
            look = max(1, round(LOOK / period))
            async with aclosing(self._line.wire.packets(take, silence=patience(period))) as packets:
                async for items in packets:
                    for item in items:
                        yield item
                    if intake.told >= look:
                        intake.told = 0
                        await self._line.send(Command.STATUS)
        finally:
            self._streaming = False
            with suppress(DriverError):
                await self._line.send(Command.STOP)

    async def identify(self) -> None:
        """Blink."""
        for _ in range(BLINKS):
            for light in (ORANGE, GREEN):
                await self._line.send(Command.SET_LIGHT, *light)
                await asyncio.sleep(BLINK)

    async def aclose(self) -> None:
        """Let go; safe to call twice."""
        await self._line.wire.aclose()


async def open_go_link(seen: Seen, moniker: str, stance: Stance, listen: Listen | None = None) -> GoLinkBoard:
    """Open what ``seen`` found; raises DriverError. ``listen`` may put itself between the driver and the device."""
    pipe = await open_pipe(seen)
    wire: Wire = listen(pipe) if listen else pipe
    try:
        return await go_link_over(wire, Identity(seen.release, seen.serial, seen.name), moniker, stance)
    except BaseException:
        await wire.aclose()
        raise


async def go_link_over(wire: Wire, identity: Identity, moniker: str, stance: Stance) -> GoLinkBoard:
    """The device at the other end of ``wire``, asked who it is; raises DriverError and leaves the wire open then."""
    refuse_places(stance)
    interval, span = stance.interval or INTERVAL, stance.range or SPAN
    if interval < SHORTEST:
        raise MonikerError(f"interval={interval}: a Go!Link samples every {SHORTEST} ms at best")
    line = Line(wire)
    await line.ask(Command.INIT)
    status = await line.learn(Command.STATUS, decode_status)
    serial = await line.learn(Command.SERIAL, decode_serial)
    info = BoardInfo(
        moniker=moniker,
        family=FAMILY,
        model=f"Vernier Go!Link with FP-BTA, range to {span} N",
        serial=serial,
        firmware=status.firmware,
        unit="count",
        rate=1e3 / interval,
        cells=FORCE,
        calibration=nominal(span),
        simulated=TWIN in identity.name,
        latency=(MOST - 1) * interval * TICK,
    )
    return GoLinkBoard(line, info)
