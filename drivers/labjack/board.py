"""The driver of LabJacks with analogue plates on their inputs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final, TypeVar

from otolith.drivers.analogue.file import read_plates
from otolith.drivers.analogue.wiring import Wiring
from otolith.drivers.batch import Batch
from otolith.drivers.board import TWIN, BoardInfo, StreamStatistics
from otolith.drivers.counters import Counters, patience
from otolith.drivers.errors import BoardRefused, DriverError, MonikerError
from otolith.drivers.labjack.intake import Intake
from otolith.drivers.labjack.models import Model
from otolith.drivers.labjack.plan import Packing
from otolith.drivers.labjack.way import INTERFACE, REPLIES, STREAM, Way
from otolith.drivers.monikers import Stance, asked_rate
from otolith.drivers.reading import OneReader
from otolith.drivers.usb.pipe import open_pipe
from otolith.drivers.usb.seen import Seen
from otolith.drivers.wire import Identity, Listen, UsbWire

FAMILY: Final = "labjack"
RATE: Final = 1000.0
"""Scans per second where nothing is said."""
T = TypeVar("T")


class LabJack(OneReader):
    """An open LabJack; see ``Board`` for the contract. ``counts`` are volts at the inputs of the plates."""

    def __init__(self, wire: UsbWire, way: Way, packing: Packing, info: BoardInfo, length: int) -> None:
        self._wire = wire
        self._way = way
        self._packing = packing
        self._length = length
        super().__init__(info)
        self._counters = Counters()
        self._intake: Intake | None = None

    @property
    def backlog(self) -> float:
        """The fullest that the device's own buffer has been in this stream, 0 to 1; beyond 1 it drops scans."""
        return self._intake.backlog if self._intake else 0.0

    def statistics(self) -> StreamStatistics:
        """Read the counters, from any thread."""
        now = self._counters
        return StreamStatistics(now.reports, now.samples, now.missed, now.malformed, self._wire.statistics().overruns)

    async def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        """Every batch through ``transform``, which runs in the reader thread."""
        self._claim()
        intake = self._intake = Intake(self._packing, self._way.scale, self._info.rate, self._counters)

        def take(transfer: bytes, t_host: int) -> list[T] | None:
            return [transform(batch) for batch in intake.take(transfer, t_host)] or None

        silence = patience(self._packing.layout.scans / self._info.rate)
        try:
            await self._way.start(self._wire)
            async for items in self._wire.packets(take, silence=silence, length=self._length):
                for item in items:
                    yield item
        finally:
            self._streaming = False
            with suppress(DriverError):
                await self._way.stop(self._wire)

    async def identify(self) -> None:
        """Its light says that it has power, and nothing else."""
        raise BoardRefused("a LabJack on its own cannot show which plate it is; press on the plate and watch the force")

    async def aclose(self) -> None:
        """Stop and let go; safe to call twice."""
        await self._wire.aclose()


async def open_labjack(model: Model, seen: Seen, moniker: str, stance: Stance, listen: Listen | None = None) -> LabJack:
    """Open what ``seen`` found; raises DriverError. Nothing is sampled until it is read.

    ``listen`` may put itself between the driver and the board.
    """
    wire: UsbWire = await open_pipe(seen, interface=INTERFACE, endpoint=STREAM)
    wire = listen(wire) if listen else wire
    try:
        return await labjack_over(model, wire, Identity(seen.release, seen.serial, seen.name), moniker, stance)
    except BaseException:
        await wire.aclose()
        raise


async def labjack_over(model: Model, wire: UsbWire, identity: Identity, moniker: str, stance: Stance) -> LabJack:
    """A LabJack at the other end of ``wire``, asked who it is; raises DriverError and leaves the wire open then."""
    wiring = await _wiring(model, identity.name, stance)
    rate = _rate(model, wiring, stance)
    packing = model.packing(len(wiring.inputs), rate)
    await wire.drain(REPLIES)  # an answer that an earlier program did not wait for
    way = await model.meet(wire, wiring.inputs, rate, packing.layout.samples)
    info = BoardInfo(
        moniker=moniker,
        family=FAMILY,
        model=f"LabJack {way.who.model} with {wiring.title}",
        serial=way.who.serial,
        firmware=way.who.firmware,
        unit="V",
        rate=way.rate,
        cells=wiring.cells,
        calibration=wiring.calibration,
        simulated=TWIN in identity.name,
        plates=wiring.plates,
        latency=max(0.0, packing.layout.scans - 1.0) / way.rate,
    )
    return LabJack(wire, way, packing, info, packing.transfer(rate))


async def serial_of(model: Model, seen: Seen) -> str:
    """The serial number that a device says when it is asked; raises DriverError, also where it is in use."""
    async with await open_pipe(seen, interface=INTERFACE, endpoint=STREAM) as wire:
        await wire.drain(REPLIES)
        return await model.serial(wire)


async def _wiring(model: Model, name: str, stance: Stance) -> Wiring:
    if stance.cells:
        raise MonikerError("the plate's description says where its cells are; leave out cells=")
    simulated = TWIN in name
    where = stance.plate or (model.example if simulated else None)
    wiring = await asyncio.to_thread(read_plates, where, simulated=simulated)
    return wiring.turned(stance.turn)


def _rate(model: Model, wiring: Wiring, stance: Stance) -> float:
    """Scans per second that are asked for; MonikerError where the model cannot do it."""
    rate = asked_rate(stance) or RATE
    most = model.fastest / len(wiring.inputs)
    if rate > most:
        raise MonikerError(
            f"rate={rate:g}: a {model.name} samples {len(wiring.inputs)} channels {most:g} times a second"
        )
    return rate
