"""What happens to a report while a stream runs: bytes to samples, samples to batches, and an account of it all."""

from dataclasses import dataclass
from typing import Final

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.batching import Batcher
from otolith.drivers.counters import PATIENCE, Counters
from otolith.drivers.errors import BoardTimeout, ReportError
from otolith.drivers.repetition import Repetition
from otolith.drivers.wii.codec import reports
from otolith.drivers.wii.codec.reports import Other, Report, Sample, Status

PERIOD: Final = 0.01
"""Seconds between samples, nominally: they come when the board sees fit."""
RANGE: Final = (0, 0xFFFF)
"""Counts at which the converter is at its end."""
DATA: Final = (bytes([reports.SENSORS]), bytes([reports.EXTENDED]))
"""How a sample begins."""
NUDGE: Final = round(0.5e9)
"""Nanoseconds: no sooner than this after the last time a board in another mode is told again."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """What a board says beside its loads, the newest; None where it does not say."""

    temperature: int | None = None
    """About degrees Celsius, of the cells' electronics."""
    bars: int | None = None
    """0 (empty) to 4."""
    button: bool = False


class Intake:
    """One stream from its first report to its last. Not for two threads at once.

    A status stops the data, so after each of them, and in any other mode, ``unset`` asks for the mode to be set again.
    """

    def __init__(self, counters: Counters) -> None:
        self.unset = False
        """The board has to be told what to send; whoever tells it makes this False."""
        self.vitals = Vitals()
        self.lively = False
        """A sample has come."""
        self._batcher = Batcher(1)
        self._counters = counters
        self._repetition = Repetition(PERIOD)
        self._missed = 0
        self._heard: int | None = None
        self._nudged = 0
        self._refusal = "its reports bring no data"

    def take(self, report: bytes, t_host: int) -> list[Batch]:
        """Batches that this report completes.

        Raises BoardTimeout when reports come, but for ``PATIENCE`` seconds none that brings a sample.
        """
        self._counters.reports += 1
        if self._heard is None:
            self._heard = t_host
        batches = self._read(report, t_host)
        if t_host - self._heard > PATIENCE * 1e9:
            raise BoardTimeout(f"the board sends reports, but none that can be used: {self._refusal}")
        return batches

    def _read(self, report: bytes, t_host: int) -> list[Batch]:
        try:
            return self._news(reports.decode(report), report, t_host)
        except ReportError as error:
            self._counters.malformed += 1
            self._refusal = str(error)
            # A report that began as a sample was one: known to be lost, without any clock.
            self._missed += report[:1] in DATA
            return []

    def _news(self, news: Report, report: bytes, t_host: int) -> list[Batch]:
        if isinstance(news, Status):
            self.unset = True
        if isinstance(news, Other) and t_host - self._nudged > NUDGE:
            self._nudged = t_host
            self.unset = True
        if not isinstance(news, Sample):
            return []
        self._heard = t_host
        if self._repetition.seen(report, t_host):
            self._counters.malformed += 1
            return []
        return self._sample(news, t_host)

    def _sample(self, sample: Sample, t_host: int) -> list[Batch]:
        bars = None if sample.battery is None else reports.bars(sample.battery)
        self.vitals = Vitals(sample.temperature, bars, sample.button)
        missed, self._missed = self._missed, 0
        self._counters.samples += 1
        self.lively = True
        self._counters.missed += missed
        saturated = any(count in RANGE for count in sample.counts)
        return self._batcher.add(sample.counts, t_host, Flag.SATURATED * saturated, missed)
