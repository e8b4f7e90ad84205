"""The plate's own side of the wire, byte-exact: requests answered, scans packed and numbered."""

import asyncio
import struct
from collections.abc import Sequence
from typing import Final

from otolith.drivers.errors import ReportError
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import TimedFault
from otolith.drivers.ofp.codec import packet
from otolith.drivers.ofp.codec.identity import CONFIGURATION, DEVICE, TWIN, bos, ms_os_20, url
from otolith.drivers.ofp.codec.numbers import SLOWEST, UNLOCK_TIME, VALUES, Mode, Refusal, Request, Status
from otolith.drivers.ofp.codec.records import (
    State,
    decode_cal,
    encode_cal,
    encode_info,
    encode_layout,
    encode_state,
)
from otolith.drivers.ofp.codec.unlock import key
from otolith.drivers.ofp.pattern import value
from otolith.drivers.ofp.twin.design import TOP, Design
from otolith.drivers.twinning import Sampled, Schedule
from otolith.drivers.usb.gadget import Setup, Stall

_U16: Final = 0xFFFF
_U32: Final = 1 << 32


class Refused(Stall):
    """A request that is refused, with the reason that STATUS will give."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.name)
        self.reason = reason


class PlateTwin(Sampled):
    """A plate of some design under some load; ``rate`` in millihertz is what it is set to after power-up."""

    TOP = TOP
    BOTTOM = -TOP - 1
    device_descriptor = DEVICE
    configuration_descriptor = CONFIGURATION

    def __init__(
        self,
        source: LoadSource,
        design: Design,
        *,
        rate: int = 1_000_000,
        seed: int = 0,
        skew: float = 0.0,
        faults: Sequence[TimedFault] = (),
    ) -> None:
        super().__init__(
            source,
            design.calibration,
            seed=seed,
            schedule=Schedule(skew),
            faults=faults,
        )
        self.strings = {1: "Open Force Plate", 2: f"OFP plate {TWIN}", 3: str(design.info.serial)}
        self.design = design
        self.blinks = 0
        """How often it was asked to show itself."""
        self._default_rate = rate
        self._refusal = Refusal.NONE
        self._challenges = 0
        self._challenge: tuple[int, float] | None = None
        self._tag = 0
        self._reset()

    def _reset(self) -> None:
        self.rate = self._default_rate
        self.mode = Mode.IDLE
        self._began = 0
        self._tare: tuple[int, ...] | None = None
        self._forming = range(0)

    @property
    def streaming(self) -> bool:
        """Whether scans are sent."""
        return self.mode != Mode.IDLE

    @property
    def clock(self) -> int:
        """Microseconds of the plate's own clock; never set back."""
        return round(asyncio.get_running_loop().time() * self._schedule.rate * 1e6)

    def power_up(self) -> None:
        """Idle, at its own rate, not tared."""
        self._reset()
        self.begin(1e3 / self.rate, on=False)

    def delivered(self) -> list[tuple[float, ...]]:
        """All that left whole."""
        return [tuple(map(float, sample.codes)) for sample in self.sent if sample.intact]

    def carried(self, tick: int) -> Sequence[int]:
        """The scans of the packet that a tick completed."""
        return range(tick + 1 - self._fits(), tick + 1)

    async def control(self, setup: Setup, data: bytes) -> bytes:
        """Vendor requests, and the descriptors that only a plate has."""
        if (setup.request_type, setup.request, setup.value) == (0x80, 6, 0x0F00):
            return bos()[: setup.length]
        try:
            return self._vendor(setup, data)
        except Refused as refused:
            self._refusal = refused.reason
            raise

    async def write(self, endpoint: int, data: bytes) -> int:
        """Taken and thrown away: nothing is defined for it in OFP 1."""
        del endpoint
        return len(data)

    def due_packets(self, tick: int, codes: tuple[int, ...]) -> tuple[list[bytes], bool]:
        """A packet as soon as no further scan fits into it."""
        del codes  # the packet asks for those of all its scans
        if not self.streaming:
            return [], False
        if tick != self._forming.stop or not self._forming:
            self._forming = range(tick, tick)
        self._forming = range(self._forming.start, tick + 1)
        if len(self._forming) < self._fits():
            return [], False
        ticks, self._forming = self._forming, range(tick + 1, tick + 1)
        return [packet.encode(self._packet(ticks))], True

    def _fits(self) -> int:
        """Scans in a packet: as many as there is room for, and no two of which the period could not tell."""
        return VALUES // self.design.info.channels if 1e9 / self.rate < _U16 else 1

    def _packet(self, ticks: range) -> packet.Packet:
        period = 1e9 / self.rate
        return packet.Packet(
            sequence=ticks.start % _U32,
            clock=self._began + round(ticks.start * period),
            period=round(period) if len(ticks) > 1 else 0,
            status=self._status(),
            tag=self._tag,
            scans=tuple(map(self._scan, ticks)),
        )

    def _scan(self, tick: int) -> tuple[int, ...]:
        if self.mode == Mode.PATTERN:
            return tuple(value(tick, channel) for channel in range(self.design.info.channels))
        codes = self.codes(tick)
        if self._tare:
            return tuple(code - zero for code, zero in zip(codes, self._tare, strict=True))
        return codes

    def _status(self) -> Status:
        status = Status.TARED if self._tare else Status(0)
        if "saturate" in self.faults.lasting:
            status |= Status.SATURATED
        return status | Status.TEST_PATTERN if self.mode == Mode.PATTERN else status

    def _vendor(self, setup: Setup, data: bytes) -> bytes:
        match setup.request_type:
            case 0xC0:
                return self._answer(setup)[: setup.length]
            case 0x40:
                self._obey(setup, data)
                return b""
            case _:
                raise Refused(Refusal.UNKNOWN_REQUEST)

    def _answer(self, setup: Setup) -> bytes:
        asked = setup.request, setup.value, setup.index
        fixed = {(Request.MS_OS_20, 0, 7): ms_os_20, (Request.WEBUSB, 1, 2): url}
        if asked in fixed:
            return fixed[asked]()
        says = {
            Request.GET_INFO: lambda: encode_info(self.design.info),
            Request.GET_CAL: lambda: encode_cal(self.design.cal),
            Request.GET_LAYOUT: lambda: encode_layout(self.design.places),
            Request.STATUS: self._say_state,
            Request.TIMESYNC: lambda: struct.pack("<Q", self.clock),
            Request.UNLOCK: self._lay_challenge,
        }
        if setup.request not in says:
            raise Refused(Refusal.UNKNOWN_REQUEST)
        return says[Request(setup.request)]()

    def _obey(self, setup: Setup, data: bytes) -> None:
        match setup.request:
            case Request.SET_RATE:
                self._set_rate(data)
            case Request.START:
                self._start(setup.value)
            case Request.STOP:
                self.mode = Mode.IDLE
                self.begin(1e3 / self.rate, on=False)
            case Request.TARE:
                self._set_tare(setup.value)
            case Request.SET_CAL:
                self._set_cal(data)
            case Request.IDENTIFY:
                self.blinks += 1
            case _:
                raise Refused(Refusal.UNKNOWN_REQUEST)

    def _set_rate(self, data: bytes) -> None:
        if len(data) != 4:  # noqa: PLR2004 - u32
            raise Refused(Refusal.WRONG_LENGTH)
        if self.streaming:
            raise Refused(Refusal.BUSY)
        asked = int.from_bytes(data, "little")
        if not SLOWEST <= asked <= self.design.info.max_rate:
            raise Refused(Refusal.OUT_OF_RANGE)
        self.rate = asked

    def _start(self, asked: int) -> None:
        mode, tag = asked & 0xFF, asked >> 8
        if mode not in {Mode.SAMPLES, Mode.PATTERN}:
            raise Refused(Refusal.OUT_OF_RANGE)
        self.mode, self._tag = Mode(mode), tag
        self._forming = range(0)
        self._began = self.clock
        self.begin(1e3 / self.rate, on=True)

    def _set_tare(self, asked: int) -> None:
        if asked not in {0, 1}:
            raise Refused(Refusal.OUT_OF_RANGE)
        self._tare = self.codes(self._schedule.tick) if asked else None

    def _lay_challenge(self) -> bytes:
        self._challenges += 1
        nonce = key(self._challenges, self.clock)
        self._challenge = nonce, asyncio.get_running_loop().time() + UNLOCK_TIME
        return nonce.to_bytes(4, "little")

    def _set_cal(self, data: bytes) -> None:
        challenge, self._challenge = self._challenge, None
        if self.streaming:
            raise Refused(Refusal.BUSY)
        if challenge is None or challenge[1] < asyncio.get_running_loop().time():
            raise Refused(Refusal.LOCKED)
        if data[:4] != key(challenge[0], self.design.info.serial).to_bytes(4, "little"):
            raise Refused(Refusal.LOCKED)
        info = self.design.info
        if len(data) != 4 + len(encode_cal(self.design.cal)):
            raise Refused(Refusal.WRONG_LENGTH)
        try:
            self.design = self.design.recalibrated(decode_cal(data[4:], info.channels, info.outputs))
        except ReportError:
            raise Refused(Refusal.WRONG_CRC) from None

    def _say_state(self) -> bytes:
        refusal, self._refusal = self._refusal, Refusal.NONE
        sequence = self._schedule.tick % _U32 if self.streaming else 0
        state = State(self._status(), self._tag, self.mode, refusal, self.rate, 0, sequence, self.clock)
        return encode_state(state)
