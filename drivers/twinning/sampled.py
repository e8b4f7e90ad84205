"""A gadget that samples a load source: the part of every USB twin that is not its protocol."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np

from otolith.drivers.calibration import Calibration
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import TimedFault
from otolith.drivers.patient.asked import Asked
from otolith.drivers.patient.person import Standing
from otolith.drivers.twinning.faults import Faults
from otolith.drivers.twinning.schedule import Schedule
from otolith.drivers.usb.gadget import Setup, Speed, Stall

REMEMBERED: Final = 1 << 17
AHEAD: Final = 64
"""Samples computed at once; loads are a pure function of time, so nothing depends on it but speed."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A sample that left the twin."""

    index: int
    """Ticks of the twin's clock since the stream was switched on; a number left out was never sent."""
    codes: tuple[int, ...]
    intact: bool
    """False where an injected fault destroyed it on the way."""


class Sampled(ABC):
    """Samples with the converter's own equation, on the event loop's clock, and sends by one IN endpoint.

    ``calibration`` maps codes to newtons; its inverse, rounded and cut to ``BOTTOM`` .. ``TOP``, is what it sends.
    ``on_unplug`` is called when the fault ``unplug`` happens: only whoever exports the twin can pull its cable.
    A family adds descriptors, ``strings``, and the methods below that are abstract.
    """

    TOP: int
    BOTTOM: int = 0
    device_descriptor: bytes
    configuration_descriptor: bytes
    strings: dict[int, str]

    def __init__(
        self,
        source: LoadSource,
        calibration: Calibration,
        *,
        seed: int = 0,
        schedule: Schedule,
        faults: Sequence[TimedFault] = (),
        endpoint: int = 0x81,
        largest: int = 64,
    ) -> None:
        self.faults = Faults(seed, largest)
        self.on_unplug: Callable[[], None] = lambda: None
        self.sent: deque[Sent] = deque(maxlen=REMEMBERED)
        """What left the twin since it was last switched on, the newest ``REMEMBERED``."""
        self.speed = Speed.FULL
        self._source = source
        self._calibration = calibration
        self._endpoint = endpoint
        self._planned = sorted(faults, key=lambda fault: fault.at)
        self._schedule = schedule
        self._ready: deque[bytes | Stall] = deque()
        self._news = asyncio.Event()
        self._turn = asyncio.Lock()
        self._codes: list[tuple[int, ...]] = []
        self._codes_from = 0

    @property
    def calibration(self) -> Calibration:
        """Codes to newtons."""
        return self._calibration

    @abstractmethod
    async def control(self, setup: Setup, data: bytes) -> bytes:
        """Class and vendor requests."""

    @property
    @abstractmethod
    def streaming(self) -> bool:
        """Whether the host has switched the samples on."""

    @abstractmethod
    def due_packets(self, tick: int, codes: tuple[int, ...]) -> tuple[list[bytes], bool]:
        """What a tick sends, and whether that is a sample; no packets where nothing is to be said."""

    @abstractmethod
    def delivered(self) -> list[tuple[float, ...]]:
        """What a driver that loses nothing makes of :attr:`sent`, as rows of ``Batch.counts``."""

    @abstractmethod
    def power_up(self) -> None:
        """The state after a reset; ends with :meth:`begin`."""

    async def attach(self) -> None:
        """Power comes up: nothing is enabled."""
        self.power_up()

    async def detach(self) -> None:
        """The cable is out."""
        self.power_up()

    async def write(self, endpoint: int, data: bytes) -> int:
        """There is no OUT endpoint."""
        del endpoint, data
        raise Stall

    @property
    def source(self) -> LoadSource:
        """What stands on it."""
        return self._source

    def refresh(self) -> None:
        """The source has changed: samples that were computed ahead are computed again."""
        self._codes = []

    def inject(self, kind: str) -> None:
        """Let a fault happen now; see ``Faults``."""
        if kind == "unplug":
            self.on_unplug()
            return
        self.faults.inject(kind)
        self._news.set()

    def clear(self) -> None:
        """End lasting faults; a frozen twin goes on with the present, what it slept through is lost."""
        if "freeze" in self.faults.lasting:
            self._schedule.skip()
        self.faults.clear()
        self._news.set()

    def begin(self, period: float, *, on: bool) -> None:
        """Start the clock anew: tick 0 is now, ticks are ``period`` seconds apart; ``on``: a stream begins here."""
        self._schedule.restart(period)
        self._ready.clear()
        if on:
            self.sent.clear()
        self._codes = []
        self._codes_from = 0
        self._news.set()

    async def read(self, endpoint: int, length: int) -> bytes:
        """The next packet when it is due; cancelled, it loses nothing."""
        del length  # the server tells the host when a packet is longer than it asked for
        if endpoint != self._endpoint:
            raise Stall
        async with self._turn:
            while not self._ready:
                await self._wait()
                self._run()
            packet = self._ready.popleft()
        if isinstance(packet, Stall):
            raise packet
        return packet

    def say(self, packets: Sequence[bytes]) -> None:
        """Send something that is no sample, before anything else that is not yet on its way."""
        self._ready.extend(packets)
        self._news.set()

    async def _wait(self) -> None:
        self._news.clear()
        pause = None if "freeze" in self.faults.lasting else self._schedule.wait()
        if pause is not None and pause <= 0.0:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._news.wait()

    def _run(self) -> None:
        """Do what the current tick asks for, if it is due."""
        if "freeze" in self.faults.lasting or self._schedule.wait() > 0.0:
            return
        if not self.streaming:
            self._schedule.skip()
        self._befall()
        if "freeze" in self.faults.lasting:
            return
        tick = self._schedule.tick
        self._schedule.tick += 1
        packets, sample = self.due_packets(tick, self.codes(tick))
        if packets:
            self._emit(tick, packets, sample=sample)

    def _befall(self) -> None:
        while self.streaming and self._planned and self._planned[0].at <= self._schedule.at(self._schedule.tick):
            self.inject(self._planned.pop(0).kind)

    def _emit(self, tick: int, packets: list[bytes], *, sample: bool) -> None:
        kind = self.faults.take() if sample else None
        if kind == "stall":
            self._ready.append(Stall())
        spoiled, intact = self.faults.spoil(kind, packets)
        self._ready.extend(spoiled)
        if sample and spoiled:
            self.sent.extend(Sent(one, self.codes(one), intact) for one in self.carried(tick))

    def carried(self, tick: int) -> Sequence[int]:
        """The ticks whose samples leave with the packets of this one, where it sends a sample."""
        return (tick,)

    def ask(self, asked: Asked) -> None:
        """Where somebody stands on it who hears: they do it from the next sample on that is not computed yet."""
        if isinstance(self._source, Standing):
            ahead = self._codes_from + len(self._codes)
            self._source.hear(self._schedule.at(max(ahead, self._schedule.tick)), asked)

    def codes(self, tick: int) -> tuple[int, ...]:
        """What the converter reads at a tick."""
        if "saturate" in self.faults.lasting:
            return (self.TOP,) * len(self._calibration.zero)
        if not self._codes_from <= tick < self._codes_from + len(self._codes):
            self._codes_from = tick - tick % AHEAD
            t = np.array([self._schedule.at(k) for k in range(self._codes_from, self._codes_from + AHEAD)])
            codes = np.clip(np.rint(self._calibration.counts(self._source.loads(t))), self.BOTTOM, self.TOP)
            self._codes = [tuple(map(int, row)) for row in codes]
        return self._codes[tick - self._codes_from]
