"""The driver of Tec Gihan's controllers: blocks are fetched one by one."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final, TypeVar

from otolith.drivers.batch import Batch
from otolith.drivers.board import TWIN, BoardInfo, StreamStatistics
from otolith.drivers.counters import Counters, patience
from otolith.drivers.errors import BoardBusy, BoardRefused, DriverError, MonikerError
from otolith.drivers.ftdi.chip import purge
from otolith.drivers.ftdi.numbers import ENDPOINT_IN, INTERFACE
from otolith.drivers.monikers import Stance, asked_rate
from otolith.drivers.reading import OneReader
from otolith.drivers.tec_gihan import asking
from otolith.drivers.tec_gihan.asking import Facts
from otolith.drivers.tec_gihan.codec.numbers import BAUD, BITS, NAME, RATES, samples_in_block
from otolith.drivers.tec_gihan.intake import Intake, bytes_per_second
from otolith.drivers.tec_gihan.plates import board_info
from otolith.drivers.usb.pipe import open_pipe
from otolith.drivers.usb.seen import Seen
from otolith.drivers.wire import Identity, Listen, UsbWire

T = TypeVar("T")
_SAME: Final = 1e-6
"""Of a rate."""


class TecGihanBoard(OneReader):
    """An open controller; see ``Board`` for the contract. ``counts`` are its own numbers, six per plate."""

    def __init__(self, wire: UsbWire, facts: Facts, info: BoardInfo) -> None:
        super().__init__(info)
        self._wire = wire
        self._facts = facts
        self._counters = Counters()

    def statistics(self) -> StreamStatistics:
        """Read the counters, from any thread."""
        now = self._counters
        return StreamStatistics(now.reports, now.samples, now.missed, now.malformed, self._wire.statistics().overruns)

    async def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        """Every batch through ``transform``, which runs in the reader thread; a batch is a block."""
        self._claim()
        samples = samples_in_block(self._facts.rate)
        intake = Intake(samples, len(self._facts.plates), self._info.rate, self._counters)

        def take(packet: bytes, t_host: int) -> list[T] | None:
            fetched = intake.take(packet, t_host)
            if fetched is None:
                return None
            return [] if fetched.batch is None else [transform(fetched.batch)]

        packets = self._wire.packets(take, silence=patience(samples / self._info.rate))
        try:
            await purge(self._wire)
            await asking.tell(self._wire, "START")
            async for items in packets:
                await asking.tell(self._wire, "DT")  # first: the next block fills while this one is looked at
                for item in items:
                    yield item
        finally:
            if isinstance(packets, AsyncGenerator):
                await packets.aclose()
            self._streaming = False
            with suppress(DriverError):
                await asking.stop(self._wire)

    async def zero(self) -> None:
        """Have the plates take their own zero, which takes seconds; a tare does the same for this program alone.

        Raises BoardBusy while it streams, BoardRefused, BoardTimeout.
        """
        if self._streaming:
            raise BoardBusy(f"{self._info.moniker} is being read; its plates take a zero only while they are idle")
        await asking.zero(self._wire)

    async def identify(self) -> None:
        """Nothing that is public makes it show itself."""
        raise BoardRefused(
            "this controller has no light that can be asked to blink; press on a plate and watch the force"
        )

    async def aclose(self) -> None:
        """Stop and let go; safe to call twice."""
        await self._wire.aclose()


async def open_tec_gihan(seen: Seen, moniker: str, stance: Stance, listen: Listen | None = None) -> TecGihanBoard:
    """Open what ``seen`` found, waking it where it sleeps; raises DriverError. Nothing is sampled until it is read.

    ``listen`` may put itself between the driver and the board.
    """
    _recognise(seen.name)
    wire: UsbWire = await open_pipe(seen, interface=INTERFACE, endpoint=ENDPOINT_IN)
    wire = listen(wire) if listen else wire
    try:
        return await tec_gihan_over(wire, Identity(seen.release, seen.serial, seen.name), moniker, stance)
    except BaseException:
        await wire.aclose()
        raise


async def tec_gihan_over(wire: UsbWire, identity: Identity, moniker: str, stance: Stance) -> TecGihanBoard:
    """A controller at the other end of ``wire``; raises DriverError and leaves the wire open then."""
    _recognise(identity.name)
    await asking.wake(wire)
    facts = await asking.introduce(wire)
    word = _rate(stance, facts)
    if word != facts.rate:
        await asking.set_rate(wire, word)
    if stance.range and stance.range != facts.range:
        await asking.set_range(wire, stance.range)
    facts = replace(facts, rate=word, range=stance.range or facts.range)
    return TecGihanBoard(wire, facts, board_info(facts, moniker, stance, simulated=TWIN in identity.name))


def _recognise(name: str) -> None:
    if NAME not in name:
        raise BoardRefused(
            f"this FTDI chip is called {name!r}, not {NAME!r}: it belongs to something else, and is left alone"
        )


def _rate(stance: Stance, facts: Facts) -> str:
    """The controller's word for the rate; MonikerError where it has none, or the line is too slow for it."""
    asked, plates = asked_rate(stance), len(facts.plates)
    word = facts.rate if asked is None else next((w for w, r in RATES.items() if abs(r - asked) < _SAME * r), "")
    if not word:
        known = ", ".join(f"{rate:g}" for rate in RATES.values())
        raise MonikerError(f"rate={asked:g}: this controller samples {known} times a second")
    if bytes_per_second(RATES[word], plates) * BITS > BAUD:
        raise MonikerError(
            f"{RATES[word]:g} samples a second of {plates} plates are more than its line of {BAUD} Bd carries:"
            " give a lower rate="
        )
    return word
