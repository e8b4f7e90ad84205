"""The twin of a DolphinBar in mode 4 with a Wii Balance Board in one of its four slots."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from otolith.drivers.board import TWIN
from otolith.drivers.calibration import Piecewise
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import TimedFault
from otolith.drivers.twinning import Sampled, Schedule
from otolith.drivers.usb.gadget import Setup, Stall
from otolith.drivers.wii.codec import REPORT_DESCRIPTOR
from otolith.drivers.wii.codec.descriptor import OUT
from otolith.drivers.wii.intake import PERIOD
from otolith.drivers.wii.slot import OUTPUT, SET_REPORT, SLOTS, endpoint
from otolith.drivers.wii.twin.body import BATTERY, FRESH, Body

UNEVEN: Final = 0.5
"""Periods by which a sample may be late: Bluetooth sends when it may (Audiffren & Contal 2016 measured the like)."""
FLAT: Final = 0x68, 0x50
"""Battery of a sample and of a status, as it is when ``battery-low`` has happened: below the threshold of 0x69."""
DEVICE: Final = bytes.fromhex("12 01 00 02 00 00 00 40 7E 05 06 03 00 01 01 02 00 01")
CONFIGURATION: Final = bytes.fromhex("09 02 6D 00 04 01 00 80 FA") + b"".join(
    bytes([0x09, 0x04, slot - 1, 0x00, 0x01, 0x03, 0x00, 0x00, 0x00])
    + bytes.fromhex("09 21 11 01 00 01 22 D9 00")
    + bytes([0x07, 0x05, endpoint(slot), 0x03, 0x40, 0x00, 0x01])
    for slot in SLOTS
)
"""A real bar's, to the byte (a dump in Dolphin's pull request 12146)."""


class DolphinBar(Sampled):
    """The bar with ``body`` in ``slot``. Only the product string differs from a real one's: it says that it is none.

    ``power-save``: the board switches itself off, and is back when the fault is cleared, as by its front button.
    ``battery-low``: it says so, unasked, until the fault is cleared, as by fresh cells.
    """

    TOP = 0xFFFF
    device_descriptor = DEVICE
    configuration_descriptor = CONFIGURATION

    def __init__(
        self,
        source: LoadSource,
        body: Body,
        *,
        calibration: Piecewise,
        slot: int = 1,
        seed: int = 0,
        skew: float = 0.0,
        faults: Sequence[TimedFault] = (),
    ) -> None:
        schedule = Schedule(skew, UNEVEN)
        super().__init__(source, calibration, seed=seed, schedule=schedule, faults=faults, endpoint=endpoint(slot))
        self.faults.rare = ("power-save", "battery-low")
        self.body = body
        self.strings = {1: "HJZ", 2: f"Mayflash Wiimote PC Adapter {TWIN}"}
        self.on_sleep: Callable[[], None] = lambda: None
        """Called when the board switches itself off: only whoever holds its Bluetooth link can end that."""
        self.slot = slot

    @property
    def streaming(self) -> bool:
        """Whether samples were asked for."""
        return self.body.streaming

    def power_up(self) -> None:
        """The board is as it was when it came."""
        self.body.reset()
        self.begin(PERIOD, on=False)

    def delivered(self) -> list[tuple[float, ...]]:
        """All that left whole."""
        return [tuple(map(float, sample.codes)) for sample in self.sent if sample.intact]

    def inject(self, kind: str) -> None:
        """See ``Sampled.inject``."""
        super().inject(kind)
        if kind == "power-save":
            self.power_up()
            self.on_sleep()
        elif kind == "battery-low":
            self.body.charge, self.body.battery = FLAT
            self.say([self.body.interrupt()])

    def clear(self) -> None:
        """See ``Sampled.clear``."""
        if "battery-low" in self.faults.lasting:
            self.body.charge, self.body.battery = BATTERY, FRESH
        super().clear()

    def due_packets(self, tick: int, codes: tuple[int, ...]) -> tuple[list[bytes], bool]:
        """A data report at every tick of a stream."""
        del tick
        return ([self.body.sample(codes)], True) if self.streaming else ([], False)

    async def read(self, endpoint: int, length: int) -> bytes:
        """A report of the slot that holds the board; the others say nothing for ever."""
        if endpoint != self._endpoint and endpoint - 0x80 in SLOTS:
            await asyncio.get_running_loop().create_future()
        return await super().read(endpoint, length)

    async def control(self, setup: Setup, data: bytes) -> bytes:
        """GET_DESCRIPTOR(report), SET_REPORT(output), SET_IDLE (HID 1.11, chapter 7) of each slot."""
        if (setup.request_type, setup.request, setup.value) == (0x81, 6, 0x2200):
            return REPORT_DESCRIPTOR
        if (setup.request_type, setup.request) == (0x21, 0x0A):
            return b""
        if (setup.request_type, setup.request, setup.index) == (0x21, SET_REPORT, self.slot - 1):
            self.hear(setup.value, data)
            return b""
        raise Stall

    def hear(self, value: int, data: bytes) -> None:
        """An output report, with its wValue; raises Stall where it is none, and where nobody is in the slot."""
        if "power-save" in self.faults.lasting:
            raise Stall
        number = value & 0xFF
        if value & 0xFF00 != OUTPUT or number not in OUT or data[:1] != bytes([number]) or len(data) <= OUT[number]:
            raise Stall
        if "freeze" in self.faults.lasting:
            return
        before = self.streaming
        answers = self.body.hear(data)
        if self.streaming and not before:
            self.begin(PERIOD, on=True)
        self.say(answers)
