"""Samples one by one into batches: the order, the numbering and the gaps are kept here and nowhere else."""

from collections.abc import Sequence

import numpy as np

from otolith.drivers.batch import Batch, Flag


class Batcher:
    """Collects ``size`` samples into a batch; a gap always begins a new one."""

    def __init__(self, size: int) -> None:
        self._size = max(1, size)
        self._seq = 0
        self._missed = 0
        self._rows: list[tuple[Sequence[float], int, int, float | None]] = []

    def add(
        self,
        counts: Sequence[float],
        t_host: int,
        flags: int = 0,
        missed: int = 0,
        t_device: float | None = None,
    ) -> list[Batch]:
        """One sample, after ``missed`` lost ones; returns the batches that are complete now (mostly none).

        ``t_device`` in seconds of the board's own clock: for every sample of a stream, or for none.
        """
        done = []
        if missed:
            done += self.flush()
            self._missed += missed
            self._seq += missed
            flags |= Flag.AFTER_GAP
        self._rows.append((counts, t_host, flags, t_device))
        if len(self._rows) >= self._size:
            done += self.flush()
        return done

    def flush(self) -> list[Batch]:
        """What is not yet a full batch: one, or none where nothing waits."""
        if not self._rows:
            return []
        counts, times, flags, clock = zip(*self._rows, strict=True)
        batch = Batch(
            seq=self._seq,
            counts=np.array(counts, dtype=np.float64),
            t_host=np.array(times, dtype=np.int64),
            flags=np.array(flags, dtype=np.uint32),
            t_device=None if clock[0] is None else np.array(clock, dtype=np.float64),
            missed=self._missed,
        )
        self._seq += len(self._rows)
        self._missed = 0
        self._rows = []
        return [batch]
