"""The driver of the Phidget Bridge 1046, which is also the BTrackS balance board: both firmware generations."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final, TypeVar

from otolith.drivers.batch import Batch
from otolith.drivers.board import TWIN, BoardInfo, StreamStatistics
from otolith.drivers.counters import Counters, patience
from otolith.drivers.errors import BoardLost, BoardRefused, BoardTimeout, DriverError
from otolith.drivers.monikers import Stance
from otolith.drivers.phidget_bridge.codec import Generation
from otolith.drivers.phidget_bridge.geometry import SPAN, btracks_cells
from otolith.drivers.phidget_bridge.intake import Intake
from otolith.drivers.phidget_bridge.links import INTERFACE, Link, link
from otolith.drivers.reading import OneReader
from otolith.drivers.usb.pipe import open_pipe
from otolith.drivers.usb.seen import Seen
from otolith.drivers.wire import Identity, Listen, UsbWire, Wire

FAMILY: Final = "phidget_bridge"
T = TypeVar("T")


class PhidgetBridge(OneReader):
    """An open bridge; see ``Board`` for the contract. ``counts`` are converter codes (1046_0) or V/V (1046_1)."""

    def __init__(self, wire: Wire, way: Link, info: BoardInfo) -> None:
        self._wire = wire
        self._link = way
        super().__init__(info)
        self._counters = Counters()
        self._streams = 0

    def statistics(self) -> StreamStatistics:
        """Read the counters, from any thread."""
        now = self._counters
        return StreamStatistics(now.reports, now.samples, now.missed, now.malformed, self._wire.statistics().overruns)

    async def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        """Every batch through ``transform``, which runs in the reader thread."""
        self._claim()
        intake = Intake(self._link.scanner(again=self._streams > 0), self._link.period, self._counters)
        self._streams += 1

        def take(packet: bytes, t_host: int) -> list[T] | None:
            return [transform(batch) for batch in intake.take(packet, t_host)] or None

        lost: DriverError | None = None
        try:
            await self._link.start(self._wire)
            try:
                async for items in self._wire.packets(take, silence=patience(self._link.period)):
                    for item in items:
                        yield item
            except (BoardLost, BoardTimeout) as error:
                lost = error
            for batch in intake.flush():
                yield transform(batch)
            if lost:
                raise lost
        finally:
            self._streaming = False
            with suppress(DriverError):
                await self._link.stop(self._wire)

    async def identify(self) -> None:
        """A bridge has nothing to blink with."""
        raise BoardRefused("a Phidget Bridge has no light to blink with; press on its board and watch the force")

    async def aclose(self) -> None:
        """Stop and let go; safe to call twice."""
        await self._wire.aclose()


async def open_bridge(seen: Seen, moniker: str, stance: Stance, listen: Listen | None = None) -> PhidgetBridge:
    """Open what ``seen`` found; raises DriverError. Nothing is sampled until it is read.

    ``listen`` may put itself between the driver and the board.
    """
    wire: UsbWire = await open_pipe(seen, interface=INTERFACE)
    wire = listen(wire) if listen else wire
    try:
        return await bridge_over(wire, Identity(seen.release, seen.serial or seen.path, seen.name), moniker, stance)
    except BaseException:
        await wire.aclose()
        raise


async def bridge_over(wire: Wire, identity: Identity, moniker: str, stance: Stance) -> PhidgetBridge:
    """A bridge at the other end of ``wire``, asked what it is; raises DriverError and leaves the wire open then."""
    generation = Generation.of(identity.release)
    way = await link(wire, generation, stance.interval)
    info = BoardInfo(
        moniker=moniker,
        family=FAMILY,
        model=f"BTrackS (Phidget Bridge {generation.value})",
        serial=identity.serial,
        firmware=f"{identity.release >> 8:x}.{identity.release & 0xFF:02x}",
        unit=way.unit,
        rate=1.0 / way.period,
        cells=btracks_cells(stance.cells or SPAN, stance.turn),
        calibration=way.calibration,
        simulated=TWIN in identity.name,
    )
    return PhidgetBridge(wire, way, info)
