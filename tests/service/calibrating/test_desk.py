"""A calibration from the first order to the file in use, in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from otolith.drivers.board import BoardInfo
from otolith.drivers.calibration import Linear
from otolith.dsp.calibration.known import Piece
from otolith.service.calibrating.content import ConditionsTable
from otolith.service.calibrating.diary import Diary
from otolith.service.calibrating.gravity import stated_gravity
from otolith.service.calibrating.plan import Place, Plan, default_plan, weight_set
from otolith.service.calibrating.procedure import Action, Phase, Procedure
from otolith.service.calibrating.reading import Pace
from otolith.service.calibrating.record import recompute
from otolith.service.calibrating.shelf import Shelf
from otolith.service.errors import CalibrationError, CalibrationRefused, UnknownBoard
from otolith.service.sections import CalibrationConfig
from otolith.service.state import BoardPhase
from otolith.service.station import Station

Until = Callable[..., Awaitable[None]]
PACE = CalibrationConfig(settle_s=1.0, average_s=2.0)
BOARD = "twin-1001"
WEIGHTS = weight_set([10.0, 20.0, 50.0], 1e-5)


def plan(info: BoardInfo) -> Plan:
    return default_plan(info, WEIGHTS, stated_gravity(9.81))


@pytest.fixture
async def station(config: Any, bench: Any, clock: Any, until: Until) -> AsyncIterator[Station]:
    """With one board that streams."""
    bench.plug("twin:1")
    async with Station(config("twin:1", calibration=PACE), clock, opener=bench.open) as station:
        await streaming(station, bench, until)
        yield station


async def streaming(station: Station, bench: Any, until: Until) -> None:
    """Wait for the board, which needs a sample to be one that streams."""
    await until(lambda: bench.opened and not bench.newest().closed)
    bench.newest().feed((0.0,) * 4)
    await until(lambda: station.boards()[0].phase is BoardPhase.STREAMING)


async def reconnected(station: Station, bench: Any, until: Until) -> None:
    """Wait until the board, at its next sample, was opened again with its new calibration."""
    before = len(bench.opened)
    bench.newest().feed((0.0,) * 4)
    await until(lambda: len(bench.opened) > before)
    await streaming(station, bench, until)


async def test_a_board_that_is_off_is_calibrated_and_the_result_is_used(
    station: Station, bench: Any, hands: Any, until: Until
) -> None:
    desk = station.calibrations
    state = await desk.begin(BOARD, plan, "somebody")
    assert (state.phase, state.steps) == (Phase.PLACE, 1 + 5 * 6)
    hand = hands(desk, BOARD)
    done = await hand.all()
    assert done.accepted == 31
    assert hand.orders[:4] == [
        "Take everything off the board, and step away.",
        "Put 10 kg on middle.",
        "Put 20 kg on middle (30 kg stand there then).",
        "Put 50 kg on middle (80 kg stand there then).",
    ]
    report = await desk.keep(BOARD, ConditionsTable(temperature_c=21.5, note="first"), "somebody")
    for found, true in zip(report.coefficients, hand.true.gain, strict=True):
        assert abs(found.value - true) < 3.0 * found.u
        assert found.u < 1e-4 * true * 10
    assert (report.version, report.warnings) == (1, [])
    assert report.hash.startswith("sha256:")
    await reconnected(station, bench, until)
    board = station.board(BOARD)
    assert board.calibration == f"file:{report.hash.removeprefix('sha256:')}"
    assert board.calibrated is not None
    assert (board.calibrated.hash, board.calibrated.age_days, board.calibrated.due) == (report.hash, 0, False)
    assert [line.action for line in (await station.store.audit.list()).items] == ["calibration", "calibration-begun"]
    view = await desk.view(BOARD)
    assert [kept.hash for kept in view.history] == [report.hash]
    assert not view.resumable


async def test_the_file_can_be_computed_again(station: Station, bench: Any, hands: Any, tmp_path: Path) -> None:
    desk = station.calibrations
    await desk.begin(BOARD, plan, "somebody")
    await hands(desk, BOARD).all()
    report = await desk.keep(BOARD, ConditionsTable(), "somebody")
    content = await asyncio.to_thread(Shelf(tmp_path / "state" / "calibrations").newest, BOARD)
    assert content is not None
    again = recompute(content, bench.newest().info)
    assert isinstance(again.calibration, Linear)
    np.testing.assert_allclose(again.calibration.gain, [one.value for one in report.coefficients], rtol=1e-12)


async def test_a_wrong_weight_is_named_before_anything_is_kept(station: Station, hands: Any) -> None:
    desk = station.calibrations
    await desk.begin(BOARD, plan, "somebody")

    def spoil(state: Any, newtons: float) -> float:
        return newtons + 4.0 if state.label == "30 kg at back right" else newtons

    await hands(desk, BOARD, spoil=spoil).all()
    report = await desk.evaluate(BOARD, ConditionsTable())
    assert report.version == 0
    assert report.warnings[0].startswith("30 kg at back right does not fit the others")


async def test_redo_skip_and_stop(station: Station, hands: Any) -> None:
    desk = station.calibrations
    await desk.begin(BOARD, plan, "somebody")
    hand = hands(desk, BOARD)
    await hand.step()
    assert (await desk.act(BOARD, Action.SKIP)).step == 2
    assert (await desk.act(BOARD, Action.REDO)).step == 1
    assert (await desk.act(BOARD, Action.MEASURE)).phase is Phase.MEASURING
    with pytest.raises(CalibrationRefused, match="at measuring; possible now: redo, skip, stop"):
        await desk.act(BOARD, Action.ACCEPT)
    assert (await desk.act(BOARD, Action.REDO)).step == 1
    with pytest.raises(CalibrationRefused, match="not at its end"):
        await desk.keep(BOARD, ConditionsTable(), "somebody")
    with pytest.raises(CalibrationRefused, match="under way already"):
        await desk.begin(BOARD, plan, "somebody")
    assert (await desk.act(BOARD, Action.STOP)).phase is Phase.STOPPED
    with pytest.raises(CalibrationRefused, match="no calibration of twin-1001 is under way"):
        desk.state(BOARD)
    assert not (await desk.view(BOARD)).resumable


async def test_what_is_not_there_or_not_steady_is_waited_for(station: Station, hands: Any, until: Until) -> None:
    desk = station.calibrations
    await desk.begin(BOARD, plan, "somebody")
    hand = hands(desk, BOARD)
    await hand.step()
    await desk.act(BOARD, Action.MEASURE)
    await hand.feed(0.0, 0.0, 0.0)
    await until(lambda: "where about 98 N are expected" in desk.state(BOARD).reason)
    hand.noise = 1000.0
    await hand.feed(98.0, 0.0, 0.0)
    await until(lambda: "not steady yet" in desk.state(BOARD).reason)
    hand.noise = 1.0
    await hand.feed(98.0, 0.0, 0.0, n=250)
    await until(lambda: 0.0 < desk.state(BOARD).progress < 1.0)
    hand.bench.newest().feed(98.0 / 4, n=3, missed=5)
    await until(lambda: desk.state(BOARD).reason == "samples were lost")
    await hand.feed(98.0, 0.0, 0.0)
    await until(lambda: desk.state(BOARD).phase is Phase.REVIEW)


async def test_after_a_crash_it_goes_on_with_an_empty_board(
    config: Any, bench: Any, clock: Any, until: Until, hands: Any
) -> None:
    bench.plug("twin:1")
    made = config("twin:1", calibration=PACE)
    async with Station(made, clock, opener=bench.open) as station:
        await streaming(station, bench, until)
        with pytest.raises(CalibrationRefused, match="no procedure of this board is under way"):
            await station.calibrations.resume(BOARD)
        await station.calibrations.begin(BOARD, plan, "somebody")
        hand = hands(station.calibrations, BOARD)
        for _ in range(3):
            await hand.step()
        await station.calibrations.act(BOARD, Action.SKIP)
        await station.calibrations.act(BOARD, Action.REDO)
    async with Station(made, clock, opener=bench.open) as station:
        await streaming(station, bench, until)
        desk = station.calibrations
        assert (await desk.view(BOARD)).resumable
        state = await desk.resume(BOARD)
        assert (state.accepted, state.label, state.steps) == (3, "empty", 32)
        hand = hands(desk, BOARD, seed=1)
        await hand.all()
        report = await desk.keep(BOARD, ConditionsTable(), "somebody")
        assert report.coefficients[0].value == pytest.approx(hand.true.gain[0], rel=1e-3)


async def test_a_torn_line_of_the_diary_is_left_out(station: Station, bench: Any, hands: Any, tmp_path: Path) -> None:
    await station.calibrations.begin(BOARD, plan, "somebody")
    await hands(station.calibrations, BOARD).step()
    info = bench.newest().info
    await station.calibrations.aclose()
    folder = tmp_path / "state" / "calibrations" / BOARD

    def tear() -> None:
        with (folder / "procedure.jsonl").open("ab") as file:
            file.write(b'{"type":"deed","what":"acc')
        Diary(folder).replay(procedure)

    procedure = Procedure(plan(info), info, info.calibration, Pace(1.0, 2.0, 2.0))
    await asyncio.to_thread(tear)
    assert procedure.state().accepted == 1


async def test_a_check_passes_a_good_calibration_and_fails_a_bad_one(
    station: Station, bench: Any, hands: Any, until: Until
) -> None:
    desk = station.calibrations
    await desk.begin(BOARD, plan, "somebody")
    await hands(desk, BOARD).all()
    before = desk.verify(BOARD)
    assert before.passed is None
    assert abs(before.worst_force_error) > 5.0
    await desk.keep(BOARD, ConditionsTable(), "somebody")
    await reconnected(station, bench, until)
    for spoilt, passed in ((1.0, True), (1.01, False)):
        await desk.begin(BOARD, plan, "somebody")
        await hands(desk, BOARD, seed=7, spoil=lambda _, newtons, k=spoilt: k * newtons).all()
        found = desk.verify(BOARD)
        assert found.passed is passed
        assert ("calibrate the board again" in found.sentence) is not passed
        await desk.discard(BOARD)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Plan(WEIGHTS, (Place("middle", 0.0, 0.0),)), "add a weight off the middle"),
        (Plan(WEIGHTS, (Place("far", 900.0, 0.0),)), r"far \(x 900, y 0 mm\) lies outside the cells"),
        (Plan(WEIGHTS, (Place("cord", 0.0, 0.0, 0.0, (1.0, 0.0, 0.0)),)), "vertical force alone"),
        (Plan((), ()), "at least one weight"),
        (Plan((Piece("1", 1.0, 0.0),) * 20, (Place("m", 0.0, 0.0),) * 40), "at most 500 steps"),
    ],
)
async def test_a_plan_that_cannot_work_is_refused_before_a_weight_is_lifted(
    station: Station, wrong: Plan, words: str
) -> None:
    with pytest.raises(CalibrationError, match=words):
        await station.calibrations.begin(BOARD, lambda _: wrong, "somebody")


async def test_a_recording_is_not_disturbed(station: Station) -> None:
    await station.start_recording(BOARD, "somebody")
    with pytest.raises(CalibrationRefused, match="stop recording"):
        await station.calibrations.begin(BOARD, plan, "somebody")
    with pytest.raises(UnknownBoard):
        await station.calibrations.view("nobody")


async def test_an_old_calibration_is_announced(config: Any, bench: Any, clock: Any, until: Until, hands: Any) -> None:
    bench.plug("twin:1")
    made = config("twin:1", calibration=PACE.model_copy(update={"due_days": 30}))
    async with Station(made, clock, opener=bench.open) as station:
        await streaming(station, bench, until)
        desk = station.calibrations
        await desk.begin(BOARD, plan, "somebody")
        await hands(desk, BOARD).all()
        await desk.keep(BOARD, ConditionsTable(), "somebody")
    await clock.advance(31 * 86400.0)
    async with Station(made, clock, opener=bench.open) as station:
        await streaming(station, bench, until)
        state = station.board(BOARD).calibrated
        assert state is not None
        assert (state.age_days, state.due) == (31, True)
