"""What came out of the station, held against what went in: every sample of every board."""

from array import array
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from tests.speed.endurance.crowd import PERIOD, Member

from otolith.service.frame import Frame

_STEP_US = 10
_LONGEST = 200_000
"""Of the histogram: 2 s in steps of 10 us; what takes longer counts as that."""


class Delays:
    """A histogram of delays, of constant size however long the run."""

    def __init__(self) -> None:
        self._counts = array("q", bytes(8 * _LONGEST))
        self.worst = 0.0

    def add(self, ns: int) -> None:
        """One delay, nanoseconds."""
        self._counts[min(ns // (1000 * _STEP_US), _LONGEST - 1)] += 1
        self.worst = max(self.worst, ns / 1e6)

    def percentile(self, q: float) -> float:
        """Milliseconds, rounded up to the step of the histogram; NaN where there is none."""
        total = np.frombuffer(self._counts, dtype=np.int64).cumsum()
        if not total[-1]:
            return float("nan")
        return float(np.searchsorted(total, q / 100.0 * total[-1]) + 1) * _STEP_US / 1e3


@dataclass(slots=True)
class Track:
    """One board's samples, found again in what its twin sends over and over."""

    member: Member
    samples: int = 0
    lost: int = 0
    """By their content, whatever the station knows of it."""
    again: int = 0
    """Delivered twice, or late."""
    foreign: int = 0
    """Samples that the twin never sent."""
    declared: int = 0
    """What the station itself counts as missed."""
    misnumbered: int = 0
    """Frames whose number does not follow from the one before."""
    _sent: bytes = field(init=False)
    """All of it, twice in a row."""
    _places: dict[bytes, int] = field(init=False)
    _at: int | None = None
    _seq: int = 0

    def __post_init__(self) -> None:
        """Learn what the twin sends."""
        rows = self.member.counts()
        self._places = {row.tobytes(): index for index, row in enumerate(rows)}
        assert len(self._places) == PERIOD, "two rows alike: choose another seed"
        self._sent = np.concatenate([rows, rows]).tobytes()

    @property
    def whole(self) -> bool:
        """Nothing lost, nothing twice, all in order, and the station knows it."""
        faults = (self.lost, self.again, self.foreign, self.declared, self.misnumbered)
        return self.samples > 0 and not any(faults)

    def see(self, frame: Frame) -> None:
        """The board's next frame."""
        self.declared += frame.missed
        self.misnumbered += frame.seq != self._seq + frame.missed
        self._seq = frame.seq + len(frame)
        self.samples += len(frame)
        if self._at is None:
            self._at = self._places.get(frame.counts[0].tobytes(), 0)
        end = self._at + len(frame)
        width = len(self._sent) // (2 * PERIOD)
        if frame.counts.tobytes() == self._sent[self._at * width : end * width]:
            self._at = end % PERIOD
        else:
            for row in frame.counts:
                self._at = self._judge(row, self._at)

    def _judge(self, row: NDArray[np.float64], expected: int) -> int:
        place = self._places.get(row.tobytes())
        if place is None:
            self.foreign += 1
            return expected
        ahead = (place - expected) % PERIOD
        if ahead >= PERIOD // 2:
            self.again += 1
            return expected
        self.lost += ahead
        return (place + 1) % PERIOD


@dataclass(slots=True)
class Account:
    """The whole run."""

    tracks: dict[str, Track]
    newest: Delays = field(default_factory=Delays)
    """From the completion of the report that completed a frame to a subscriber of the hub."""
    lately: Delays = field(default_factory=Delays)
    """``newest`` since the last measurement of the machine."""

    def see(self, frame: Frame, now_ns: int) -> None:
        """A frame, at the time when a subscriber has it."""
        self.newest.add(now_ns - int(frame.t_arrival[-1]))
        self.lately.add(now_ns - int(frame.t_arrival[-1]))
        self.tracks[frame.board].see(frame)


def account_of(members: list[Member]) -> Account:
    """Nothing seen yet."""
    return Account({member.id: Track(member) for member in members})
