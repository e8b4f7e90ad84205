"""What happens to a packet in the reader thread: bytes to scans, scans to batches, and an account of it all."""

from typing import Final

from otolith.drivers.batch import Batch
from otolith.drivers.batching import Batcher
from otolith.drivers.counters import Counters, patience
from otolith.drivers.errors import BoardTimeout, ReportError
from otolith.drivers.interval import Interval
from otolith.drivers.phidget_bridge.scans import Scanner
from otolith.drivers.repetition import Repetition

GATHER: Final = 0.005
"""Seconds of samples in a batch: a hop into the event loop costs more than a sample."""


class Intake:
    """One stream from its first packet to its last. Not for two threads at once."""

    def __init__(self, scanner: Scanner, period: float, counters: Counters) -> None:
        self._scanner = scanner
        self._interval = Interval(period)
        self._batcher = Batcher(round(GATHER / period))
        self._counters = counters
        self._patience = round(patience(period) * 1e9)
        self._repetition = Repetition(period)
        self._heard: int | None = None
        self._refusal = "its reports bring no data"

    def take(self, packet: bytes, t_host: int) -> list[Batch]:
        """Batches that this packet completes.

        Raises BoardTimeout when packets come, but for ``PATIENCE`` none that brings a sample.
        """
        self._counters.reports += 1
        if self._heard is None:
            self._heard = t_host
        if self._repetition.seen(packet, t_host):
            self._counters.malformed += 1
            return []
        batches = self._read(packet, t_host)
        if t_host - self._heard > self._patience:
            raise BoardTimeout(f"the board sends reports, but none that can be used: {self._refusal}")
        return batches

    def flush(self) -> list[Batch]:
        """The samples that wait for a full batch, at the end of the stream."""
        return self._batcher.flush()

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
