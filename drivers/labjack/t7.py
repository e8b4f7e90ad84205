"""How a T7 is met and streamed: all by registers."""

import struct
from dataclasses import dataclass, field
from typing import Final

from otolith.drivers.analogue.wiring import Input
from otolith.drivers.errors import BoardRefused, ReportError
from otolith.drivers.labjack.codec import modbus, t7
from otolith.drivers.labjack.codec.scale import Scale
from otolith.drivers.labjack.way import OUT, REPLIES, STREAM, Who, check_pair, check_scale, gain_index
from otolith.drivers.wire import UsbWire

NAME: Final = "T7"
FASTEST: Final = 100_000.0
"""Samples per second of all channels together (datasheet, appendix A-1)."""
TOLERANCE: Final = 0.01
"""Of a rate; a device that takes another one was not given what was asked for."""
_BATCH: Final = 12
"""Addresses of a scan list in a request of one packet."""
_WORD: Final = struct.Struct(">H")
_LONG: Final = struct.Struct(">I")
_REAL: Final = struct.Struct(">f")


@dataclass(slots=True)
class Registers:
    """A T7's registers, over a wire; BoardRefused with its reason."""

    wire: UsbWire
    transaction: int = field(default=0)

    async def read(self, address: int, kind: struct.Struct) -> tuple[float, ...]:
        """Values from consecutive registers."""
        return kind.unpack(await self._ask(modbus.ask_read(self._next(), address, kind.size // 2)))

    async def write(self, address: int, data: bytes) -> None:
        """Consecutive registers."""
        await self._ask(modbus.ask_write(self._next(), address, data))

    def _next(self) -> int:
        self.transaction = (self.transaction + 1) % (1 << 16)
        return self.transaction

    async def _ask(self, question: bytes) -> bytes:
        answer = await self.wire.ask(OUT, question, REPLIES)
        try:
            return modbus.answer_of(answer, question)
        except ReportError as error:
            raise BoardRefused(f"this is no T7, or it is not in order: {error}") from error


@dataclass(frozen=True, slots=True)
class T7:
    """See ``Way``."""

    who: Who
    rate: float
    scale: Scale

    async def start(self, wire: UsbWire) -> None:
        """See ``Way``."""
        await wire.drain(STREAM)
        await Registers(wire).write(t7.ENABLE, _LONG.pack(1))

    async def stop(self, wire: UsbWire) -> None:
        """See ``Way``."""
        await _stop(Registers(wire))


async def meet(wire: UsbWire, inputs: tuple[Input, ...], rate: float, samples: int) -> T7:
    """A T7 at the other end of the wire, stopped and told what to stream; raises DriverError."""
    registers = Registers(wire)
    who = await _who(registers)
    await _stop(registers)
    for one in inputs:
        check_pair(one, t7.CHANNELS, NAME)
    gains = [gain_index(one.span, t7.RANGES, one, NAME) for one in inputs]
    scale = await _scale(registers, gains)
    for one, gain in zip(inputs, gains, strict=True):
        await registers.write(t7.RANGE + 2 * one.number, _REAL.pack(t7.RANGES[gain]))
        await registers.write(t7.NEGATIVE + one.number, _WORD.pack(t7.SINGLE_ENDED if one.minus is None else one.minus))
    await _configure(registers, inputs, rate, samples)
    (taken,) = await registers.read(t7.SCAN_RATE, _REAL)
    if not abs(taken - rate) <= TOLERANCE * rate:
        raise BoardRefused(f"the T7 samples {taken:g} times a second, not {rate:g} times as asked")
    return T7(who, taken, scale)


async def _who(registers: Registers) -> Who:
    (test,) = await registers.read(t7.TEST, _LONG)
    product, _, firmware = await registers.read(t7.PRODUCT_ID, struct.Struct(">3f"))
    if test != t7.TEST_VALUE or product != t7.PRODUCT:
        raise BoardRefused(f"this LabJack says that it is no T7 but product {product:g}")
    (installed,) = await registers.read(t7.INSTALLED, _LONG)
    (serial,) = await registers.read(t7.SERIAL, _LONG)
    return Who(f"{NAME}-Pro" if int(installed) & t7.PRO else NAME, str(serial), f"{firmware:.4f}")


async def _stop(registers: Registers) -> None:
    """Whether or not it runs: a T7 that does not refuses to be stopped."""
    try:
        await registers.write(t7.ENABLE, _LONG.pack(0))
    except BoardRefused as error:
        if not isinstance(error.__cause__, modbus.Refusal):
            raise


async def _scale(registers: Registers, gains: list[int]) -> Scale:
    sets = []
    for index in range(len(t7.RANGES)):
        await registers.write(t7.FLASH_POINTER, _LONG.pack(t7.CALIBRATION + index * t7.SET.size))
        above, below, centre, offset = await registers.read(t7.FLASH, t7.SET)
        sets.append((above, below, centre, offset))
    ideal = tuple(t7.SET.iter_unpack(t7.nominal_flash()))
    return check_scale(t7.scale(tuple(sets[gain] for gain in gains)), t7.scale(tuple(ideal[gain] for gain in gains)))


async def _configure(registers: Registers, inputs: tuple[Input, ...], rate: float, samples: int) -> None:
    await registers.write(t7.SCAN_RATE, _REAL.pack(rate))
    await registers.write(t7.CHANNEL_COUNT, _LONG.pack(len(inputs)))
    await registers.write(t7.PACKET_SAMPLES, _LONG.pack(samples))
    await registers.write(t7.SETTLING, _REAL.pack(0.0))
    for address, value in {
        t7.RESOLUTION: 0,
        t7.BUFFER_BYTES: t7.BUFFER,
        t7.CLOCK: 0,
        t7.TARGET: t7.USB,
        t7.DATA_TYPE: 0,
        t7.SCANS: 0,
    }.items():
        await registers.write(address, _LONG.pack(value))
    addresses = [_LONG.pack(2 * one.number) for one in inputs]
    for at in range(0, len(addresses), _BATCH):
        await registers.write(t7.LIST + 2 * at, b"".join(addresses[at : at + _BATCH]))


async def serial(wire: UsbWire) -> str:
    """What a T7 says is its serial number."""
    (number,) = await Registers(wire).read(t7.SERIAL, _LONG)
    return str(number)
