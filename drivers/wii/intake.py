"""What happens to a report while a stream runs: bytes to samples, samples to batches, and an account of it all."""

from typing import Final

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.batching import Batcher
from otolith.drivers.counters import PATIENCE, Counters
from otolith.drivers.errors import BoardRefused, BoardTimeout, ReportError
from otolith.drivers.wii.codec import reports
from otolith.drivers.wii.codec.reports import Other, Report, Sample, Status
from otolith.drivers.wii.correction import Correction
from otolith.drivers.wii.vitals import SETTLED, Vitals

PERIOD: Final = 0.01
"""Seconds between samples, nominally: they come when the board sees fit."""
RANGE: Final = (0, 0xFFFF)
"""Counts at which the converter is at its end."""
DATA: Final = (bytes([reports.SENSORS]), bytes([reports.EXTENDED]))
"""How a sample begins."""
NUDGE: Final = round(0.5e9)
"""Nanoseconds: no sooner than this after the last time a board in another mode is told again."""


class Intake:
    """One stream from its first report to its last. Not for two threads at once.

    Reports that are alike are samples that are alike: Bluetooth repeats none, and brings several at once.

    A status stops the data, so after each of them, and in any other mode, ``unset`` asks for the mode to be set again.
    ``connected`` is when the board came, in ns: of its button, see ``vitals.SETTLED``.
    """

    def __init__(
        self,
        counters: Counters,
        *,
        vitals: Vitals | None = None,
        connected: int = 0,
        correction: Correction | None = None,
    ) -> None:
        self.unset = False
        """The board has to be told what to send; whoever tells it makes this False."""
        self.vitals = vitals or Vitals()
        self.lively = False
        """A sample has come."""
        self._batcher = Batcher(1)
        self._counters = counters
        self._settled = connected + SETTLED
        self._correction = correction
        self._missed = 0
        self._heard: int | None = None
        self._nudged = 0
        self._refusal = "its reports bring no data"

    def take(self, report: bytes, t_host: int) -> list[Batch]:
        """Batches that this report completes.

        Raises BoardTimeout when reports come, but for ``PATIENCE`` seconds none that brings a sample; BoardRefused
        where loads are to be corrected for a temperature that the board does not tell.
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
            news = reports.decode(report)
        except ReportError as error:
            self._counters.malformed += 1
            self._refusal = str(error)
            # A report that began as a sample was one: known to be lost, without any clock.
            self._missed += report[:1] in DATA
            return []
        return self._news(news, t_host)

    def _news(self, news: Report, t_host: int) -> list[Batch]:
        if news.button and not self.vitals.button and t_host >= self._settled:
            self._counters.presses += 1
        self.vitals = self.vitals.after(news)
        if isinstance(news, Status):
            self.unset = True
        if isinstance(news, Other) and t_host - self._nudged > NUDGE:
            self._nudged = t_host
            self.unset = True
        if not isinstance(news, Sample):
            return []
        self._heard = t_host
        return self._sample(news, t_host)

    def _sample(self, sample: Sample, t_host: int) -> list[Batch]:
        missed, self._missed = self._missed, 0
        self._counters.samples += 1
        self.lively = True
        self._counters.missed += missed
        saturated = any(count in RANGE for count in sample.counts)
        return self._batcher.add(self._corrected(sample), t_host, Flag.SATURATED * saturated, missed)

    def _corrected(self, sample: Sample) -> tuple[float, ...]:
        if self._correction is None:
            return sample.counts
        if self.vitals.temperature is None:
            raise BoardRefused("the board tells no temperature to correct by; leave temperature=correct away")
        return self._correction.counts(sample.counts, self.vitals.temperature)
