"""A LabJack as a gadget: questions on two endpoints, a stream on a third; what all models share."""

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.analogue.wiring import Wiring
from otolith.drivers.board import TWIN
from otolith.drivers.labjack.codec.packet import Packet
from otolith.drivers.labjack.codec.scale import TOP, Scale
from otolith.drivers.labjack.scans import Layout
from otolith.drivers.labjack.twin.buffer import Buffer, Leaving
from otolith.drivers.labjack.way import OUT, REPLIES, STREAM, VENDOR
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import TimedFault
from otolith.drivers.twinning import Sampled, Schedule, Sent
from otolith.drivers.usb.gadget import Setup, Stall

PACKET: Final = 64
_RELEASE: Final = 0x0000
"""bcdDevice; what real ones say is not public, and nothing depends on it."""


@dataclass(frozen=True, slots=True)
class Wired:
    """Loads of the plates to codes of the inputs that are streamed, as ``Calibration``; other inputs read 0 V."""

    wiring: Wiring
    columns: tuple[int | None, ...]
    """Of ``wiring.inputs``, for each input streamed."""
    scale: Scale
    source: str = "nominal"

    @property
    def zero(self) -> tuple[float, ...]:
        """Codes of 0 V."""
        return self.scale.centre

    def loads(self, counts: NDArray[np.float64], zero: Sequence[float] | None = None) -> NDArray[np.float64]:
        """Newtons ``(n, m)`` of codes ``(n, k)``; inputs of the plates that are not streamed read 0 V."""
        volts = None if zero is None else self._volts(np.array([zero]))[0].tolist()
        return self.wiring.calibration.loads(self._volts(counts), volts)

    def counts(self, loads: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, k)`` codes before rounding."""
        volts = self.wiring.calibration.counts(loads)
        inputs = np.zeros((len(volts), len(self.columns)))
        for index, column in enumerate(self.columns):
            if column is not None:
                inputs[:, index] = volts[:, column]
        return self.scale.codes(inputs)

    def _volts(self, codes: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, inputs)`` of the plates' inputs."""
        streamed, volts = self.scale.volts(codes), np.zeros((len(codes), len(self.wiring.inputs)))
        for index, column in enumerate(self.columns):
            if column is not None:
                volts[:, column] = streamed[:, index]
        return volts


@dataclass(slots=True)
class _Scan:
    codes: tuple[int, ...]
    left: int
    """Samples that have not left yet."""
    intact: bool = True


class LabJackTwin(Sampled):
    """A LabJack with plates on its inputs. The fault ``freeze`` is a computer that does not read.

    While it lasts nothing leaves, the buffer fills, and what no longer fits is thrown away and told of afterwards.
    Otherwise a twin is patient: it waits for a slow computer, as no real one does.
    """

    TOP = TOP
    product: ClassVar[int]
    name: ClassVar[str]

    def __init__(
        self,
        source: LoadSource,
        wiring: Wiring,
        *,
        seed: int = 0,
        skew: float = 0.0,
        faults: Sequence[TimedFault] = (),
    ) -> None:
        nothing = Wired(wiring, (), Scale((), (), ()))
        super().__init__(source, nothing, seed=seed, schedule=Schedule(skew), faults=faults, endpoint=STREAM)
        self.device_descriptor = device_descriptor(self.product)
        self.configuration_descriptor = CONFIGURATION
        self.strings = {1: "LabJack Corporation", 2: f"LabJack {self.name} {TWIN}"}
        self.wired = nothing
        self._running = False
        self._replies: asyncio.Queue[bytes] = asyncio.Queue()
        self._buffer = Buffer(Layout(1, 1, 1, dummy=False), 1)
        self._leaving: dict[int, _Scan] = {}

    @abstractmethod
    def answer(self, command: bytes) -> bytes:
        """What it answers to a packet of the OUT endpoint; empty for nothing."""

    @abstractmethod
    def encode(self, packet: Packet) -> bytes:
        """A packet of the stream."""

    @property
    def streaming(self) -> bool:
        """Whether it was started."""
        return self._running

    def power_up(self) -> None:
        """Idle, with nothing to say."""
        self._replies = asyncio.Queue()
        self.halt()

    def wire_up(self, numbers: Sequence[int], scale: Scale) -> None:
        """What is streamed from now on: the inputs by number, and the lines of their converter."""
        known = {one.number: column for column, one in enumerate(self.wired.wiring.inputs)}
        self.wired = Wired(self.wired.wiring, tuple(known.get(number) for number in numbers), scale)
        self._calibration = self.wired

    def run(self, rate: float, layout: Layout, capacity: int) -> None:
        """Start a stream."""
        self._running = True
        self._buffer = Buffer(layout, capacity)
        self._leaving = {}
        self.begin(1.0 / rate, on=True)

    def halt(self) -> None:
        """End it."""
        self._running = False
        self._buffer = Buffer(self._buffer.layout, self._buffer.capacity)
        self.begin(1.0, on=False)

    def delivered(self) -> list[tuple[float, ...]]:
        """All that left whole, in volts."""
        codes = np.array([sample.codes for sample in self.sent if sample.intact], dtype=np.uint16)
        return [tuple(row) for row in self.wired.scale.volts(codes).tolist()] if len(codes) else []

    @property
    def full(self) -> tuple[float, ...]:
        """Volts that its inputs read at the end of the converter."""
        top = np.full((1, len(self.wired.columns)), TOP, dtype=np.uint16)
        return tuple(self.wired.scale.volts(top)[0].tolist())

    async def control(self, setup: Setup, data: bytes) -> bytes:
        """A LabJack takes no requests of its own this way."""
        del setup, data
        raise Stall

    async def write(self, endpoint: int, data: bytes) -> int:
        """A command."""
        if endpoint != OUT:
            raise Stall
        reply = self.answer(data)
        if reply:
            self._replies.put_nowait(reply)
        return len(data)

    async def read(self, endpoint: int, length: int) -> bytes:
        """An answer, or the next packet of the stream when it is due."""
        return await self._replies.get() if endpoint == REPLIES else await super().read(endpoint, length)

    def clear(self) -> None:
        """End lasting faults; what was sampled while it was frozen is in the buffer, or was thrown away."""
        if self._running and "freeze" in self.faults.lasting:
            while self._schedule.wait() <= 0.0:
                self._sample(self._buffer.fits())
        super().clear()

    def due_packets(self, tick: int, codes: tuple[int, ...]) -> tuple[list[bytes], bool]:
        """Nothing is sent but by the buffer."""
        del tick, codes
        return [], False

    async def _wait(self) -> None:
        if not (self._buffer.ready and "freeze" not in self.faults.lasting):
            await super()._wait()

    def _run(self) -> None:
        """A packet, if one is ready; else the next scan, if it is due."""
        if not self._running or "freeze" in self.faults.lasting:
            super()._run()
            return
        while self._buffer.recovering and self._schedule.wait() <= 0.0:
            self._sample(False)
        leaving = self._buffer.pop()
        if leaving:
            self._leave(leaving)
        elif self._schedule.wait() <= 0.0:
            self._befall()
            if "freeze" not in self.faults.lasting:
                self._sample(True)

    def _sample(self, room: bool) -> None:  # noqa: FBT001 - the one thing to know of a scan
        tick = self._schedule.tick
        self._schedule.tick += 1
        if not room:
            self._buffer.throw()
            return
        codes = self.codes(tick)
        self._buffer.push(tick, codes)
        self._leaving[tick] = _Scan(codes, len(codes))

    def _leave(self, leaving: Leaving) -> None:
        kind = self.faults.take()
        if kind == "stall":
            self._ready.append(Stall())
        spoiled, intact = self.faults.spoil(kind, [self.encode(leaving.packet)])
        self._ready.extend(spoiled)
        for tick in leaving.ticks:
            if tick is not None:
                self._account(tick, intact=intact)

    def _account(self, tick: int, *, intact: bool) -> None:
        scan = self._leaving[tick]
        scan.left -= 1
        scan.intact &= intact
        if not scan.left:
            self.sent.append(Sent(tick, scan.codes, scan.intact))
            del self._leaving[tick]


def device_descriptor(product: int) -> bytes:
    """USB 2.0 full speed, class in the interface, maker and product strings, no serial number."""
    words = b"".join(word.to_bytes(2, "little") for word in (VENDOR, product, _RELEASE))
    return bytes([18, 1, 0x00, 0x02, 0, 0, 0, 8]) + words + bytes([1, 2, 0, 1])


CONFIGURATION: Final = (
    bytes.fromhex("09 02 27 00 01 01 00 80 FA")
    + bytes([9, 4, 0, 0, 3, 0xFF, 0, 0, 0])
    + b"".join(bytes([7, 5, endpoint, 2, PACKET, 0, 0]) for endpoint in (OUT, REPLIES, STREAM))
)
"""One vendor-specific interface, three bulk endpoints, 500 mA."""
