"""The twin of a T7: registers, flash, and a stream that they start."""

import struct
from collections.abc import Sequence
from typing import Final

from otolith.drivers.analogue.wiring import Wiring
from otolith.drivers.errors import ReportError
from otolith.drivers.labjack.codec import modbus, t7
from otolith.drivers.labjack.codec.modbus import READ, REFUSED, WRITE, Frame
from otolith.drivers.labjack.codec.packet import Packet
from otolith.drivers.labjack.scans import Layout
from otolith.drivers.labjack.twin.device import LabJackTwin
from otolith.drivers.labjack.twin.lowlevel import own
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import TimedFault

CLOCK: Final = 10e6
"""Hz of its scan clock: a guess that makes rates come out a little off, as a real one's must."""
NO_FUNCTION, NO_REGISTER, NO_VALUE = 1, 2, 3
_SPAN: Final = struct.Struct(">HH")
_WRITABLE: Final = (
    range(t7.SCAN_RATE, t7.SCANS + 2),
    range(t7.LIST, t7.LIST + 256),
    range(t7.ENABLE, t7.ENABLE + 2),
    range(t7.RANGE, t7.RANGE + 2 * t7.CHANNELS),
    range(t7.NEGATIVE, t7.NEGATIVE + t7.CHANNELS),
    range(t7.FLASH_POINTER, t7.FLASH_POINTER + 2),
)


class T7Twin(LabJackTwin):
    """A T7, not the Pro."""

    product = t7.PRODUCT
    name = "T7"

    def __init__(
        self,
        source: LoadSource,
        wiring: Wiring,
        *,
        serial: int = 100001,
        seed: int = 0,
        skew: float = 0.0,
        faults: Sequence[TimedFault] = (),
    ) -> None:
        super().__init__(source, wiring, seed=seed, skew=skew, faults=faults)
        ideal = tuple(t7.SET.iter_unpack(t7.nominal_flash()))
        self.flash = b"".join(t7.SET.pack(*one) for one in own(ideal, serial))
        self._serial = serial
        self.registers: dict[int, bytes] = {}

    def power_up(self) -> None:
        """Registers as they are after power-up."""
        self.registers = {}
        self._put(t7.TEST, t7.TEST_VALUE.to_bytes(4, "big"))
        self._put(t7.PRODUCT_ID, struct.pack(">3f", t7.PRODUCT, 1.35, 1.0292))
        self._put(t7.INSTALLED, bytes(4))
        self._put(t7.SERIAL, self._serial.to_bytes(4, "big"))
        for span in _WRITABLE:
            self._put(span.start, bytes(2 * len(span)))
        super().power_up()

    def encode(self, packet: Packet) -> bytes:
        """A spontaneous packet."""
        return t7.encode(packet)

    def answer(self, command: bytes) -> bytes:
        """See ``LabJackTwin``; what is no Modbus frame is not answered."""
        try:
            asked = modbus.decode(command)
        except ReportError:
            return b""
        refusal, body = self._obey(asked)
        if refusal:
            return modbus.encode(Frame(asked.transaction, asked.function | REFUSED, bytes([refusal])))
        return modbus.encode(Frame(asked.transaction, asked.function, body))

    def _obey(self, asked: Frame) -> tuple[int, bytes]:
        """A refusal's code, or 0 and the body of the answer."""
        if asked.function not in {READ, WRITE} or len(asked.body) < _SPAN.size:
            return NO_FUNCTION, b""
        address, count = _SPAN.unpack_from(asked.body)
        if asked.function == READ:
            found = self._get(address, count)
            return (0, bytes([len(found)]) + found) if found else (NO_REGISTER, b"")
        data = asked.body[_SPAN.size + 1 :]
        if len(data) != 2 * count or not any(address in span for span in _WRITABLE):
            return NO_REGISTER, b""
        return self._set(address, data), asked.body[: _SPAN.size]

    def _get(self, address: int, count: int) -> bytes:
        if address == t7.FLASH:
            at = int.from_bytes(self._get(t7.FLASH_POINTER, 2), "big") - t7.CALIBRATION
            return self.flash[at : at + 2 * count] if at >= 0 else b""
        found = [self.registers.get(address + index, b"") for index in range(count)]
        return b"".join(found) if all(found) else b""

    def _put(self, address: int, data: bytes) -> None:
        for at in range(0, len(data), 2):
            self.registers[address + at // 2] = data[at : at + 2]

    def _set(self, address: int, data: bytes) -> int:
        if address == t7.ENABLE:
            return self._enable(on=any(data))
        self._put(address, data)
        if address == t7.SCAN_RATE:
            (rate,) = struct.unpack(">f", data)
            if not rate > 0.0:
                return NO_VALUE
            self._put(address, struct.pack(">f", CLOCK / max(1, round(CLOCK / rate))))
        return 0

    def _enable(self, *, on: bool) -> int:
        if on is self.streaming:
            return NO_VALUE
        if not on:
            self.halt()
            return 0
        (rate,) = struct.unpack(">f", self._get(t7.SCAN_RATE, 2))
        channels, samples, target = (
            int.from_bytes(self._get(address, 2), "big") for address in (t7.CHANNEL_COUNT, t7.PACKET_SAMPLES, t7.TARGET)
        )
        if target != t7.USB or not channels or not rate or not 1 <= samples <= t7.MOST or samples % channels:
            return NO_VALUE
        numbers = [int.from_bytes(self._get(t7.LIST + 2 * index, 2), "big") // 2 for index in range(channels)]
        self.wire_up(numbers, t7.scale(tuple(map(self._line, numbers))))
        capacity = int.from_bytes(self._get(t7.BUFFER_BYTES, 2), "big") // 2 // samples * samples
        self.run(rate, Layout(channels, samples, t7.WRAP, dummy=False), capacity)
        return 0

    def _line(self, number: int) -> tuple[float, float, float, float]:
        (limit,) = struct.unpack(">f", self._get(t7.RANGE + 2 * number, 2))
        index = next((at for at, span in enumerate(t7.RANGES) if abs(span - limit) < 1e-3 * span), 0)
        above, below, centre, offset = t7.SET.unpack_from(self.flash, index * t7.SET.size)
        return above, below, centre, offset
