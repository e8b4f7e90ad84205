"""Whatever is pressed, fails or goes away, in whatever order: no trial is lost, and stop stops."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from otolith.drivers.batch import Flag
from otolith.service.challenges.agenda import TrialPlan, agenda
from otolith.service.challenges.book import SETTLED
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.event import SessionEvent
from otolith.service.challenges.phases import OPERATOR, OVER, Phase, Trigger
from otolith.service.challenges.run import Run
from otolith.service.challenges.stage import ZeroReading
from otolith.service.challenges.trial import Samples, Trial, Verdict
from otolith.service.challenges.voice import RunName
from otolith.service.errors import TareRefused, TriggerRefused
from otolith.service.frame import Frame
from otolith.service.guidance.delay import Delay
from otolith.service.guidance.guidance import Guidance

T = TypeVar("T")
RATE = 50.0
BATCH = 10
KINDS: dict[str, dict[str, Any]] = {
    "on": {"force": 700.0},
    "off": {"force": 0.0},
    "leaning": {"force": 500.0},
    "saturated": {"force": 700.0, "flag": int(Flag.SATURATED)},
    "gap": {"force": 700.0, "missed": 20},
    "silence": {"force": 700.0, "pause": 100},
}


class Sham:
    """A stage whose disk fails and whose zeros come when the test says so."""

    def __init__(self) -> None:
        self.board, self.rate = "sham", RATE
        self.delay = Delay()
        self.events: list[SessionEvent] = []
        self.disk: dict[str, Trial] = {}
        self.disk_fails = False
        self.begun: list[str] = []
        self.open_journals: set[str] = set()
        self.zeros: list[asyncio.Future[ZeroReading]] = []
        self.concluded = 0
        self.now_ns = 0
        self._ids = 0

    def now(self) -> str:
        return "2026-01-01T00:00:00Z"

    def monotonic_ns(self) -> int:
        return self.now_ns

    def make_id(self) -> str:
        self._ids += 1
        return f"t{self._ids}"

    async def take_zero(self, seconds: float) -> ZeroReading:
        del seconds
        future: asyncio.Future[ZeroReading] = asyncio.get_running_loop().create_future()
        self.zeros = [one for one in self.zeros if not one.done()]
        self.zeros.append(future)
        return await future

    async def begin_journal(self, plan: TrialPlan) -> str:
        self.begun.append(f"{plan.id}/{len(self.begun)}")
        self.open_journals.add(self.begun[-1])
        return self.begun[-1]

    async def end_journal(self) -> None:
        self.open_journals.clear()

    async def measure(self, plan: TrialPlan, samples: Samples, trial: Trial) -> Trial:
        del plan
        assert len(samples)
        return trial

    async def keep(self, trial: Trial) -> None:
        if self.disk_fails:
            raise OSError("no space left on the device")
        self.disk[trial.id] = trial

    async def conclude(
        self, trials: Sequence[Trial], zeros: Sequence[ZeroReading], ended: Phase, reason: str
    ) -> Mapping[str, object]:
        del zeros
        assert ended in OVER
        assert reason or ended is Phase.FINISHED
        if self.disk_fails:
            raise OSError("no space left on the device")
        self.concluded += 1
        return {"trials": len(trials)}

    async def guide(self, moment: Guidance) -> None:
        del moment

    async def tell(self, event: SessionEvent) -> None:
        if event.kind == "trial":
            assert str(event.data["id"]) in self.disk, "told before it was kept"
        self.events.append(event)


def _challenge(zero: str) -> Challenge:
    words = {"en": "x", "de": "x", "fr": "x"}
    times = {"settle_s": 0.3, "lead_s": 0.2, "rest_s": 0.4, "duration_s": 1.0}
    return Challenge.model_validate(
        {
            "format": "otolith-challenge/1",
            "id": "made-up",
            "name": words,
            "description": words,
            "sources": ["nobody"],
            "status": "unverified",
            "zero": {"before": zero, "after": zero},
            "redo_limit": 1,
            "conditions": [
                {"id": "a", "name": words, "trials": 2, "practice": 1, **times, "validity": {"rate_hz": 10}},
                {"id": "b", "name": words, "task": {"kind": "hold"}, "errors": True, **times, "rest_s": 0},
            ],
        }
    )


class AnythingGoes(RuleBasedStateMachine):
    """A run in the hands of the worst of operators, boards and disks."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.new_event_loop()
        self.stage = Sham()
        self.run_ = self._begin(_challenge("run"), ())
        self._end: tuple[Phase, int] | None = None

    def _begin(self, challenge: Challenge, done: Sequence[Trial]) -> Run:
        self.challenge = challenge
        return Run(RunName("s", "r"), challenge, self.stage, done=done)

    def _do(self, what: Coroutine[Any, Any, T]) -> T:
        async def settled() -> T:
            try:
                return await asyncio.wait_for(what, 5)
            finally:
                for _ in range(3):
                    await asyncio.sleep(0)

        return self._loop.run_until_complete(settled())

    def teardown(self) -> None:
        async def let_go() -> None:
            self.run_.close()
            await asyncio.sleep(0)

        self._do(let_go())
        self._loop.close()

    @precondition(lambda self: not self.stage.events)
    @rule(zero=st.sampled_from(["run", "condition", "trial", "never"]))
    def zero_is_taken(self, zero: str) -> None:
        self.run_ = self._begin(_challenge(zero), ())

    @rule(kind=st.sampled_from(sorted(KINDS)), batches=st.integers(1, 8))
    def frames(self, kind: str, batches: int) -> None:
        for _ in range(batches):
            self._do(self.run_.feed(self._frame(**KINDS[kind])))

    def _frame(self, force: float, flag: int = 0, missed: int = 0, pause: int = 0) -> Frame:
        first = self.stage.now_ns + round((missed + pause + 1) * 1e9 / RATE)
        t = first + np.round(np.arange(BATCH) * 1e9 / RATE).astype(np.int64)
        self.stage.now_ns = int(t[-1])
        cop = np.zeros((BATCH, 2)) if force else np.full((BATCH, 2), np.nan)
        loads = np.full((BATCH, 4), force / 4)
        flags = np.full(BATCH, flag, np.uint32)
        return Frame(
            board="sham",
            seq=0,
            missed=missed,
            t=t,
            t_arrival=t,
            counts=loads,
            loads=loads,
            force=np.full(BATCH, force),
            cop=cop,
            smooth=cop,
            flags=flags,
            sway=None,
        )

    @rule(trigger=st.sampled_from(sorted(OPERATOR - {Trigger.STOP})))
    def press(self, trigger: Trigger) -> None:
        with suppress(TriggerRefused):
            self._do(self.run_.press(trigger, "somebody"))

    @rule(trials=st.integers(1, 3))
    def go_on(self, trials: int) -> None:
        """As an operator and a person who do as they are told; so that the others get to see every phase."""
        kept = len(self.run_.trials)
        for _ in range(60 * trials):
            phase = self.run_.standing.phase
            if phase in OVER or len(self.run_.trials) >= kept + trials:
                return
            self.press(Trigger.START if phase is Phase.IDLE else Trigger.READY)
            self.zero(refused=False, drift=None)
            off = phase in (Phase.EMPTY, Phase.ZERO, Phase.CLEAR, Phase.ZERO_AFTER)
            self.frames("off" if off else "on", 1)

    @precondition(lambda self: self.run_.standing.phase is not Phase.IDLE)
    @rule(odds=st.integers(0, 5))
    def stop(self, odds: int) -> None:
        if odds or self.run_.over:
            return
        self._do(self.run_.press(Trigger.STOP, "somebody"))
        assert self.run_.standing.phase is Phase.STOPPED

    @rule()
    def away(self) -> None:
        self._do(self.run_.away("the cable came out"))

    @rule(refused=st.booleans(), drift=st.sampled_from([None, 1.0, -9.0]))
    def zero(self, *, refused: bool, drift: float | None) -> None:
        for future in self.stage.zeros:
            if not future.done():
                if refused:
                    future.set_exception(TareRefused("somebody moved"))
                else:
                    future.set_result(ZeroReading("now", 0.1, drift))
        self._do(asyncio.sleep(0))

    @rule(fails=st.booleans())
    def disk(self, *, fails: bool) -> None:
        self.stage.disk_fails = fails

    @rule()
    def annotate(self) -> None:
        with suppress(TriggerRefused):
            self._do(self.run_.note("a note", "somebody"))
            self._do(self.run_.error("somebody"))

    @precondition(lambda self: not self.run_.over)
    @rule()
    def power_cut(self) -> None:
        """The process is gone; what is on disk is taken up again."""
        self.run_.close()
        self.stage.events, self.stage.begun = [], []
        self.stage.open_journals.clear()
        self._do(asyncio.sleep(0))
        done = sorted(self.stage.disk.values(), key=lambda trial: int(trial.id[1:]))
        self.run_ = self._begin(self.challenge, done)

    @invariant()
    def events_have_no_hole(self) -> None:
        assert [event.seq for event in self.stage.events] == list(range(1, len(self.stage.events) + 1))

    @invariant()
    def at_most_one_zero_and_one_journal(self) -> None:
        assert sum(not one.done() for one in self.stage.zeros) <= 1
        phase = self.run_.standing.phase
        assert len(self.stage.open_journals) == (phase in (Phase.RECORD, Phase.DONE))

    @invariant()
    def every_record_is_one_trial(self) -> None:
        found = [trial.recording for trial in self.run_.trials if trial.recording in self.stage.begun]
        under_way = self.run_.standing.phase in (Phase.RECORD, Phase.DONE)
        assert sorted(found) == sorted(self.stage.begun[: len(self.stage.begun) - under_way])

    @invariant()
    def every_trial_has_an_end_and_a_reason(self) -> None:
        trials = self.run_.trials
        assert len({trial.id for trial in trials}) == len(trials)
        assert all(trial.reason for trial in trials if trial.verdict not in (Verdict.VALID, Verdict.PRACTICE))
        counted = [one.plan.id for one in trials if one.verdict in (Verdict.VALID, Verdict.PRACTICE)]
        assert len(set(counted)) == len(counted), "one trial counts twice"

    @invariant()
    def what_is_not_on_disk_is_owed(self) -> None:
        """What is remembered is what is kept, but for what the disk would not take; that is said in the result."""
        differing = {trial.plan.id for trial in self.run_.trials if self.stage.disk.get(trial.id) is not trial}
        if self.run_.over:
            assert differing == set(self.stage.events[-1].data.get("not_kept", ()))
        elif differing:
            assert any("kept yet" in event.reason for event in self.stage.events)

    @invariant()
    def over_stays_over_with_a_result_or_a_reason(self) -> None:
        if not self.run_.over:
            return
        end = (self.run_.standing.phase, len(self.stage.events))
        self._end = self._end or end
        assert self._end == end
        assert self.stage.events[-1].kind == "result"
        if end[0] is Phase.STOPPED:
            assert self.stage.events[-1].reason
        else:
            settled = {trial.plan.id for trial in self.run_.trials if trial.verdict in SETTLED}
            assert settled == {plan.id for plan in agenda(self.challenge)}


TestAnythingGoes = AnythingGoes.TestCase
TestAnythingGoes.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
