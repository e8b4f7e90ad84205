"""How each generation is switched on and off over a wire, and what its numbers are."""

from typing import Protocol

from otolith.drivers.calibration import Linear
from otolith.drivers.errors import BoardRefused, MonikerError, ReportError
from otolith.drivers.phidget_bridge.codec import ALL, CHANNELS, ZERO, Generation, hid, vendor
from otolith.drivers.phidget_bridge.codec.vendor import Kind, Request
from otolith.drivers.phidget_bridge.geometry import NOMINAL_SLOPE, nominal
from otolith.drivers.phidget_bridge.scans import HidScanner, Scanner, VendorScanner
from otolith.drivers.wire import Wire

GAIN = 128
"""What load cells of about 1 mV/V need; the only gain this driver uses."""
INTERFACE = 0
STALE = 8
"""Packets of an earlier stream that may still wait on their way; a new stream drops so many scans."""
GAIN_HOLD = 32
"""Reports for which "gain bug" firmware needs channel 0 enabled after a gain change (libphidget22)."""


class Link(Protocol):
    """One generation's way of doing it."""

    unit: str
    period: float
    """Seconds between samples."""
    calibration: Linear

    async def start(self, wire: Wire) -> None:
        """Have all four channels sampled; raises DriverError."""
        ...

    async def stop(self, wire: Wire) -> None:
        """Have none sampled; raises DriverError."""
        ...

    def scanner(self, *, again: bool) -> Scanner:
        """What reads the packets of a stream; ``again`` where an earlier one may have left some behind."""
        ...


class HidLink:
    """1046_0: one output report says it all, every input report echoes it."""

    unit = "count"

    def __init__(self, interval: int | None, lengths: tuple[int, int], *, gain_bug: bool) -> None:
        try:
            self._setting = hid.Setting(ALL, (GAIN,) * CHANNELS, interval or hid.TICK)
        except ValueError as error:
            raise MonikerError(f"interval={interval}: {error}") from None
        self._lengths = lengths
        self._gain_bug = gain_bug
        self.period = self._setting.interval * 1e-3
        self.calibration = nominal(NOMINAL_SLOPE / ZERO / GAIN, float(ZERO))

    @classmethod
    async def of(cls, wire: Wire, interval: int | None, *, gain_bug: bool) -> "HidLink":
        """Ask the board how long its reports are; BoardRefused where that is no 1046_0."""
        descriptor = await wire.control(0x81, 6, 0x2200, INTERFACE, 0x200)
        try:
            lengths = hid.report_lengths(descriptor)
        except ReportError as error:
            raise BoardRefused(f"this is no 1046_0: {error}") from error
        return cls(interval, lengths, gain_bug=gain_bug)

    async def start(self, wire: Wire) -> None:
        """All channels on."""
        await self._set(wire, self._setting)

    async def stop(self, wire: Wire) -> None:
        """All channels off; on "gain bug" units channel 0 stays on, which always satisfies its hold."""
        await self._set(wire, hid.Setting(int(self._gain_bug), self._setting.gains, self._setting.interval))

    async def _set(self, wire: Wire, setting: hid.Setting) -> None:
        report = hid.encode_setting(setting, self._lengths[1])
        await wire.control(0x21, 0x09, 0x0200, INTERFACE, report)

    def scanner(self, *, again: bool) -> Scanner:
        """The first sample after enabling is dropped; "gain bug" units settle for their whole hold."""
        discard = GAIN_HOLD if self._gain_bug else 1
        return HidScanner(self._setting, self._lengths[0], discard + STALE * again)


class VendorLink:
    """1046_1: properties of single channels, written one by one."""

    unit = "V/V"

    def __init__(self, interval: int | None) -> None:
        self.period = (interval or 1) * 1e-3
        self.calibration = nominal(NOMINAL_SLOPE, 0.0)

    async def start(self, wire: Wire) -> None:
        """Gain, interval and a packet for every sample on each channel, then all on."""
        for channel in range(CHANNELS):
            await self._write(wire, Kind.OPEN, channel, b"")
            await self._write(wire, Kind.GAIN, channel, bytes([vendor.GAINS[GAIN]]))
            await self._write(wire, Kind.INTERVAL, channel, vendor.encode_interval(self.period * 1e3))
            await self._write(wire, Kind.TRIGGER, channel, vendor.encode_trigger(0.0))
        await self._check_interval(wire)
        for channel in range(CHANNELS):
            await self._write(wire, Kind.ENABLED, channel, b"\xff")

    async def stop(self, wire: Wire) -> None:
        """All channels off."""
        for channel in range(CHANNELS):
            await self._write(wire, Kind.ENABLED, channel, b"\x00")

    def scanner(self, *, again: bool) -> Scanner:
        """The first scan after enabling is dropped."""
        return VendorScanner(GAIN, 1 + STALE * again)

    async def _check_interval(self, wire: Wire) -> None:
        answer = await wire.control(vendor.IN, Request.CHANNEL_READ, Kind.INTERVAL << 8, INTERFACE, 4)
        try:
            taken = vendor.decode_interval(answer)
        except ReportError as error:
            raise BoardRefused(f"this is no 1046_1: {error}") from error
        if abs(taken * 1e-3 - self.period) > 1e-2 * self.period:
            raise BoardRefused(f"the board samples every {taken:g} ms, not every {self.period * 1e3:g} ms as asked")

    async def _write(self, wire: Wire, kind: Kind, channel: int, data: bytes) -> None:
        await wire.control(vendor.OUT, Request.CHANNEL_WRITE, kind << 8 | channel, INTERFACE, data)


async def link(wire: Wire, generation: Generation, interval: int | None) -> Link:
    """The way to drive this generation, the board asked where need be; raises DriverError."""
    if generation is Generation.VENDOR:
        return VendorLink(interval)
    return await HidLink.of(wire, interval, gain_bug=generation is Generation.GAIN_BUG)
