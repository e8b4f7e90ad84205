"""A Go Direct force plate, seen from inside. What real plates list as sensors is not public; this is a guess."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from otolith.drivers.board import TWIN
from otolith.drivers.calibration import Linear
from otolith.drivers.errors import ReportError
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import TimedFault
from otolith.drivers.twinning import Sampled, Schedule
from otolith.drivers.twinning.descriptors import configuration, device_descriptor, hid_descriptor, report_descriptor
from otolith.drivers.usb.gadget import Setup, Stall
from otolith.drivers.vernier.go_direct.board import PRODUCT
from otolith.drivers.vernier.go_direct.codec import measurement
from otolith.drivers.vernier.go_direct.codec.commands import (
    Charger,
    Command,
    Info,
    Sensor,
    Status,
    encode_info,
    encode_mask,
    encode_sensor,
    encode_status,
    read_period,
    read_start,
)
from otolith.drivers.vernier.go_direct.codec.packet import MEASUREMENT, REPORT, REQUEST, Assembler, Packet, reports
from otolith.drivers.vernier.go_direct.codec.packet import encode as encode_packet
from otolith.drivers.vernier.go_direct.intake import BLOCK
from otolith.drivers.vernier.go_direct.line import OUTPUT
from otolith.drivers.vernier.plate import SET_REPORT, VENDOR

RESOLUTION: Final = 0.1
"""Newtons per step of the twin's converter."""
LEAST, MOST = -800.0, 3500.0
"""Newtons."""
FITS: Final = 13
"""Values of one sensor in a packet that is one report."""
SENSORS: Final = (
    Sensor(1, 0, 0x2A, 0, 0, "Force", "N", 1.2, LEAST, MOST, 10_000, 3_600_000_000, 10_000, 1000, 0),
    Sensor(2, 0, 0x2B, 0, 0, "Temperature", "°C", 0.5, -40.0, 85.0, 100_000, 3_600_000_000, 500_000, 1000, 0),
)
DEFAULTS: Final = 1 << SENSORS[0].number
DEFAULT_PERIOD: Final = 0.5
"""Seconds after INIT."""
_DESCRIPTOR: Final = report_descriptor(REPORT, REPORT)


class GoDirectTwin(Sampled):
    """Force in steps of ``RESOLUTION``, some ten packets a second; the other sensor says 20 degrees for ever."""

    TOP = round(MOST / RESOLUTION)
    BOTTOM = round(LEAST / RESOLUTION)
    device_descriptor = device_descriptor(VENDOR, PRODUCT, 0x0100)
    configuration_descriptor = configuration(3, hid_descriptor(_DESCRIPTOR), 1)

    def __init__(
        self,
        source: LoadSource,
        *,
        serial: str = "100001",
        seed: int = 0,
        skew: float = 0.0,
        faults: Sequence[TimedFault] = (),
    ) -> None:
        calibration = Linear((RESOLUTION,), (0.0,), "nominal")
        super().__init__(source, calibration, seed=seed, schedule=Schedule(skew), faults=faults)
        self.strings = {1: "Vernier Software & Technology", 2: f"Go Direct {TWIN}", 3: serial}
        self.status = Status(0, 0, 1, 2, 345, 1, 0, 67, 80, Charger.IDLE)
        self.info = Info(
            *("GDX-FP", serial, f"GDX-FP {serial}", 1, 2026, 1, 2, 1, 2, 345, 1, 0, 67),
            *(bytes.fromhex("010203040506"), 4096, "Go Direct Force Plate"),
        )
        self._reset()

    def _reset(self) -> None:
        self._heard = Assembler()
        self._mask = 0
        self._period = DEFAULT_PERIOD
        self._counter = 0
        self._forming = range(0)

    @property
    def streaming(self) -> bool:
        """Whether measurements are on."""
        return bool(self._mask)

    def power_up(self) -> None:
        """Nothing is measured."""
        self._reset()
        self.begin(self._period, on=False)

    def delivered(self) -> list[tuple[float, ...]]:
        """All that left whole, in newtons."""
        return [(_real(sample.codes[0]),) for sample in self.sent if sample.intact]

    async def control(self, setup: Setup, data: bytes) -> bytes:
        """GET_DESCRIPTOR(report), SET_REPORT(output), SET_IDLE (HID 1.11, chapter 7)."""
        if (setup.request_type, setup.request, setup.value) == (0x81, 6, 0x2200):
            return _DESCRIPTOR
        if (setup.request_type, setup.request, setup.value) == (0x21, SET_REPORT, OUTPUT):
            self._hear(data)
            return b""
        if (setup.request_type, setup.request) == (0x21, 0x0A):
            return b""
        raise Stall

    def due_packets(self, tick: int, codes: tuple[int, ...]) -> tuple[list[bytes], bool]:
        """Reports of a packet as soon as a block of samples is complete."""
        del codes  # the packet asks for those of all its samples
        if not self.streaming:
            return [], False
        if tick != self._forming.stop:
            self._measure(Packet(MEASUREMENT, 0, measurement.Kind.DROPPED))
            self._forming = range(tick, tick)
        self._forming = range(self._forming.start, tick + 1)
        if len(self._forming) < self._fits():
            return [], False
        rows = tuple(self._row(one) for one in self._forming)
        self._forming = range(tick + 1, tick + 1)
        values = measurement.Values(measurement.Kind.REAL, self._on(), rows)
        return reports(encode_packet(measurement.encode(values, self._count()))), True

    def carried(self, tick: int) -> Sequence[int]:
        """The samples of the packet that a tick completed."""
        return range(tick + 1 - self._fits(), tick + 1)

    def _row(self, tick: int) -> tuple[float, ...]:
        force = _real(self.codes(tick)[0])
        return tuple(force if number == SENSORS[0].number else 20.0 for number in self._on())

    def _on(self) -> tuple[int, ...]:
        return tuple(sensor.number for sensor in SENSORS if self._mask >> sensor.number & 1)

    def _fits(self) -> int:
        return min(FITS // len(self._on()), max(1, round(BLOCK / self._period)))

    def _count(self) -> int:
        self._counter = (self._counter - 1) % 256
        return self._counter

    def _measure(self, packet: Packet) -> None:
        numbered = Packet(packet.kind, self._count(), packet.command, packet.body)
        self.say(reports(encode_packet(numbered)))

    def _hear(self, report: bytes) -> None:
        if "freeze" in self.faults.lasting:
            return
        try:
            packet = self._heard.feed(report)
            if packet and packet.kind == REQUEST:
                self._answer(packet)
        except (ReportError, ValueError, LookupError):
            return  # it does not answer what it does not understand

    def _answer(self, request: Packet) -> None:
        record = self._obey(Command(request.command), request.body)
        body = bytes([request.counter]) + record
        self.say(reports(encode_packet(Packet(REQUEST, self._count(), request.command, body))))

    def _obey(self, command: Command, body: bytes) -> bytes:
        match command:
            case Command.STATUS:
                return encode_status(self.status)
            case Command.INFO:
                return encode_info(self.info)
            case Command.AVAILABLE:
                return encode_mask(sum(1 << sensor.number for sensor in SENSORS))
            case Command.DEFAULTS:
                return encode_mask(DEFAULTS)
            case Command.SENSOR:
                return encode_sensor({sensor.number: sensor for sensor in SENSORS}[body[0]])
            case Command.SET_PERIOD:
                self._period = read_period(body) * 1e-6
            case Command.START:
                self._start(read_start(body))
            case _:  # INIT, STOP, DISCONNECT
                self._start(0)
        return b"\0"

    def _start(self, mask: int) -> None:
        self._mask = mask
        self._forming = range(0)
        self.begin(self._period, on=bool(mask))


def _real(code: int) -> float:
    """What a driver reads: the newtons of a code, as a single-precision number."""
    return float(np.float32(code * RESOLUTION))
