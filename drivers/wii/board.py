"""The driver of the Wii Balance Board, whatever the way to it."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Final, TypeVar

from otolith.drivers.batch import Batch
from otolith.drivers.board import TWIN, BoardInfo, StreamStatistics
from otolith.drivers.counters import PATIENCE, Counters
from otolith.drivers.errors import BoardLost, BoardRefused, BoardTimeout, DriverError, MonikerError, ReportError
from otolith.drivers.hid.way import Way
from otolith.drivers.monikers import Stance
from otolith.drivers.reading import OneReader
from otolith.drivers.wii.codec import Handshake, reports
from otolith.drivers.wii.codec.handshake import STATUS, WAIT
from otolith.drivers.wii.correction import Correction
from otolith.drivers.wii.geometry import SPAN, wii_cells
from otolith.drivers.wii.intake import PERIOD, Intake
from otolith.drivers.wii.vitals import Vitals, level

FAMILY: Final = "wii"
MODES: Final = (reports.EXTENDED, reports.SENSORS)
"""Wanted in this order: some clones do the first only, some the second."""
GONE: Final = (
    "the board is gone: it has switched itself off, or its battery is empty, or it is out of range; press its front "
    "button, or its red SYNC button, to bring it back"
)
BLINKS: Final = 5
BLINK: Final = 0.2
"""Seconds."""

T = TypeVar("T")


class WiiBoard(OneReader):
    """An open board; see ``Board`` for the contract. ``counts`` are raw counts of the cells TR, BR, TL, BL.

    Samples come unevenly, about 100 a second, without a number and without a time: lost ones cannot be known, but for
    those whose report came and could not be read. With a ``correction`` counts are those of loads that it corrected.
    """

    def __init__(self, way: Way, info: BoardInfo, correction: Correction | None = None) -> None:
        self._way = way
        super().__init__(info)
        self._counters = Counters()
        self._connected = time.monotonic_ns()
        self._correction = correction
        self._intake = self._begun(Vitals(level=info.battery))
        self._mode = MODES[0]

    @property
    def vitals(self) -> Vitals:
        """What the newest sample said beside the loads."""
        return self._intake.vitals

    def statistics(self) -> StreamStatistics:
        """Read the counters, from any thread."""
        now = self._counters
        return StreamStatistics(
            now.reports,
            now.samples,
            now.missed,
            now.malformed,
            self._way.statistics().overruns,
            now.presses,
            self.vitals.battery,
        )

    async def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        """Every batch through ``transform``, which runs where the reports arrive."""
        self._claim()
        try:
            # Whatever comes before the answer to this was on its way already; after it data stop until the mode is set.
            handshake = Handshake((STATUS,))
            await self._unless_gone(converse(self._way, handshake))
            self._intake = self._begun(self.vitals.after(handshake.status) if handshake.status else self.vitals)
            while True:
                try:
                    async with aclosing(self._samples(transform)) as samples:
                        async for item in samples:
                            yield item
                except BoardTimeout:
                    await self._say(reports.ask_status())
                    if self._intake.lively or self._mode == MODES[-1]:
                        raise
                    self._mode = MODES[-1]
                else:
                    return
        finally:
            self._streaming = False
            with suppress(DriverError):
                await self._way.send(reports.mode(reports.BUTTONS, continuous=False))

    def _begun(self, vitals: Vitals) -> Intake:
        return Intake(self._counters, vitals=vitals, connected=self._connected, correction=self._correction)

    async def _say(self, report: bytes) -> None:
        await self._unless_gone(self._way.send(report))

    async def _unless_gone(self, saying: Awaitable[None]) -> None:
        """Raises BoardLost where the place that the board had is empty now: an adapter goes on without its board."""
        try:
            await saying
        except BoardRefused as error:
            raise BoardLost(GONE) from error

    async def _samples(self, transform: Callable[[Batch], T]) -> AsyncGenerator[T, None]:
        intake = self._intake

        def take(report: bytes, t_host: int) -> list[T] | None:
            items = [transform(batch) for batch in intake.take(report, t_host)]
            return items if items or intake.unset else None

        await self._say(reports.mode(self._mode))
        async with aclosing(self._way.reports(take, silence=PATIENCE)) as news:
            async for items in news:
                if intake.unset:
                    intake.unset = False
                    await self._say(reports.mode(self._mode))
                for item in items:
                    yield item

    async def identify(self) -> None:
        """Blink with the light of the front button."""
        for _ in range(BLINKS):
            for on in (False, True):
                await self._say(reports.light(on=on))
                await asyncio.sleep(BLINK)

    async def aclose(self) -> None:
        """Stop and let go; safe to call twice."""
        await self._way.aclose()


async def converse(way: Way, handshake: Handshake) -> None:
    """Ask until all is answered; raises BoardRefused, BoardTimeout, BoardLost."""
    questions = deque(handshake.begin())

    def take(report: bytes, t_host: int) -> bool | None:
        del t_host
        try:
            # Kept here and not handed on: several reports may be read before whoever waits for them wakes.
            questions.extend(handshake.take(reports.decode(report)))
        except ReportError:
            return None
        return True if questions or handshake.done else None

    while not handshake.done:
        while questions:
            await way.send(questions.popleft())
        if not await _answered(way, take):
            questions.extend(handshake.expired())


async def _answered(way: Way, take: Callable[[bytes, int], bool | None]) -> bool:
    """Whether there is something to send or nothing more to ask; False where ``WAIT`` is over, or the way has ended."""
    try:
        async with asyncio.timeout(WAIT), aclosing(way.reports(take)) as news:
            return await anext(news)
    except (TimeoutError, StopAsyncIteration):
        return False


async def board_over(way: Way, moniker: str, stance: Stance, name: str) -> WiiBoard:
    """A board at the other end of ``way``, woken and asked who it is; raises DriverError and leaves the way open then.

    A board has no serial number of its own: the checksum of its calibration, different on every board, is its name.
    """
    if stance.interval is not None:
        raise MonikerError(f"interval={stance.interval}: a Wii Balance Board samples when it likes, about every 10 ms")
    handshake = Handshake(trusting=stance.crc == "ignore")
    await converse(way, handshake)
    block, status = handshake.block, handshake.status
    if block is None or status is None:
        raise BoardRefused("the board has told nothing of itself")
    try:
        calibration = block.calibration(stance.gravity)
    except ReportError as error:
        raise BoardRefused(str(error)) from error
    await way.send(reports.light(on=True))
    info = BoardInfo(
        moniker=moniker,
        family=FAMILY,
        model="Wii Balance Board",
        serial=f"{block.computed:08x}",
        firmware="",
        unit="count",
        rate=1.0 / PERIOD,
        cells=wii_cells(stance.cells or SPAN, stance.turn),
        calibration=calibration,
        simulated=TWIN in name,
        battery=0.0 if status.low else level(status.battery),
        irregular=True,
    )
    return WiiBoard(way, info, Correction(calibration, block.temperature) if stance.temperature == "correct" else None)
