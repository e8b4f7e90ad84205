"""What happens to a packet in the reader thread: bytes to scans, scans to batches, and an account of it all."""

from dataclasses import dataclass
from typing import Final

from otolith.drivers.batch import Batch
from otolith.drivers.batching import Batcher
from otolith.drivers.errors import BoardTimeout, ReportError
from otolith.drivers.interval import Interval
from otolith.drivers.phidget_bridge.scans import Scanner

GATHER: Final = 0.005
"""Seconds of samples in a batch: a hop into the event loop costs more than a sample."""
PATIENCE: Final = 1.0
"""Seconds that a board may send nothing readable before it counts as silent."""

LIVELY: Final = 16
"""Packets in a row that differ, before one that does not is suspicious."""
CLOSE: Final = 0.25
"""Of a period: sooner after the packet before it than this, a packet is not at its time."""
SLOW: Final = 0.004
"""Seconds: at shorter periods no clock of a busy computer can tell, and a repetition counts as a sample."""


@dataclass(slots=True, eq=False)
class Counters:
    """``StreamStatistics`` while they grow; written by the reader thread alone."""

    reports: int = 0
    samples: int = 0
    missed: int = 0
    malformed: int = 0


class Intake:
    """One stream from its first packet to its last. Not for two threads at once."""

    def __init__(self, scanner: Scanner, period: float, counters: Counters) -> None:
        self._scanner = scanner
        self._interval = Interval(period)
        self._batcher = Batcher(round(GATHER / period))
        self._counters = counters
        self._patience = round(patience(period) * 1e9)
        self._close = round(CLOSE * period * 1e9) if period >= SLOW else 0
        self._previous = b""
        self._previous_at = 0
        self._lively = 0
        self._heard: int | None = None
        self._refusal = "its reports bring no data"

    def take(self, packet: bytes, t_host: int) -> list[Batch]:
        """Batches that this packet completes.

        Raises BoardTimeout when packets come, but for ``PATIENCE`` none that brings a sample.
        """
        self._counters.reports += 1
        if self._heard is None:
            self._heard = t_host
        if self._repetition(packet, t_host):
            self._counters.malformed += 1
            return []
        batches = self._read(packet, t_host)
        if t_host - self._heard > self._patience:
            raise BoardTimeout(f"the board sends reports, but none that can be used: {self._refusal}")
        return batches

    def flush(self) -> list[Batch]:
        """The samples that wait for a full batch, at the end of the stream."""
        return self._batcher.flush()

    def _repetition(self, packet: bytes, t_host: int) -> bool:
        """Whether this packet is the one before it, sent again.

        Converters hardly ever read the same twice in all 96 bits. Where samples do repeat for good (a simulated
        weight, cells at their end) nothing is a repetition; nor is what comes at its time.
        """
        same = packet == self._previous
        if same and self._lively >= LIVELY and t_host - self._previous_at < self._close:
            return True
        self._lively = 0 if same else self._lively + 1
        self._previous, self._previous_at = packet, t_host
        return False

    def _read(self, packet: bytes, t_host: int) -> list[Batch]:
        batches: list[Batch] = []
        try:
            for scan in self._scanner.scans(packet):
                self._heard = t_host
                # Scans known to be broken did arrive, as far as the clock is concerned.
                missed = scan.missed + sum(self._interval.arrived(t_host) for _ in range(scan.missed + 1))
                self._counters.samples += 1
                self._counters.missed += missed
                batches += self._batcher.add(scan.counts, t_host, scan.flags, missed)
        except ReportError as error:
            self._counters.malformed += 1
            self._refusal = str(error)
        return batches


def patience(period: float) -> float:
    """Seconds of silence that a board with this sampling period is allowed."""
    return max(PATIENCE, 3.0 * period)
