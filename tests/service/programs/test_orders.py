"""Whatever operators order, in whatever order: the records stay whole, and every decision has who and why."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otolith.service.clock import VirtualClock
from otolith.service.errors import ProgramRefused
from otolith.service.programs.coach import ByHand, Coach
from otolith.service.programs.ladder import retake
from otolith.service.store import PersonRow, SetRow, Store

ORDERS = st.one_of(
    st.tuples(st.just("move"), st.sampled_from(("advance", "regress", "foam", "moon"))),
    st.tuples(st.sampled_from(("lock", "pause")), st.booleans()),
    st.tuples(st.just("set"), st.sampled_from((95.0, 10.0, None))),
    st.tuples(st.just("answer"), st.sampled_from((0.0, 5.0, 9.0, 11.0))),
    st.tuples(st.just("stale"), st.none()),
    st.tuples(st.just("withdraw"), st.none()),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records with nothing in them, migrated once."""
    path = tmp_path_factory.mktemp("orders") / "empty.db"

    async def make() -> None:
        async with Store(f"sqlite+aiosqlite:///{path}"):
            pass

    asyncio.run(make())
    return path


class Desk:
    """Gives orders by their names."""

    def __init__(self, coach: Coach, store: Store, enrolment: str) -> None:
        self.coach = coach
        self.enrolment = enrolment
        self._store = store
        self._sets = 0

    async def give(self, what: str, how: Any) -> None:
        hand = ByHand("ben", "as agreed")
        if what == "move":
            await self.coach.move(self.enrolment, how, hand)
        elif what == "lock":
            await self.coach.lock(self.enrolment, hand, locked=how)
        elif what == "pause":
            await self.coach.pause(self.enrolment, hand, paused=how)
        elif what == "withdraw":
            await self.coach.withdraw(self.enrolment, hand)
        elif what == "stale":
            seen = (await self.coach.standing(self.enrolment)).enrolment.seq
            await self.coach.lock(self.enrolment, replace(hand, seq=seen - 1))
        elif what == "set":
            await self._set(how)
        else:
            pending = (await self.coach.standing(self.enrolment)).pending
            asked = dict.fromkeys(("dizziness", "pain", "nausea", "fatigue"), how)
            await self.coach.answer(self.enrolment, pending[0].id if pending else "none", asked, "anna")

    async def _set(self, score: float | None) -> None:
        self._sets += 1
        now = (await self.coach.standing(self.enrolment)).enrolment
        name = f"t{self._sets:03}"
        row = SetRow(name, now.id, now.revision, now.rung, "s1", "r1", "", score, score is not None, False, 30.0)
        await self._store.programs.add_sets((row,))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=st.lists(ORDERS, max_size=14))
def test_no_order_breaks_the_records(
    empty: Path, tmp_path: Path, program: Callable[..., Any], orders: list[tuple[str, Any]]
) -> None:
    path = tmp_path / "orders.db"
    shutil.copy(empty, path)
    asyncio.run(_whole(path, program(gate={"kind": "error", "passed": 1, "of": 1}), orders))


async def _whole(path: Path, ladder: Any, orders: list[tuple[str, Any]]) -> None:
    clock = VirtualClock()
    async with Store(f"sqlite+aiosqlite:///{path}", clock) as store:
        await store.people.put(PersonRow("p1", "2026-01-01"))
        coach = Coach(store, clock)
        enrolment = (await coach.enrol("p1", ladder, "anna")).enrolment.id
        desk = Desk(coach, store, enrolment)
        before = await desk.coach.standing(enrolment)
        for what, how in orders:
            try:
                await desk.give(what, how)
            except ProgramRefused:
                assert await desk.coach.standing(enrolment) == before, "a refusal changes nothing"
                continue
            assert what != "stale"
            now = await desk.coach.standing(enrolment)
            decided = len(now.decisions) - len(before.decisions)
            assert now.enrolment.seq - before.enrolment.seq == decided == (what != "set")
            assert now.decisions[: len(before.decisions)] == before.decisions
            assert (now.latest.next_rung, before.enrolment.ended) == (now.enrolment.rung, None) or what == "set"
            before = now
        for row in before.decisions:
            assert row.by
            if "given" in row.inputs:
                assert retake(ladder, row.inputs).outcome == row.outcome
            elif row.rule == "override":
                assert row.reason == "as agreed"
        assert await store.audit.verify() is None
