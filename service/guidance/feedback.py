"""What a screen draws while somebody follows a target: one message per frame, at the rate of the board's reports."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.service.challenges.challenge import Feedback
from otolith.service.frame import Frame
from otolith.service.guidance.target import Quantity, Target

Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Guidance:
    """The newest moment of a task, and the path of the next second, so that a client can draw ahead."""

    board: str
    run: str
    t_ns: int
    """The station's monotonic clock, of the sample."""
    elapsed_s: float
    """Since the record began."""
    quantity: Quantity
    target: tuple[float, ...]
    """mm from the person's middle, or N."""
    cursor: tuple[float, ...] | None
    """The same, with gain and assistance; None where it is not to be seen."""
    error: float
    """mm or N, of what the person does; gain and assistance do not enter."""
    band: float
    on_target: bool
    ahead: tuple[tuple[float, ...], ...]
    """The target ten times over the next second."""
    latency_ms: float
    """From the sample to this message, of the filter and the frame; the way to the screen comes on top."""


class Guide:
    """One record's feedback. Give it every frame of the record, in order."""

    def __init__(
        self, run: str, target: Target, feedback: Feedback, middle: tuple[float, float], filter_s: float
    ) -> None:
        self._run = run
        self._target = target
        self._feedback = feedback
        self._middle = np.array(middle)
        self._filter_s = filter_s
        self._begun: int | None = None

    def follow(self, frame: Frame) -> Guidance | None:
        """The newest sample of a frame as feedback; None where nobody stands."""
        if self._begun is None:
            self._begun = int(frame.t[0])
        now = int(frame.t[-1])
        elapsed = (now - self._begun) / 1e9
        place = self._place(frame)
        if not np.isfinite(place).all():
            return None
        times = elapsed + np.arange(11) / 10.0
        course = self._target.at(times)
        error = float(np.hypot(*(place - course[0]))) if len(place) > 1 else float(abs(place[0] - course[0, 0]))
        return Guidance(
            board=frame.board,
            run=self._run,
            t_ns=now,
            elapsed_s=elapsed,
            quantity=self._target.quantity,
            target=tuple(course[0].tolist()),
            cursor=self._cursor(place, course[0], elapsed, error),
            error=error,
            band=self._target.band,
            on_target=error <= self._target.band,
            ahead=tuple(tuple(row) for row in course[1:].tolist()),
            latency_ms=1e3 * self._filter_s + (now - int(frame.t[0])) / 1e6,
        )

    def _place(self, frame: Frame) -> Column:
        if self._target.quantity == "force":
            return np.array([frame.force[-1]])
        place: Column = frame.smooth[-1] - self._middle
        return place

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
        return tuple((self._feedback.gain * helped).tolist())
