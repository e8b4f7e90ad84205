"""Samples one by one into batches: the order, the numbering and the gaps are kept here and nowhere else."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.batch import Batch, Flag

T = TypeVar("T", bound=np.generic)


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

    def block(
        self, counts: NDArray[np.float64], t_host: int, flags: int, t_device: NDArray[np.float64] | None
    ) -> list[Batch]:
        """Samples ``(n, k)`` that came together and follow without a gap: a batch of their own, after what waited."""
        done, n = self.flush(), len(counts)
        times, marks = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.uint32)
        times.fill(t_host)
        marks.fill(flags)
        done.append(Batch(self._seq, counts, times, marks, t_device))
        self._seq += n
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


def joined(batches: Iterable[Batch]) -> Iterator[Batch]:
    """The same samples in as few batches as can be: a new one begins with a gap alone, or where columns differ."""
    run: list[Batch] = []
    for batch in batches:
        if run and not _follows(run[-1], batch):
            yield _one(run)
            run = []
        run.append(batch)
    if run:
        yield _one(run)


def _follows(before: Batch, after: Batch) -> bool:
    same_columns = (before.t_device is None, before.t is None) == (after.t_device is None, after.t is None)
    return same_columns and not after.missed and after.seq == before.seq + len(before)


def _one(run: Sequence[Batch]) -> Batch:
    if len(run) == 1:
        return run[0]
    return replace(
        run[0],
        counts=np.concatenate([batch.counts for batch in run]),
        t_host=np.concatenate([batch.t_host for batch in run]),
        flags=np.concatenate([batch.flags for batch in run]),
        t_device=_column([batch.t_device for batch in run]),
        t=_column([batch.t for batch in run]),
    )


def _column(parts: Sequence[NDArray[T] | None]) -> NDArray[T] | None:
    return np.concatenate([part for part in parts if part is not None]) if parts[0] is not None else None
