"""A Go!Link with an FP-BTA on it, seen from inside."""

from collections.abc import Sequence
from typing import Final

from otolith.drivers.board import TWIN
from otolith.drivers.calibration import Linear
from otolith.drivers.errors import ReportError
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import TimedFault
from otolith.drivers.twinning import Sampled, Schedule
from otolith.drivers.twinning.descriptors import configuration, device_descriptor, hid_descriptor, report_descriptor
from otolith.drivers.usb.gadget import Setup, Stall
from otolith.drivers.vernier.go_link.board import PRODUCT, SHORTEST
from otolith.drivers.vernier.go_link.codec.packet import MOST, PACKET, Command, Measurement, Part, encode
from otolith.drivers.vernier.go_link.codec.records import (
    FULL,
    TICK,
    Channel,
    Failure,
    State,
    Status,
    encode_serial,
    encode_status,
)
from otolith.drivers.vernier.go_link.line import OUTPUT
from otolith.drivers.vernier.plate import SET_REPORT, VENDOR

DEFAULT_PERIOD: Final = 100
"""Ticks after INIT."""
FAST: Final = 8
"""Ticks: at shorter periods a packet carries three values. Where the real one begins to is not public."""
SENSOR: Final = 0
"""The answer to SENSOR of a plate without memory."""
WEEK, YEAR = 0x14, 0x26
_DESCRIPTOR: Final = report_descriptor(PACKET, PACKET)
_FIRST: Final = 6
"""Bytes of memory in the first packet of an answer; seven in the others."""


class GoLinkTwin(Sampled):
    """Answers what a driver asks, ten times a second measures what it is not asked for; empty memories."""

    TOP = FULL - 1
    BOTTOM = -FULL
    device_descriptor = device_descriptor(VENDOR, PRODUCT, 0x0161)
    configuration_descriptor = configuration(3, hid_descriptor(_DESCRIPTOR), 1, PACKET)

    def __init__(
        self,
        source: LoadSource,
        calibration: Linear,
        *,
        serial: str = "100001",
        seed: int = 0,
        skew: float = 0.0,
        faults: Sequence[TimedFault] = (),
    ) -> None:
        schedule = Schedule(skew)
        super().__init__(source, calibration, seed=seed, schedule=schedule, faults=faults, largest=PACKET)
        self.strings = {1: "Vernier Software & Technology", 2: f"Go! Link {TWIN}", 3: serial}
        self.state = State(0)
        """Faults that STATUS tells of."""
        self.lights: list[tuple[int, ...]] = []
        """What its light was set to."""
        self._serial = int(serial)
        self._reset()

    def _reset(self) -> None:
        self._measuring = False
        self._ticks = DEFAULT_PERIOD
        self._channel = int(Channel.TEN)
        self._forming = range(0)
        self.state = State(0)

    @property
    def streaming(self) -> bool:
        """Whether it measures."""
        return self._measuring

    def power_up(self) -> None:
        """Nothing is measured."""
        self._reset()
        self.begin(self._ticks * TICK, on=False)

    def delivered(self) -> list[tuple[float, ...]]:
        """All that left whole."""
        return [tuple(map(float, sample.codes)) for sample in self.sent if sample.intact]

    async def control(self, setup: Setup, data: bytes) -> bytes:
        """GET_DESCRIPTOR(report), SET_REPORT, SET_IDLE (HID 1.11, chapter 7)."""
        if (setup.request_type, setup.request, setup.value) == (0x81, 6, 0x2200):
            return _DESCRIPTOR
        if (setup.request_type, setup.request, setup.value, len(data)) == (0x21, SET_REPORT, OUTPUT, PACKET):
            if "freeze" not in self.faults.lasting:
                self._hear(data)
            return b""
        if (setup.request_type, setup.request) == (0x21, 0x0A):
            return b""
        raise Stall

    def due_packets(self, tick: int, codes: tuple[int, ...]) -> tuple[list[bytes], bool]:
        """A packet as soon as its values are complete; its number tells of those that were skipped."""
        del codes  # the packet asks for those of all its samples
        if not self.streaming:
            return [], False
        if tick != self._forming.stop:
            self._forming = range(tick, tick)
        self._forming = range(self._forming.start, tick + 1)
        if len(self._forming) < self._fits():
            return [], False
        values = tuple(self._value(one) for one in self._forming)
        self._forming = range(tick + 1, tick + 1)
        return [encode(Measurement(tick // self._fits() % 256, values))], True

    def carried(self, tick: int) -> Sequence[int]:
        """The samples of the packet that a tick completed."""
        return range(tick + 1 - self._fits(), tick + 1)

    def _value(self, tick: int) -> int:
        return self.codes(tick)[0] if self._channel == Channel.FIVE else 0

    def _fits(self) -> int:
        return MOST if self._ticks < FAST else 1

    def _hear(self, request: bytes) -> None:
        try:
            command = Command(request[0])
            answer = self._obey(command, request)
        except (ReportError, ValueError):
            self.say([encode(Part(bytes([Failure.NOT_SUPPORTED]), request[0], failed=True))])
            return
        self.say([encode(part) for part in answer])

    def _obey(self, command: Command, request: bytes) -> list[Part]:
        says = {
            Command.STATUS: lambda: encode_status(Status(self.state, 0x61, 0x01)),
            Command.SERIAL: lambda: encode_serial(WEEK, YEAR, self._serial),
            Command.SENSOR: lambda: SENSOR.to_bytes(4, "little"),
            Command.GET_PERIOD: lambda: self._ticks.to_bytes(4, "little"),
        }
        if command in says:
            return [Part(says[command](), command)]
        if command in {Command.READ_LOCAL, Command.READ_REMOTE}:
            return _memory(command, bytes(request[2]))
        if command is Command.SET_PERIOD:
            return [self._set_period(int.from_bytes(request[1:5], "little"))]
        self._do(command, request)
        return [Part(b"\0", command, init=command is Command.INIT)]

    def _do(self, command: Command, request: bytes) -> None:
        match command:
            case Command.SET_CHANNEL:
                self._channel = request[1]
            case Command.SET_LIGHT:
                self.lights.append((request[1], request[2]))
            case Command.START | Command.STOP:
                self._measure(on=command is Command.START)
            case _:  # INIT
                self._reset()
                self._measure(on=False)

    def _set_period(self, ticks: int) -> Part:
        wrong = Failure.PERIOD_WHILE_COLLECTING if self._measuring else Failure.INVALID_PARAMETER
        if self._measuring or ticks < SHORTEST:
            return Part(bytes([wrong]), Command.SET_PERIOD, failed=True)
        self._ticks = ticks
        return Part(b"\0", Command.SET_PERIOD)

    def _measure(self, *, on: bool) -> None:
        self._measuring = on
        self._forming = range(0)
        self.begin(self._ticks * TICK, on=on)


def _memory(command: Command, data: bytes) -> list[Part]:
    """An answer of as many packets as it takes."""
    pieces = [data[:_FIRST]] + [data[at : at + PACKET - 1] for at in range(_FIRST, len(data), PACKET - 1)]
    last = len(pieces) - 1
    return [Part(piece, None if k else command, last=k == last) for k, piece in enumerate(pieces)]
