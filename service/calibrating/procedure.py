"""The guided procedure: a table of transitions, and what was measured on the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.board import BoardInfo
from otolith.drivers.calibration import Calibration
from otolith.drivers.loads import DOWN, Push
from otolith.service.calibrating.plan import EMPTY, Plan, Step
from otolith.service.calibrating.reading import Gate, Pace, Reading
from otolith.service.errors import CalibrationRefused
from otolith.service.frame import Frame

Array = NDArray[np.float64]


class Phase(StrEnum):
    """Where a procedure is."""

    PLACE = "place"
    """Somebody has to put the weights of the step where they belong."""
    MEASURING = "measuring"
    """Waiting for a steady load, then averaging."""
    REVIEW = "review"
    """Measured: accept it, or do it again."""
    DONE = "done"
    STOPPED = "stopped"


class Action(StrEnum):
    """What whoever puts the weights can say."""

    MEASURE = "measure"
    ACCEPT = "accept"
    REDO = "redo"
    """This step again; where nothing of it is done yet, the one before."""
    SKIP = "skip"
    STOP = "stop"


ACTIONS: Final[dict[Phase, tuple[Action, ...]]] = {
    Phase.PLACE: (Action.MEASURE, Action.REDO, Action.SKIP, Action.STOP),
    Phase.MEASURING: (Action.REDO, Action.SKIP, Action.STOP),
    Phase.REVIEW: (Action.ACCEPT, Action.REDO, Action.SKIP, Action.STOP),
    Phase.DONE: (),
    Phase.STOPPED: (),
}
"""What is possible when."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A step that was measured and accepted."""

    step: Step
    reading: Reading
    at: str
    """RFC 3339."""


@dataclass(frozen=True, slots=True)
class ProcedureState:
    """All that a screen needs."""

    board: str
    phase: Phase
    step: int
    """Counts from 0."""
    steps: int
    label: str
    order: str
    """What to do now, in plain words."""
    x: float | None
    """Where, mm; None for the empty board."""
    y: float | None
    height: float
    """Of the point above the moments' reference, mm; of plates of six loads alone."""
    push: Push
    """Unit vector of the force on the board: down, or where a cord over a pulley pulls."""
    expected_n: float
    force_n: float | None
    """Newest, by the calibration in use."""
    progress: float
    """Of the averaging, 0 to 1."""
    reason: str
    """Why it is not further."""
    reading: Reading | None
    """To be reviewed."""
    accepted: int
    skipped: int
    actions: tuple[Action, ...]
    """Possible now."""


class Procedure:
    """Fed with frames, told what to do; no I/O and no clock of its own."""

    def __init__(self, plan: Plan, info: BoardInfo, calibration: Calibration, pace: Pace) -> None:
        self.plan = plan
        self.steps = list(plan.steps)
        self.done: list[Observation | None] = []
        """What was accepted, in order; None where a step was skipped."""
        self.phase = Phase.PLACE
        self._info = info
        self._calibration = calibration
        self._pace = pace
        self._gate: Gate | None = None
        self._newest = float("nan")

    @property
    def observations(self) -> list[Observation]:
        """What was accepted."""
        return [one for one in self.done if one is not None]

    def act(self, action: Action, at: str) -> None:
        """Do as told, ``at`` a time in RFC 3339. Raises CalibrationRefused where that is not possible now."""
        if action not in ACTIONS[self.phase]:
            possible = ", ".join(ACTIONS[self.phase]) or "nothing any more"
            raise CalibrationRefused(f"the procedure is at {self.phase!s}; possible now: {possible}")
        _DO[action](self, at)

    def feed(self, frame: Frame) -> None:
        """Take samples of the board."""
        if self.phase is Phase.MEASURING and self._gate is not None:
            self._gate.feed(frame)
            if self._gate.reading is not None:
                self.phase = Phase.REVIEW
        elif self.phase in (Phase.PLACE, Phase.REVIEW) and len(frame):
            self._newest = float(self._force(frame.counts[-1:])[0])

    def recall(self, reading: Reading, at: str) -> None:
        """The step's reading is this one, now accepted or read again from a journal."""
        self.done.append(Observation(self.steps[len(self.done)], reading, at))
        self._forward()

    def resume(self) -> None:
        """Go on after a break: what stands on the board, and its zero, may have changed, so begin with it empty."""
        if 0 < len(self.done) < len(self.steps) and self.steps[len(self.done)].pieces:
            self.steps.insert(len(self.done), EMPTY)

    def state(self) -> ProcedureState:
        """As it is now."""
        over = len(self.done) >= len(self.steps)
        step = self.steps[min(len(self.done), len(self.steps) - 1)]
        gate = self._gate
        newtons = gate.newtons if gate is not None and self.phase is Phase.MEASURING else self._newest
        return ProcedureState(
            board=self._info.id,
            phase=self.phase,
            step=min(len(self.done), len(self.steps)),
            steps=len(self.steps),
            label="" if over else step.label,
            order=_ORDERS.get(self.phase, step.order),
            x=None if over or step.place is None else step.place.x,
            y=None if over or step.place is None else step.place.y,
            height=0.0 if over or step.place is None else step.place.height,
            push=DOWN if over or step.place is None else step.place.push,
            expected_n=0.0 if over else self.plan.newtons(step),
            force_n=newtons if np.isfinite(newtons) else None,
            progress=gate.progress if gate is not None and self.phase is Phase.MEASURING else 0.0,
            reason=gate.reason if gate is not None and self.phase is Phase.MEASURING else "",
            reading=gate.reading if gate is not None and self.phase is Phase.REVIEW else None,
            accepted=len(self.observations),
            skipped=len(self.done) - len(self.observations),
            actions=ACTIONS[self.phase],
        )

    def _measure(self, at: str) -> None:
        del at
        step = self.steps[len(self.done)]
        expected = self.plan.newtons(step) if self._zero else None
        self._gate = Gate(self._info.rate, self._pace, self._force, expected)
        self.phase = Phase.MEASURING

    def _accept(self, at: str) -> None:
        if self._gate is not None and self._gate.reading is not None:
            self.recall(self._gate.reading, at)

    def _redo(self, at: str) -> None:
        del at
        if self.phase is Phase.PLACE and self.done:
            self.done.pop()
        self._forward()

    def _skip(self, at: str) -> None:
        del at
        self.done.append(None)
        self._forward()

    def _stop(self, at: str) -> None:
        del at
        self.phase = Phase.STOPPED

    def _forward(self) -> None:
        self._gate = None
        self._newest = float("nan")
        self.phase = Phase.DONE if len(self.done) >= len(self.steps) else Phase.PLACE

    @property
    def _zero(self) -> tuple[float, ...] | None:
        """Counts of the newest empty board."""
        empties = [one.reading.counts for one in self.observations if not one.step.pieces]
        return empties[-1] if empties else None

    def _force(self, counts: Array) -> Array:
        """``(n,)`` newtons along the push of the step, by the calibration in use and the newest zero."""
        step = self.steps[min(len(self.done), len(self.steps) - 1)]
        push = step.place.push if step.place else DOWN
        return indicated(self._info, self._calibration, counts, self._zero, push)


def indicated(
    info: BoardInfo,
    calibration: Calibration,
    counts: Array,
    zero: Sequence[float] | None,
    push: Push = DOWN,
) -> Array:
    """``(n,)`` newtons that the board shows of a force along ``push``."""
    loads = calibration.loads(counts, zero)
    force: Array = loads.sum(axis=1) if info.cells else -loads[:, :3] @ np.asarray(push)
    return force


_DO: Final[dict[Action, Callable[[Procedure, str], None]]] = {
    Action.MEASURE: Procedure._measure,  # noqa: SLF001 - the class's own table
    Action.ACCEPT: Procedure._accept,  # noqa: SLF001
    Action.REDO: Procedure._redo,  # noqa: SLF001
    Action.SKIP: Procedure._skip,  # noqa: SLF001
    Action.STOP: Procedure._stop,  # noqa: SLF001
}
_ORDERS: Final = {
    Phase.MEASURING: "Do not touch the board.",
    Phase.REVIEW: "Accept the reading, or measure again.",
    Phase.DONE: "All is measured.",
    Phase.STOPPED: "The procedure was stopped.",
}
