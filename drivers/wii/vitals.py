"""What a board says beside its loads: temperature, battery, button."""

from dataclasses import dataclass, replace
from typing import Final

from otolith.drivers.wii.codec import reports
from otolith.drivers.wii.codec.reports import Report, Sample, Status

SETTLED: Final = round(10e9)
"""Nanoseconds after connecting in which the button means nothing: boards report a press of it by themselves then."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """The newest; None where a board does not say."""

    temperature: int | None = None
    """About degrees Celsius, of the cells' electronics."""
    bars: int | None = None
    """Of the battery, 0 (empty) to 4; samples tell them, the short ones do not."""
    level: float | None = None
    """Of the battery, 0 to 1 and by another scale; a status tells it."""
    low: bool = False
    """The board itself calls its battery low."""
    button: bool = False

    @property
    def battery(self) -> float | None:
        """0 to 1: the bars where samples tell them, else the level of the last status."""
        if self.low:
            return 0.0
        return self.level if self.bars is None else self.bars / 4.0

    def after(self, report: Report) -> "Vitals":
        """What is known once a report has been read."""
        match report:
            case Status(battery, _, low):
                return replace(self, level=level(battery), low=low, button=report.button)
            case Sample(_, temperature, battery) if battery is not None:
                known = self.temperature if temperature is None else temperature
                return replace(self, temperature=known, bars=reports.bars(battery), button=report.button)
        return replace(self, button=report.button)


def level(battery: int) -> float:
    """0 to 1 of ``Status.battery``."""
    return min(battery / reports.FULL_BATTERY, 1.0)
