"""The controller: answers lines, measures, and hands out blocks one by one, through its FTDI chip."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import numpy as np

from otolith.drivers.board import TWIN
from otolith.drivers.ftdi.numbers import ENDPOINT_IN, ENDPOINT_OUT, FT232R, VENDOR
from otolith.drivers.ftdi.twin import CONFIGURATION, IDLE, Chip, device_descriptor
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import TimedFault
from otolith.drivers.tec_gihan.codec import block
from otolith.drivers.tec_gihan.codec.numbers import (
    AXES,
    BOTTOM,
    NAME,
    NOMINAL,
    RANGES,
    RATES,
    TOP,
    State,
    samples_in_block,
)
from otolith.drivers.tec_gihan.codec.words import Lines
from otolith.drivers.tec_gihan.twin.rack import DEPTH, Rack
from otolith.drivers.twinning import Sampled, Schedule
from otolith.drivers.usb.gadget import Setup, Stall

WAKING: Final = 0.3
"""Seconds from WAKE to IDLE; real ones take up to twenty."""
ZEROING: Final = 1.2
"""Seconds from ZERO to IDLE; real ones take up to ten."""
VERSION: Final = "1.0.0"
KEPT: Final = 64
"""Blocks that wait to be fetched; then the oldest goes. What a real one keeps is not public."""


class Controller(Sampled):
    """Plates under some load; a block is fetched with DT, but for the first. ``asleep``: it has to be woken."""

    TOP = TOP
    BOTTOM = BOTTOM
    device_descriptor = device_descriptor(VENDOR, FT232R)
    configuration_descriptor = CONFIGURATION

    def __init__(
        self,
        source: LoadSource,
        rack: Rack,
        *,
        serial: int,
        rate: str = "1K",
        asleep: bool = False,
        seed: int = 0,
        skew: float = 0.0,
        faults: Sequence[TimedFault] = (),
    ) -> None:
        super().__init__(
            source, rack.counts(RANGES[0]), seed=seed, schedule=Schedule(skew), faults=faults, endpoint=ENDPOINT_IN
        )
        self.strings = {1: "FTDI", 2: f"{NAME} {TWIN}", 3: f"FT{serial:06d}"}
        self.chip = Chip(self._forget)
        self.rack = rack
        self.heard: list[str] = []
        """Every command, in order."""
        self._serial = serial
        self._wakes_as = State.SLEEP if asleep else State.IDLE
        self._rate = rate
        self._wanted = False
        """A block was asked for that is not there yet."""
        self._zero: tuple[int, ...] = (0,) * AXES * len(rack.serials)
        self.power_up()

    @property
    def streaming(self) -> bool:
        """Whether it measures."""
        return self._state == State.MEASURE

    def power_up(self) -> None:
        """As the plug goes in: asleep or idle, in the smallest range."""
        self.chip.reset()
        self._lines = Lines()
        self._range = RANGES[0]
        self._calibration = self.rack.counts(self._range)
        self._become(self._wakes_as)

    def delivered(self) -> list[tuple[float, ...]]:
        """All that left whole."""
        return [tuple(map(float, sample.codes)) for sample in self.sent if sample.intact]

    def codes(self, tick: int) -> tuple[int, ...]:
        """Less the zero that the plates took."""
        raw = super().codes(tick)
        if "saturate" in self.faults.lasting:
            return raw
        return tuple(min(max(code - zero, BOTTOM), TOP) for code, zero in zip(raw, self._zero, strict=True))

    def carried(self, tick: int) -> Sequence[int]:
        """The samples of a block."""
        return range(tick + 1 - self._samples, tick + 1)

    async def control(self, setup: Setup, data: bytes) -> bytes:
        """Requests to the chip."""
        del data
        return self.chip.control(setup)

    async def write(self, endpoint: int, data: bytes) -> int:
        """Lines for the controller."""
        if endpoint != ENDPOINT_OUT:
            raise Stall
        for command in self._lines.feed(data):
            self.heard.append(command)
            self._obey(command)
        return len(data)

    async def read(self, endpoint: int, length: int) -> bytes:
        """The next packet; an idle chip tells its status every now and then, and a frozen one tells nothing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(None if "freeze" in self.faults.lasting else self.chip.latency):
                return await super().read(endpoint, length)
        return bytes(len(IDLE)) if "zero" in self.faults.lasting else IDLE

    def due_packets(self, tick: int, codes: tuple[int, ...]) -> tuple[list[bytes], bool]:
        """A block, at its last sample, where it was asked for."""
        del codes
        if not self.streaming or (tick + 1) % self._samples:
            return [], False
        if not self._wanted:
            self._waiting.append(tick)
            return [], False
        self._wanted = False
        return self._block(tick), True

    @property
    def _samples(self) -> int:
        return samples_in_block(self._rate)

    def _block(self, tick: int) -> list[bytes]:
        codes = np.array([self.codes(one) for one in self.carried(tick)], dtype=np.int16)
        return self.chip.packets(block.encode(codes))

    def _become(self, state: State) -> None:
        """Another state; what was being measured is over."""
        self._state = state
        self._wanted = state == State.MEASURE
        self._waiting: deque[int] = deque(maxlen=KEPT)
        self._until: float | None = None
        self.begin(1.0 / RATES[self._rate], on=state == State.MEASURE)

    def _forget(self) -> None:
        """What the chip holds for the computer is thrown away."""
        self._ready.clear()

    def _answer(self, text: str) -> None:
        self.say(self.chip.packets(text.encode("ascii") + b"\r\n"))

    def _obey(self, command: str) -> None:
        fixed = {
            "SERIAL": str(self._serial),
            "VER": VERSION,
            "SPS": self._rate,
            "RANGE": self._range,
            "FPCOUNT": str(len(self.rack.serials)),
        }
        word, _, rest = command.partition("_")
        if command in fixed:
            self._answer(f"{command}_{fixed[command]}")
        elif command == "STATE":
            self._answer(self._now())
        elif command == "DT":
            self._fetch()
        elif command in {"STOP", "START", "WAKE", "ZERO"}:
            self._change(command)
        elif word in {"SPS", "RANGE", "FPSERIAL", "FP"}:
            self._about(word, rest)

    def _change(self, command: str) -> None:
        now = State(self._now())
        if command == "STOP" and now not in {State.SLEEP, State.ZERO}:
            self._become(State.IDLE)
        elif command == "START" and now == State.IDLE:
            self._become(State.MEASURE)
        elif command == "WAKE" and now == State.SLEEP:
            self._until = asyncio.get_running_loop().time() + WAKING
        elif command == "ZERO" and now == State.IDLE:
            self._zero = (0,) * len(self._zero)
            self._zero = self.codes(self._schedule.tick)
            self._become(State.ZERO)
            self._until = asyncio.get_running_loop().time() + ZEROING

    def _now(self) -> str:
        """The state; waking and taking a zero end by themselves."""
        if self._until is not None and asyncio.get_running_loop().time() >= self._until:
            self._become(State.IDLE)
        return str(self._state)

    def _about(self, word: str, rest: str) -> None:
        if word == "SPS" and rest in RATES and self._now() == State.IDLE:
            self._rate = rest
            self._become(State.IDLE)
            self._answer("SPS_OK")
        elif word == "RANGE" and rest in RANGES and self._now() == State.IDLE:
            self._range = rest
            self._calibration = self.rack.counts(rest)
            self._become(State.IDLE)
        elif word == "FPSERIAL" and rest.isdigit() and int(rest) < len(self.rack.serials):
            self._answer(f"FPSERIAL_{rest}_{self.rack.serials[int(rest)]}")
        elif word == "FP":
            serial, _, item = rest.partition("_")
            if serial.isdigit() and int(serial) in self.rack.serials:
                self._plate(item)

    def _plate(self, item: str) -> None:
        if item == "GET_AZ0":
            self._answer(f"AZ0_{-DEPTH}")
        elif item == "GETFS":
            self._answer("FS_" + ",".join(f"{value:g}" for scale in NOMINAL for value in scale))

    def _fetch(self) -> None:
        """DT: the oldest block that waits, or the next as soon as it is there."""
        if not self.streaming:
            return
        if not self._waiting:
            self._wanted = True
            return
        tick = self._waiting.popleft()
        self._emit(tick, self._block(tick), sample=True)
        self._news.set()
