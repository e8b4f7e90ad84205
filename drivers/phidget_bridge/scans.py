"""From reports to scans, one number per cell: what each generation needs so that no scan is ever a mixture."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from otolith.drivers.batch import Flag
from otolith.drivers.errors import ReportError
from otolith.drivers.phidget_bridge.codec import ALL, CHANNELS, ZERO, hid, limit, vendor


@dataclass(frozen=True, slots=True)
class Scan:
    """One sample of all four cells, in the board's own numbers."""

    counts: tuple[float, ...]
    flags: int = 0
    missed: int = 0
    """Scans known to be lost immediately before this one, because parts of them came."""


class Scanner(Protocol):
    """A codec with the memory it takes to put scans together."""

    def scans(self, packet: bytes) -> Iterator[Scan]:
        """Complete scans of this packet; ReportError (after what could be read) for what is malformed."""
        ...


class HidScanner:
    """1046_0: one report, one scan. ``counts`` are converter codes, 0 to 2**24 - 1.

    Reports that echo an older setting are dropped until the first that echoes ``setting``; after that, a foreign
    echo is a malformed report. The first ``discard`` scans after enabling are not valid yet.
    """

    def __init__(self, setting: hid.Setting, length: int, discard: int) -> None:
        self._setting = setting
        self._length = length
        self._discard = discard
        self._settled = False
        self._limits = [round(limit(gain) * gain * ZERO) for gain in setting.gains]

    def scans(self, packet: bytes) -> Iterator[Scan]:
        """None or one; none where the report brings no new data."""
        report = hid.decode(packet, self._length)
        if report.setting != self._setting:
            if self._settled:
                raise ReportError(f"the board reports a setting nobody asked for: {report.setting}")
            return
        self._settled = True
        if not report.valid:
            return
        if self._discard:
            self._discard -= 1
            return
        yield Scan(tuple(map(float, report.raw)), self._flags(report))

    def _flags(self, report: hid.Report) -> int:
        saturated = any(abs(code - ZERO) > top for code, top in zip(report.raw, self._limits, strict=True))
        return (
            Flag.SATURATED * saturated
            | Flag.CHANNEL_ERROR * bool(report.errors)
            | Flag.INVALID * (report.valid & ALL != ALL)
        )


class VendorScanner:
    """1046_1: one packet per channel; channels 0 to 3 in ascending order make a scan. ``counts`` are V/V.

    A channel that does not come costs its scan, which is then missed. Exactly one turn of packets lost from the
    middle of a scan to the middle of the next cannot be seen here; the clock (``Interval``) sees it.
    The first ``discard`` scans after enabling are not valid yet.
    """

    def __init__(self, gain: int, discard: int) -> None:
        self._full = 1.0 / gain
        self._limit = limit(gain)
        self._discard = discard
        self._values: list[float] = []
        self._flags = 0
        self._previous = -1
        self._announced: tuple[int, float] | None = None
        """A saturation that came before, or instead of, its channel's ratio."""
        self._whole = True
        self._missed = 0

    def scans(self, packet: bytes) -> Iterator[Scan]:
        """As many as the packet completes."""
        for part in vendor.decode(packet):
            if part.ratio is None and part.fault in (vendor.Fault.HIGH, vendor.Fault.LOW):
                yield from self._announce(part.channel, part.fault * self._full)
            elif part.ratio is None:
                yield from self._news(part.channel, math.nan, Flag.CHANNEL_ERROR)
            else:
                yield from self._news(part.channel, part.ratio, self._judged(part.ratio, part.fault))

    def _judged(self, ratio: float, fault: vendor.Fault | None) -> int:
        if fault is vendor.Fault.UNKNOWN:
            return Flag.CHANNEL_ERROR
        return Flag.SATURATED if fault is not None or abs(ratio) > self._limit else 0

    def _announce(self, channel: int, value: float) -> Iterator[Scan]:
        yield from self._settle()
        if channel == self._previous:
            self._flags |= Flag.SATURATED if self._values else 0
        else:
            self._announced = channel, value

    def _news(self, channel: int, value: float, flags: int) -> Iterator[Scan]:
        if self._announced and self._announced[0] == channel:
            flags |= Flag.SATURATED
            self._announced = None
        yield from self._settle()
        yield from self._place(channel, value, flags)

    def _settle(self) -> Iterator[Scan]:
        """A saturation that no ratio followed stands for the ratio."""
        if self._announced:
            channel, value = self._announced
            self._announced = None
            yield from self._place(channel, value, Flag.SATURATED)

    def _place(self, channel: int, value: float, flags: int) -> Iterator[Scan]:
        if self._previous != CHANNELS - 1 and channel <= self._previous:
            self._break_off()
        self._whole &= channel == len(self._values)
        self._values.append(value)
        self._flags |= flags
        self._previous = channel
        if channel == CHANNELS - 1:
            yield from self._complete()

    def _complete(self) -> Iterator[Scan]:
        if not self._whole:
            self._break_off()
        elif self._discard:
            self._discard -= 1
            self._missed = 0
        else:
            yield Scan(tuple(self._values), self._flags, self._missed)
            self._missed = 0
        self._values, self._flags, self._whole = [], 0, True

    def _break_off(self) -> None:
        self._missed += 1
        self._values, self._flags, self._whole = [], 0, True
