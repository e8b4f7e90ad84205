"""The driver of the MCC USB-1608FS-Plus with analogue plates on its inputs."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final, TypeVar

from otolith.drivers.analogue.file import read_plates
from otolith.drivers.analogue.wiring import Wiring
from otolith.drivers.batch import Batch
from otolith.drivers.board import TWIN, BoardInfo, StreamStatistics
from otolith.drivers.counters import Counters, patience
from otolith.drivers.errors import BoardLost, BoardTimeout, DriverError, MonikerError
from otolith.drivers.mcc1608 import asking
from otolith.drivers.mcc1608.codec.memory import Memory
from otolith.drivers.mcc1608.codec.numbers import ENDPOINT, INTERFACE, PACKET, Option, Status
from otolith.drivers.mcc1608.intake import Intake, UselessPackets
from otolith.drivers.mcc1608.pattern import Proof, verify
from otolith.drivers.mcc1608.setting import ALL, Setting, setting
from otolith.drivers.monikers import Stance, asked_rate
from otolith.drivers.reading import OneReader
from otolith.drivers.usb.pipe import open_pipe
from otolith.drivers.usb.seen import Seen
from otolith.drivers.wire import Identity, Listen, UsbWire

FAMILY: Final = "mcc1608"
GLANCE: Final = 0.25
"""Seconds of silence after which the device is asked what is the matter ..."""
PACKETS: Final = 3.0
"""... or so many packets that should have come."""
T = TypeVar("T")


class Mcc1608(OneReader):
    """An open DAQ; see ``Board`` for the contract. ``counts`` are volts at the inputs of the plates."""

    def __init__(self, wire: UsbWire, memory: Memory, setting: Setting, info: BoardInfo) -> None:
        self._wire = wire
        self._memory = memory
        self._setting = setting
        super().__init__(info)
        self._counters = Counters()
        self._packet = setting.scans / setting.rate
        self.restarts = 0
        """How often a scan that had ended by itself, mostly by an overrun, was started again."""

    def statistics(self) -> StreamStatistics:
        """Read the counters, from any thread."""
        now = self._counters
        return StreamStatistics(now.reports, now.samples, now.missed, now.malformed, self._wire.statistics().overruns)

    async def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        """Every batch through ``transform``, which runs in the reader thread."""
        self._claim()
        intake = Intake(self._setting, self._setting.converters(self._memory), self._counters)

        def take(packet: bytes, t_host: int) -> list[T] | None:
            return [transform(batch) for batch in intake.take(packet, t_host)] or None

        try:
            await asking.begin(self._wire, self._setting.scan, self._setting.ranges)
            began = time.monotonic_ns()
            lost: DriverError | None = None
            goes_on = True
            while goes_on:
                goes_on = False
                try:
                    async for items in self._wire.packets(take, silence=max(GLANCE, PACKETS * self._packet)):
                        for item in items:
                            yield item
                except (BoardLost, UselessPackets) as error:
                    lost = error
                except BoardTimeout:
                    lost = await self._look_after(intake, began)
                    goes_on = lost is None
            for batch in intake.flush():
                yield transform(batch)
            if lost:
                raise lost
        finally:
            self._streaming = False
            with suppress(DriverError):
                await asking.halt(self._wire)

    async def prove(self, seconds: float, mask: int = ALL) -> Proof:
        """Have it send the counter pattern for so long, from the inputs of ``mask``, and judge what comes.

        Raises ValueError where ``mask`` names no input.
        """
        if not 0 < mask <= ALL:
            raise ValueError(f"a mask of inputs lies between 1 and {ALL}, not at {mask}")
        self._claim()
        channels = mask.bit_count()
        scans = max(1, round(seconds * self._setting.rate / PACKET)) * PACKET  # so that an empty packet ends it
        scan = replace(self._setting.scan, count=scans, mask=mask, options=Option.COUNTING)
        packets: list[bytes] = []
        wait = patience(PACKET / (2 * channels * self._setting.rate))
        try:
            await asking.begin(self._wire, scan, self._setting.ranges)
            async for packet in self._wire.packets(lambda packet, _: packet, silence=wait):
                if not packet:
                    break
                packets.append(packet)
            return verify(packets)
        finally:
            self._streaming = False
            with suppress(DriverError):
                await asking.halt(self._wire)

    async def volts(self, number: int, scale: int = 0) -> float:
        """What one input reads now, on range ``scale`` (0: ±10 V); BoardRefused while it streams."""
        code = await asking.volts_code(self._wire, number, scale)
        return self._memory.converter(number, scale).volts(code)

    async def events(self) -> int:
        """How many the counter input has seen."""
        return await asking.counted(self._wire)

    async def identify(self) -> None:
        """Blink."""
        await asking.blink(self._wire)

    async def aclose(self) -> None:
        """Stop and let go; safe to call twice."""
        await self._wire.aclose()

    async def _look_after(self, intake: Intake, began: int) -> DriverError | None:
        """Nothing has come for a while: start an ended scan again, or say why the stream is over; None to go on."""
        try:
            now = await asking.status(self._wire)
            if Status.OVERRUN in now or Status.RUNNING not in now:
                await asking.begin(self._wire, self._setting.scan, self._setting.ranges)
                intake.restarted()
                self.restarts += 1
        except DriverError as error:
            return error
        silent = (time.monotonic_ns() - (intake.heard or began)) / 1e9
        if silent < patience(self._packet):
            return None
        return BoardTimeout(f"the DAQ has sent nothing for {silent:.1f} s, though it answers: {now!r}")


async def open_mcc1608(seen: Seen, moniker: str, stance: Stance, listen: Listen | None = None) -> Mcc1608:
    """Open what ``seen`` found; raises DriverError. Nothing is sampled until it is read.

    ``listen`` may put itself between the driver and the board.
    """
    wire: UsbWire = await open_pipe(seen, interface=INTERFACE, endpoint=ENDPOINT)
    wire = listen(wire) if listen else wire
    try:
        return await mcc1608_over(wire, Identity(seen.release, seen.serial, seen.name), moniker, stance)
    except BaseException:
        await wire.aclose()
        raise


async def mcc1608_over(wire: UsbWire, identity: Identity, moniker: str, stance: Stance) -> Mcc1608:
    """A DAQ at the other end of ``wire``, asked who it is; raises DriverError and leaves the wire open then."""
    simulated = TWIN in identity.name
    wiring = await _wiring(stance, simulated=simulated)
    way = setting(wiring, asked_rate(stance))
    serial = await asking.serial(wire)
    memory = await asking.memory(wire)
    info = BoardInfo(
        moniker=moniker,
        family=FAMILY,
        model=f"MCC USB-1608FS-Plus with {wiring.title}",
        serial=serial,
        firmware=f"{identity.release >> 8:x}.{identity.release & 0xFF:02x}",
        unit="V",
        rate=way.rate,
        cells=wiring.cells,
        calibration=wiring.calibration,
        simulated=simulated,
        plates=wiring.plates,
        latency=(way.scans - 1) / way.rate,
    )
    return Mcc1608(wire, memory, way, info)


async def _wiring(stance: Stance, *, simulated: bool) -> Wiring:
    if stance.cells:
        raise MonikerError("the plate's description says where its cells are; leave out cells=")
    wiring = await asyncio.to_thread(read_plates, stance.plate, simulated=simulated)
    return wiring.turned(stance.turn)
