"""The trial machine: a table, and the one function that looks things up in it. No clock, no I/O."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from otolith.service.challenges.agenda import TrialPlan
from otolith.service.challenges.phases import OVER, Phase, Trigger
from otolith.service.challenges.tasks import Jump


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run stands."""

    plans: tuple[TrialPlan, ...]
    redo_limit: int = 2
    drift_spoils: bool = False
    """Whether a zero that drifted makes the trial before it invalid."""
    phase: Phase = Phase.IDLE
    at: int = 0
    """Number of the trial in ``plans``."""
    attempt: int = 1
    loaded: bool = False
    """Somebody is on the board."""
    complete: bool = False
    """Every trial of an interrupted run has its outcome already: only the result is missing."""
    drifted: bool = False
    """The last zero was too far from the one before."""
    reason: str = ""
    """Why the trial is invalid, or the run stopped."""

    @property
    def plan(self) -> TrialPlan:
        """The trial that this is about."""
        return self.plans[self.at]

    @property
    def last(self) -> bool:
        """There is no trial after this one."""
        return self.at == len(self.plans) - 1


Guard = Callable[[Standing], bool]
Change = Callable[[Standing], Standing]


def _complete(run: Standing) -> bool:
    return run.complete


def _zero(run: Standing) -> bool:
    return run.plan.zero_before and run.attempt == 1


def _loaded(run: Standing) -> bool:
    return run.loaded


def _leaving_counts(run: Standing) -> bool:
    return run.plan.condition.validity.step_off and _fall_counts(run)


def _leaving_matters(run: Standing) -> bool:
    return run.plan.condition.validity.step_off


def _fall_counts(run: Standing) -> bool:
    return run.plan.condition.validity.fall == "result" or _held(run)


def _held(run: Standing) -> bool:
    return run.plan.condition.task.kind == "hold"


def _stays(run: Standing) -> bool:
    """Who lands has to leave the board first, once it has weighed them."""
    task = run.plan.condition.task
    return not (isinstance(task, Jump) and task.form != "countermovement")


def _redo_left(run: Standing) -> bool:
    return run.attempt <= run.redo_limit


def _zero_after(run: Standing) -> bool:
    return run.plan.zero_after


def _spoilt(run: Standing) -> bool:
    return run.drift_spoils and run.drifted


def _last(run: Standing) -> bool:
    return run.last


def _resting(run: Standing) -> bool:
    return run.plan.condition.rest_s > 0


def _previous(run: Standing) -> bool:
    return run.at > 0


def _ahead(run: Standing) -> Standing:
    return replace(run, at=run.at + 1, attempt=1, reason="")


def _again(run: Standing) -> Standing:
    return replace(run, attempt=run.attempt + 1)


def _back(run: Standing) -> Standing:
    return replace(run, at=run.at - 1, attempt=1, reason="")


@dataclass(frozen=True, slots=True)
class Transition:
    """From a phase, on a trigger, where the guard holds, to a phase."""

    source: Phase
    trigger: Trigger
    target: Phase
    guard: Guard | None = None
    change: Change | None = None

    @property
    def label(self) -> str:
        """As it is drawn."""
        condition = f" [{_word(self.guard)}]" if self.guard else ""
        effect = f" / {_word(self.change)}" if self.change else ""
        return f"{self.trigger}{condition}{effect}"


def _word(function: Guard | Change) -> str:
    return function.__name__.strip("_").replace("_", " ")


P, T = Phase, Trigger
_ROUND: Final = (
    Transition(P.IDLE, T.START, P.FINISHED, _complete),
    Transition(P.IDLE, T.START, P.PREPARE),
    Transition(P.PREPARE, T.READY, P.EMPTY, _zero),
    Transition(P.PREPARE, T.READY, P.SETTLE, _loaded),
    Transition(P.PREPARE, T.READY, P.STEP_ON),
    Transition(P.EMPTY, T.DUE, P.ZERO),
    Transition(P.ZERO, T.ZEROED, P.STEP_ON),
    Transition(P.ZERO, T.ZERO_REFUSED, P.EMPTY),
    Transition(P.ZERO, T.LOADED, P.EMPTY),
    Transition(P.STEP_ON, T.LOADED, P.SETTLE),
    Transition(P.SETTLE, T.UNLOADED, P.STEP_ON),
    Transition(P.SETTLE, T.DUE, P.CUE),
    Transition(P.CUE, T.UNLOADED, P.STEP_ON, _stays),
    Transition(P.CUE, T.DUE, P.RECORD),
    Transition(P.RECORD, T.DUE, P.DONE),
    Transition(P.RECORD, T.UNLOADED, P.DONE, _leaving_counts),
    Transition(P.RECORD, T.UNLOADED, P.INVALID, _leaving_matters),
    Transition(P.RECORD, T.FELL, P.DONE, _fall_counts),
    Transition(P.RECORD, T.FELL, P.INVALID),
    Transition(P.RECORD, T.TOUCH, P.DONE, _held),
    Transition(P.RECORD, T.TOUCH, P.INVALID),
    Transition(P.RECORD, T.FAULT, P.INVALID),
    Transition(P.DONE, T.KEPT, P.CLEAR, _zero_after),
    Transition(P.DONE, T.KEPT, P.FINISHED, _last),
    Transition(P.DONE, T.KEPT, P.REST, _resting),
    Transition(P.DONE, T.KEPT, P.PREPARE, None, _ahead),
    Transition(P.CLEAR, T.DUE, P.ZERO_AFTER),
    Transition(P.ZERO_AFTER, T.ZERO_REFUSED, P.CLEAR),
    Transition(P.ZERO_AFTER, T.LOADED, P.CLEAR),
    Transition(P.ZERO_AFTER, T.ZEROED, P.INVALID, _spoilt),
    Transition(P.ZERO_AFTER, T.ZEROED, P.FINISHED, _last),
    Transition(P.ZERO_AFTER, T.ZEROED, P.REST, _resting),
    Transition(P.ZERO_AFTER, T.ZEROED, P.PREPARE, None, _ahead),
    Transition(P.REST, T.DUE, P.PREPARE, None, _ahead),
    Transition(P.REST, T.READY, P.PREPARE, None, _ahead),
    Transition(P.INVALID, T.DUE, P.PREPARE, _redo_left, _again),
)
_REDO: Final = (
    *(Transition(source, T.REDO, P.PREPARE, None, _again) for source in (P.INVALID, P.REST, P.CLEAR, P.ZERO_AFTER)),
    *(Transition(source, T.REDO, P.PREPARE) for source in (P.EMPTY, P.ZERO, P.STEP_ON, P.SETTLE, P.CUE)),
    Transition(P.RECORD, T.REDO, P.PREPARE, None, _again),
    Transition(P.PREPARE, T.REDO, P.PREPARE, _previous, _back),
)
_BEFORE_RECORD: Final = (P.PREPARE, P.EMPTY, P.ZERO, P.STEP_ON, P.SETTLE, P.CUE)
_SKIP: Final = tuple(
    transition
    for source in (*_BEFORE_RECORD, P.RECORD, P.INVALID)
    for transition in (
        Transition(source, T.SKIP, P.FINISHED, _last),
        Transition(source, T.SKIP, P.PREPARE, None, _ahead),
    )
)
_AFTER_KEPT: Final = tuple(
    transition
    for source in (P.CLEAR, P.ZERO_AFTER)
    for transition in (
        Transition(source, T.SKIP, P.FINISHED, _last),
        Transition(source, T.SKIP, P.REST, _resting),
        Transition(source, T.SKIP, P.PREPARE, None, _ahead),
    )
)
_AWAY: Final = (
    Transition(P.RECORD, T.AWAY, P.INVALID),
    *(Transition(source, T.AWAY, P.PREPARE) for source in _BEFORE_RECORD[1:]),
    Transition(P.ZERO_AFTER, T.AWAY, P.CLEAR),
)
_STOP: Final = tuple(Transition(source, T.STOP, P.STOPPED) for source in Phase if source not in OVER)
TRANSITIONS: Final = (*_ROUND, *_REDO, *_SKIP, *_AFTER_KEPT, *_AWAY, *_STOP)
"""In order: of several for one phase and trigger, the first whose guard holds is taken."""


def advance(run: Standing, trigger: Trigger, reason: str = "") -> Standing | None:
    """Where ``trigger`` leads; None where it means nothing in this phase."""
    for transition in TRANSITIONS:
        if transition.source is not run.phase or transition.trigger is not trigger:
            continue
        if transition.guard is None or transition.guard(run):
            changed = transition.change(run) if transition.change else run
            kept = reason or ("" if transition.target is Phase.PREPARE else changed.reason)
            return replace(changed, phase=transition.target, reason=kept)
    return None


def allowed(run: Standing) -> frozenset[Trigger]:
    """The triggers that lead somewhere from here; a screen offers those of the operator."""
    return frozenset(trigger for trigger in Trigger if advance(run, trigger) is not None)
