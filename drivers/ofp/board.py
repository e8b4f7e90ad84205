"""The driver of OFP plates, over USB or over a byte stream."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress
from typing import Final, TypeVar

from otolith.drivers.batch import Batch
from otolith.drivers.board import BoardInfo, StreamStatistics
from otolith.drivers.counters import Counters, patience
from otolith.drivers.errors import BoardLost, BoardRefused, BoardTimeout, DriverError, MonikerError
from otolith.drivers.monikers import Stance, asked_rate
from otolith.drivers.ofp import asking
from otolith.drivers.ofp.codec.numbers import ENDPOINT_IN, INTERFACE, Capability, Mode, Request, Status
from otolith.drivers.ofp.codec.records import Cal, State
from otolith.drivers.ofp.intake import Intake
from otolith.drivers.ofp.pattern import Proof, scans_in, verify
from otolith.drivers.ofp.plate import board_info
from otolith.drivers.reading import OneReader
from otolith.drivers.usb.pipe import open_pipe
from otolith.drivers.usb.seen import Seen
from otolith.drivers.wire import Identity, Listen, UsbWire, Wire

_TOLERANCE: Final = 0.01
"""Of a rate; a plate that takes another one was not given what was asked for."""
T = TypeVar("T")


class OfpBoard(OneReader):
    """An open plate; see ``Board`` for the contract. ``counts`` are the plate's own values, not tared by it."""

    def __init__(self, wire: Wire, plate: asking.Plate, info: BoardInfo, tag: int) -> None:
        self._wire = wire
        self._plate = plate
        super().__init__(info)
        self._tag = tag
        self._counters = Counters()

    def statistics(self) -> StreamStatistics:
        """Read the counters, from any thread."""
        now = self._counters
        return StreamStatistics(now.reports, now.samples, now.missed, now.malformed, self._wire.statistics().overruns)

    async def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        """Every batch through ``transform``, which runs where the bytes arrive."""
        self._begin()
        period = 1.0 / self._info.rate
        intake = Intake(self._plate.info.channels, self._tag, period, self._counters)

        def take(packet: bytes, t_host: int) -> list[T] | None:
            return [transform(batch) for batch in intake.take(packet, t_host)] or None

        lost: DriverError | None = None
        try:
            await asking.start(self._wire, self._tag)
            try:
                async for items in self._wire.packets(take, silence=patience(period), length=intake.length):
                    for item in items:
                        yield item
            except (BoardLost, BoardTimeout) as error:
                lost = error
            for batch in intake.flush():
                yield transform(batch)
            if lost:
                raise lost
        finally:
            await self._end()

    async def pattern(self) -> AsyncGenerator[bytes, None]:
        """Packets of the test pattern as they come, for ``otolith.drivers.ofp.pattern.verify``."""
        self._begin()
        try:
            await asking.start(self._wire, self._tag, Mode.PATTERN)
            async for packet in self._wire.packets(self._own, silence=patience(1.0 / self._info.rate)):
                yield packet
        finally:
            await self._end()

    async def prove(self, seconds: float) -> Proof:
        """See ``Provable``."""
        needed = max(1, round(seconds * self._info.rate))
        packets: list[bytes] = []
        async with aclosing(self.pattern()) as stream:
            async for packet in stream:
                packets.append(packet)
                needed -= scans_in(packet)
                if needed <= 0:
                    break
        return verify(packets)

    async def state(self) -> State:
        """The plate's own account: rate, losses on its side, clock."""
        return await asking.state(self._wire)

    async def clock(self) -> int:
        """The plate's clock, microseconds."""
        return await asking.clock(self._wire)

    async def recalibrate(self, cal: Cal) -> None:
        """Have the plate keep this calibration. Raises BoardRefused; open the board again to use it."""
        await asking.set_cal(self._wire, self._plate, cal)

    async def identify(self) -> None:
        """Blink, where the plate has something to blink with."""
        if not self._plate.info.capabilities & Capability.IDENTIFY:
            raise BoardRefused("this plate has no light to blink with; press on it and watch the force")
        await asking.order(self._wire, Request.IDENTIFY)

    async def aclose(self) -> None:
        """Stop and let go; safe to call twice."""
        await self._wire.aclose()

    def _begin(self) -> None:
        self._claim()
        self._tag = (self._tag + 1) % 256

    async def _end(self) -> None:
        self._streaming = False
        with suppress(DriverError):
            await asking.order(self._wire, Request.STOP)

    def _own(self, packet: bytes, t_host: int) -> bytes | None:
        """A packet that is not left over from an earlier stream."""
        del t_host
        whole_and_foreign = len(packet) > 19 and packet[:2] == b"\xa5\x01" and packet[19] != self._tag  # noqa: PLR2004 - where the tag is
        return None if whole_and_foreign else packet


async def open_ofp(seen: Seen, moniker: str, stance: Stance, listen: Listen | None = None) -> OfpBoard:
    """Open what ``seen`` found; raises DriverError. Nothing is sampled until it is read.

    ``listen`` may put itself between the driver and the board.
    """
    wire: UsbWire = await open_pipe(seen, interface=INTERFACE, endpoint=ENDPOINT_IN)
    wire = listen(wire) if listen else wire
    try:
        return await ofp_over(wire, Identity(seen.release, seen.serial, seen.name), moniker, stance)
    except BaseException:
        await wire.aclose()
        raise


async def ofp_over(wire: Wire, identity: Identity | None, moniker: str, stance: Stance) -> OfpBoard:
    """A plate at the other end of ``wire``, asked what it is; raises DriverError and leaves the wire open then.

    What an earlier host left behind is undone: its stream, and its tare on the plate.
    """
    del identity  # a plate says more of itself than its descriptors do
    plate = await asking.introduce(wire)
    await asking.order(wire, Request.STOP)
    now = await asking.state(wire)
    if now.status & Status.TARED:
        await asking.order(wire, Request.TARE, 0)
    rate = await _rate(wire, plate, now, stance)
    return OfpBoard(wire, plate, board_info(plate, moniker, stance, rate), now.tag)


async def _rate(wire: Wire, plate: asking.Plate, now: State, stance: Stance) -> float:
    """Hz: what was asked for by rate or interval, else what the plate is set to."""
    hertz = asked_rate(stance)
    if hertz is None:
        if not now.rate:
            raise BoardRefused("the plate says that it samples 0 times a second")
        return now.rate / 1e3
    asked = round(1e3 * hertz)
    if asked > plate.info.max_rate:
        raise MonikerError(f"{hertz:g} samples a second: this plate takes {plate.info.max_rate / 1e3:g} at best")
    taken = (await asking.set_rate(wire, asked)).rate
    if abs(taken - asked) > _TOLERANCE * asked:
        raise BoardRefused(f"the plate samples {taken / 1e3:g} times a second, not {asked / 1e3:g} times as asked")
    return taken / 1e3
