"""A USB-1608FS-Plus as a gadget: requests answered, plates sampled, a FIFO that can run over."""

from collections.abc import Sequence
from struct import Struct
from typing import Final

from otolith.drivers.analogue.wiring import Wiring
from otolith.drivers.board import TWIN
from otolith.drivers.errors import ReportError
from otolith.drivers.loads import LoadSource
from otolith.drivers.mcc1608.codec.memory import Converter, encode_memory
from otolith.drivers.mcc1608.codec.numbers import (
    ENDPOINT,
    FIFO,
    INPUTS,
    PACKET,
    PRODUCT,
    RANGES,
    SERIAL,
    TOP,
    VENDOR,
    ZERO,
    Option,
    Request,
    Status,
)
from otolith.drivers.mcc1608.codec.pacer import FASTEST, rate_of
from otolith.drivers.mcc1608.codec.records import Scan, decode_ranges, decode_scan
from otolith.drivers.mcc1608.twin.converters import Coded, factory
from otolith.drivers.monikers import TimedFault
from otolith.drivers.twinning import Sampled, Schedule
from otolith.drivers.usb.gadget import Setup, Stall

_RELEASE: Final = 0x0101
"""bcdDevice; what real ones say is not public, and nothing depends on it."""
_SAMPLE: Final = Struct("<H")
_WRAP: Final = 1 << 16


class MccTwin(Sampled):
    """A DAQ with plates on its inputs; the other inputs read 0 V.

    ``fifo`` samples it can keep: when a computer does not read, and more than these are due, the scan ends with an
    overrun once they have left.
    """

    TOP = TOP
    device_descriptor = Struct("<BBHBBBBHHHBBBB").pack(
        18, 1, 0x0200, 0xFF, 0, 0, 64, VENDOR, PRODUCT, _RELEASE, 1, 2, 3, 1
    )
    configuration_descriptor = bytes.fromhex(
        "09 02 19 00 01 01 00 80 FA"  # configuration 1: 25 bytes, one interface, bus powered, 500 mA
        "09 04 00 00 01 FF 00 00 00"  # interface 0, vendor class, one endpoint
        "07 05 81 02 40 00 00"  # 0x81 bulk, 64 bytes
    )

    def __init__(
        self,
        source: LoadSource,
        wiring: Wiring,
        *,
        serial: str = "100001",
        seed: int = 0,
        skew: float = 0.0,
        faults: Sequence[TimedFault] = (),
        fifo: int = FIFO,
    ) -> None:
        self.memory = factory(int(serial))
        self.image = encode_memory(self.memory)
        """The 768 bytes of its calibration memory."""
        self.ranges: tuple[int, ...] = (0,) * INPUTS
        self._wiring = wiring
        super().__init__(
            source,
            Coded(wiring.calibration, self._converters()),
            seed=seed,
            schedule=Schedule(skew),
            faults=faults,
            endpoint=ENDPOINT,
        )
        self.serial = serial.zfill(SERIAL)
        self.strings = {1: "Measurement Computing Corp.", 2: f"USB-1608FS-Plus {TWIN}", 3: self.serial}
        self.blinks = 0
        """How often its light has blinked."""
        self.events = 0
        """What its counter input has seen."""
        self._fifo = fifo
        self._scanned = INPUTS
        self._due = 0
        self._pending = b""
        """Of the packet that is not full yet."""
        self._ticks: list[int] = []
        """Scans with samples in it, or in one that waits to leave."""
        self._carried: list[int] = []
        self._overruns_at: int | None = None
        self._reset()

    def _reset(self) -> None:
        self.scan: Scan | None = None
        self.status = Status(0)
        self._configure((0,) * INPUTS)

    @property
    def streaming(self) -> bool:
        """Whether it scans."""
        return self.scan is not None

    @property
    def full(self) -> tuple[float, ...]:
        """Volts at the upper end of the converters' ranges."""
        return tuple(converter.volts(TOP) for converter in self._converters())

    def power_up(self) -> None:
        """Nothing scans, all inputs take ±10 V."""
        self._reset()
        self.begin(1.0, on=False)

    def delivered(self) -> list[tuple[float, ...]]:
        """All that left whole, in volts."""
        converters = self._converters()
        return [
            tuple(converter.volts(code) for converter, code in zip(converters, sample.codes, strict=True))
            for sample in self.sent
            if sample.intact
        ]

    def carried(self, tick: int) -> Sequence[int]:
        """The scans of which a packet brought the last sample."""
        del tick
        return self._carried

    def overrun(self) -> None:
        """The FIFO ran over: the scan is over, and the endpoint halts."""
        inhibited = self.scan is not None and Option.NO_STALL in self.scan.options
        self.scan = None
        self.status = Status.OVERRUN
        if not inhibited:
            self._ready.append(Stall())
        self._news.set()

    async def control(self, setup: Setup, data: bytes) -> bytes:
        """Vendor requests."""
        try:
            request = Request(setup.request)
        except ValueError:
            raise Stall from None
        match setup.request_type:
            case 0xC0:
                return self._answer(request, setup)[: setup.length]
            case 0x40:
                self._obey(request, data)
                return b""
        raise Stall

    def due_packets(self, tick: int, codes: tuple[int, ...]) -> tuple[list[bytes], bool]:
        """A packet as soon as it is full, or with each scan in immediate mode; an empty one may end a finite scan."""
        if self.scan is None:
            return [], False
        if tick != self._due:
            self._pending, self._ticks = b"", []
        self._due = tick + 1
        if self._overruns_at is None and self._backlog() * self._scanned > self._fifo:
            self._overruns_at = tick + self._fifo // self._scanned
        if tick == self._overruns_at:
            self.overrun()
            return [], False
        self._pending += self._row(self.scan, tick, codes)
        self._ticks.append(tick)
        return self._cut(self.scan, tick)

    def _cut(self, scan: Scan, tick: int) -> tuple[list[bytes], bool]:
        size = 2 * self._scanned if Option.IMMEDIATE in scan.options else PACKET
        packets = []
        if len(self._pending) >= size:
            packets = [self._pending[:size]]
            self._pending = self._pending[size:]
        if tick + 1 == scan.count:
            packets.append(self._pending)
            self._pending = b""
            self.scan, self.status = None, Status(0)
        if packets:
            whole = len(self._ticks) - bool(self._pending)
            self._carried, self._ticks = self._ticks[:whole], self._ticks[whole:]
        return packets, bool(packets)

    def _row(self, scan: Scan, tick: int, codes: Sequence[int]) -> bytes:
        """A scan as it goes through the FIFO."""
        if Option.COUNTING in scan.options:
            first = tick * self._scanned
            return b"".join(_SAMPLE.pack((first + index) % _WRAP) for index in range(self._scanned))
        rest = TOP if "saturate" in self.faults.lasting else ZERO
        reading = {each.number: code for each, code in zip(self._wiring.inputs, codes, strict=True)}
        return b"".join(_SAMPLE.pack(reading.get(number, rest)) for number in scan.inputs)

    def _backlog(self) -> float:
        """Scans that are due and have not been fetched."""
        return -self._schedule.wait() / self._schedule.period

    def _answer(self, request: Request, setup: Setup) -> bytes:
        match request:
            case Request.SCAN_CONFIG if self.scan is None:
                return bytes(self.ranges)
            case Request.STATUS:
                return self.status.to_bytes(2, "little")
            case Request.SERIAL:
                return self.serial.encode()
            case Request.MEMORY if setup.value + setup.length <= len(self.image):
                return self.image[setup.value :]
            case Request.COUNTER:
                return self.events.to_bytes(4, "little")
            case Request.AIN if self.scan is None and setup.value < INPUTS and setup.index < len(RANGES):
                return _SAMPLE.pack(self._read_one(setup.value, setup.index))
        raise Stall

    def _obey(self, request: Request, data: bytes) -> None:
        match request:
            case Request.SCAN_START:
                self._start(data)
            case Request.SCAN_STOP:
                self.scan = None
                self.status &= ~Status.RUNNING
            case Request.SCAN_CLEAR:
                self._pending, self._ticks = b"", []
                self._ready.clear()
            case Request.SCAN_CONFIG if self.scan is None:
                self._configure_from(data)
            case Request.STATUS:
                self.status &= ~Status.OVERRUN
            case Request.COUNTER:
                self.events = 0
            case Request.BLINK if len(data) == 1:
                self.blinks += data[0]
            case Request.RESET:
                self.power_up()
            case _:
                raise Stall

    def _start(self, data: bytes) -> None:
        """Refused while it scans, and where it would wait for a clock or a trigger that no twin has."""
        try:
            scan = decode_scan(data)
        except ReportError:
            raise Stall from None
        if self.scan is not None or not scan.mask or scan.trigger or not scan.pacer or rate_of(scan.pacer) > FASTEST:
            raise Stall
        self.scan, self.status = scan, Status.RUNNING
        self._scanned = len(scan.inputs)
        self._due = 0
        self._pending, self._ticks, self._carried = b"", [], []
        self._overruns_at = None
        self.begin(1.0 / rate_of(scan.pacer), on=True)

    def _configure_from(self, data: bytes) -> None:
        try:
            self._configure(decode_ranges(data))
        except ReportError:
            raise Stall from None

    def _configure(self, ranges: tuple[int, ...]) -> None:
        self.ranges = ranges
        self._calibration = Coded(self._wiring.calibration, self._converters())
        self._codes = []

    def _converters(self) -> tuple[Converter, ...]:
        """Of the inputs that plates hang on."""
        return tuple(self.memory.converter(each.number, self.ranges[each.number]) for each in self._wiring.inputs)

    def _read_one(self, number: int, scale: int) -> int:
        """A single conversion, at the time of the next sample."""
        before = self.ranges
        self._configure((scale,) * INPUTS)
        codes = self.codes(self._schedule.tick)
        self._configure(before)
        numbers = [each.number for each in self._wiring.inputs]
        return codes[numbers.index(number)] if number in numbers else ZERO
