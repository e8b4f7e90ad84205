"""A record's live feedback: from every frame, the moments that a screen draws."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.service.challenges.challenge import Feedback
from otolith.service.challenges.voice import RunName
from otolith.service.frame import Frame
from otolith.service.guidance.beats import Beat
from otolith.service.guidance.delay import Delay
from otolith.service.guidance.guidance import Guidance
from otolith.service.guidance.target import Target

Column = NDArray[np.float64]
SPACING_NS: Final = 8_000_000
"""Between two moments: 125 a second, more than any screen draws; a slower board gives one for each of its samples."""
AHEAD_S: Final = 0.05
AHEAD: Final = 20
"""Points of the target's path, over one second."""
STEPS: Final = np.arange(AHEAD + 1) * AHEAD_S


class Guide:
    """One record's feedback. Give it every frame of the record, in order."""

    def __init__(
        self,
        name: RunName,
        trial: str,
        target: Target,
        feedback: Feedback,
        *,
        middle: tuple[float, float],
        beats: tuple[Beat, ...] = (),
        rate: float,
        delay: Delay,
    ) -> None:
        self._name = name
        self._trial = trial
        self._target = target
        self._feedback = feedback
        self._middle = np.array(middle)
        self._beats = np.array([beat.at for beat in beats])
        self._rate = min(rate, 1e9 / SPACING_NS)
        self._late_ms = 1e3 * (delay.board + (delay.filter if target.quantity == "place" else 0.0))
        self._steps = STEPS if target.foreseeable else np.zeros_like(STEPS)
        self._begun: int | None = None
        self._due = 0
        self._seq = 0

    def follow(self, frame: Frame) -> list[Guidance]:
        """Its moments: each sample that is due, oldest first; the newest sample of a batch is always in time."""
        if self._begun is None:
            self._begun = self._due = int(frame.t[0])
        chosen = self._choose(frame.t)
        if not len(chosen):
            return []
        elapsed = (frame.t[chosen] - self._begun) / 1e9
        course = self._target.at((elapsed[:, None] + self._steps).ravel()).reshape(len(chosen), AHEAD + 1, -1)
        done = self._done(frame, chosen)
        return [
            self._moment(frame, int(at), float(since), place, path)
            for at, since, place, path in zip(chosen, elapsed, done, course, strict=True)
        ]

    def _choose(self, t: NDArray[np.int64]) -> NDArray[np.intp]:
        """Numbers of the samples that are due; the schedule keeps its average where samples fall between."""
        chosen = []
        for at, now in enumerate(t.tolist()):
            if now >= self._due:
                self._due = max(self._due, now - SPACING_NS) + SPACING_NS
                chosen.append(at)
        return np.array(chosen, np.intp)

    def _done(self, frame: Frame, chosen: NDArray[np.intp]) -> Column:
        """``(n, 2)`` mm from the middle, or ``(n, 1)`` N."""
        if self._target.quantity == "place":
            place: Column = frame.smooth[chosen] - self._middle
            return place
        return force_of(frame.force, frame.sides, self._target.side)[chosen, None]

    def _moment(self, frame: Frame, at: int, elapsed: float, done: Column, path: Column) -> Guidance:
        """Rounded to a hundredth of a millimetre or newton: finer is only longer."""
        error = float(self._target.error(done[None], path[:1])[0])
        known = bool(np.isfinite(error))
        course = np.round(path, 2).tolist()
        seq, self._seq = self._seq, self._seq + 1
        return Guidance(
            session=self._name.session,
            run=self._name.run,
            trial=self._trial,
            board=frame.board,
            seq=seq,
            t_ns=int(frame.t[at]),
            elapsed_s=round(elapsed, 4),
            quantity=self._target.quantity,
            target=tuple(course[0]),
            band=self._target.band,
            shape=self._target.shape,
            cursor=self._cursor(done, path[0], elapsed, error) if known else None,
            error=round(error, 2) if known else None,
            on_target=known and error <= self._target.band,
            ahead=tuple(map(tuple, course[1:])),
            ahead_s=AHEAD_S,
            beat_s=self._to_beat(elapsed),
            rate_hz=self._rate,
            latency_ms=round(self._late_ms + (int(frame.t[-1]) - int(frame.t[at])) / 1e6, 3),
        )

    def _to_beat(self, elapsed: float) -> float | None:
        following = int(np.searchsorted(self._beats, elapsed, "right"))
        return round(float(self._beats[following]) - elapsed, 4) if following < len(self._beats) else None

    def _cursor(self, place: Column, target: Column, elapsed: float, error: float) -> tuple[float, ...] | None:
        mode = self._feedback.mode
        hidden = {
            "none": True,
            "full": False,
            "reduced": error <= self._target.band,
            "delayed-off": elapsed > self._feedback.off_s,
        }[mode]
        if hidden:
            return None
        helped = place + self._feedback.assistance * (target - place)
        return tuple(np.round(self._feedback.gain * helped, 2).tolist())


def force_of(force: Column, sides: Column | None, side: str) -> Column:
    """``(n,)`` N of all, or of a side; NaN where the board cannot tell the sides."""
    if side == "all":
        return force
    return np.full_like(force, np.nan) if sides is None else sides[:, 0 if side == "left" else 1]
