"""Live feedback: from frames to the moments that a screen draws, and what it hides."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.dsp.filters import butter_lowpass
from otolith.service.challenges.challenge import Feedback
from otolith.service.challenges.tasks import Keep, Load, React, Shift, Squat, Stand, Step, Task, Trace
from otolith.service.challenges.voice import RunName
from otolith.service.frame import Frame
from otolith.service.guidance.aim import Aim, seed_of
from otolith.service.guidance.beats import beats
from otolith.service.guidance.delay import Delay, delay_of
from otolith.service.guidance.feedback import AHEAD, AHEAD_S, Guide
from otolith.service.guidance.guidance import Guidance
from otolith.service.sections import PipelineConfig

MIDDLE = (10.0, -20.0)
CIRCLE = Trace(path="circle", width_mm=80, height_mm=80, period_s=8)


def frames(place: Callable[[np.ndarray], Any], rate: float, batch: int, seconds: float, force: float = 700.0) -> Any:
    """Batches of somebody whose CoP is at ``place`` of the time, ``(n, 2)`` mm from their middle."""
    t = np.arange(round(seconds * rate)) / rate
    cop = np.broadcast_to(np.asarray(place(t), float), (len(t), 2)) + np.array(MIDDLE)
    for first in range(0, len(t), batch):
        part = slice(first, first + batch)
        n, sampled = len(t[part]), np.rint(t[part] * 1e9).astype(np.int64) + 5_000_000_000
        yield Frame(
            board="b1",
            seq=first,
            missed=0,
            t=sampled,
            t_arrival=sampled,
            counts=np.zeros((n, 4)),
            loads=np.zeros((n, 4)),
            force=np.full(n, force),
            cop=cop[part],
            smooth=cop[part],
            flags=np.zeros(n, np.uint32),
            sway=None,
            sides=np.full((n, 2), (0.4 * force, 0.6 * force)),
        )


def guided(task: Task, feedback: dict[str, Any], made: Any, rate: float = 100.0) -> list[Guidance]:
    aim = Aim(700.0, MIDDLE, seed=3)
    target = aim.target(task, 30.0)
    assert target is not None
    guide = Guide(
        RunName("s1", "r1"),
        "c1-1",
        target,
        Feedback(**feedback),
        middle=MIDDLE,
        beats=beats(task, 30.0),
        rate=rate,
        delay=Delay(0.004, 0.0225),
    )
    return [moment for frame in made for moment in guide.follow(frame)]


def still(t: np.ndarray) -> Any:
    return np.zeros((len(t), 2))


@pytest.mark.parametrize(("rate", "batch"), [(125.0, 1), (100.0, 4), (1000.0, 1), (1000.0, 64), (60.0, 3), (250.0, 25)])
def test_there_are_fifty_moments_a_second_and_more_however_samples_come(rate: float, batch: int) -> None:
    made = guided(CIRCLE, {"mode": "full"}, frames(still, rate, batch, 4.0), rate)
    gaps = np.diff([moment.t_ns for moment in made]) / 1e6
    assert gaps.max() <= 20.0
    assert 1e3 / gaps.mean() == pytest.approx(min(rate, 125.0), rel=0.02)
    assert made[0].rate_hz == min(rate, 125.0)
    assert [moment.seq for moment in made] == list(range(len(made)))


def test_latency_is_that_of_board_filter_and_batch() -> None:
    made = guided(CIRCLE, {"mode": "full"}, frames(still, 100.0, 4, 1.0))
    late = {moment.latency_ms for moment in made}
    assert late == {26.5, 36.5, 46.5, 56.5}
    assert made[3].latency_ms == 26.5  # the newest of its batch
    forced = guided(Load(percent=50), {"mode": "full"}, frames(still, 100.0, 1, 1.0))
    assert forced[0].latency_ms == 4.0  # no filter on forces


def test_the_declared_delay_is_the_filters_own() -> None:
    """A slow ramp through the causal filter is late by the group delay: 22.5 ms for two poles at 10 Hz."""
    config = PipelineConfig()
    delay = delay_of(0.001, config, 1000.0)
    sos = butter_lowpass(config.order, config.cutoff_hz, 1000.0)
    t = np.arange(4000) / 1000.0
    x, out = t.copy(), np.zeros_like(t)
    for b0, b1, b2, _, a1, a2 in sos:
        for n in range(len(x)):
            past = (x[n - 1], x[n - 2], out[n - 1], out[n - 2]) if n > 1 else (0.0, 0.0, 0.0, 0.0)
            out[n] = b0 * x[n] + b1 * past[0] + b2 * past[1] - a1 * past[2] - a2 * past[3]
        x, out = out.copy(), np.zeros_like(t)
    assert t[-1] - x[-1] == pytest.approx(delay.filter, rel=1e-3)
    assert delay.board == 0.001
    assert delay.filter == pytest.approx(0.0225, rel=0.01)


def test_who_is_on_the_point_has_no_error_and_is_shown_the_way() -> None:
    target = Aim(700.0, MIDDLE).target(CIRCLE, 30.0)
    steps: np.ndarray = AHEAD_S * np.arange(1, AHEAD + 1)
    assert target is not None
    made = guided(CIRCLE, {"mode": "full"}, frames(target.at, 100.0, 1, 3.0))
    assert all(moment.error == pytest.approx(0.0, abs=0.011) and moment.on_target for moment in made)
    moment = made[100]
    assert moment.cursor == moment.target
    ahead = target.at(moment.elapsed_s + steps)
    np.testing.assert_allclose(moment.ahead, ahead, atol=0.006)


def test_nobody_foresees_a_sudden_target() -> None:
    task = React(targets=5, radius_mm=60, shortest_s=1, longest_s=2)
    for moment in guided(task, {"mode": "full"}, frames(still, 50.0, 1, 10.0)):
        assert set(moment.ahead) == {moment.target}


def test_a_square_is_a_square() -> None:
    corner = frames(lambda t: np.full((len(t), 2), 9.0), 100.0, 1, 0.1)
    assert guided(Keep(shape="square", radius_mm=10), {"mode": "full"}, corner)[0].on_target
    corner = frames(lambda t: np.full((len(t), 2), 9.0), 100.0, 1, 0.1)
    assert not guided(Keep(shape="circle", radius_mm=10), {"mode": "full"}, corner)[0].on_target


@pytest.mark.parametrize(("side", "share"), [("all", 1.0), ("left", 0.4), ("right", 0.6)])
def test_a_force_is_that_of_its_side(side: Any, share: float) -> None:
    (moment,) = guided(Load(side=side, percent=50, rise_s=0), {"mode": "full"}, frames(still, 100.0, 1, 0.01))
    assert moment.cursor is not None
    assert moment.cursor[0] == pytest.approx(700.0 * share)
    assert moment.error == pytest.approx(abs(700.0 * share - 350.0))


def test_what_is_hidden_is_hidden_and_still_measured() -> None:
    away = Keep(radius_mm=10, ml_mm=30)

    def cursors(feedback: dict[str, Any], near: float) -> list[Any]:
        made = guided(away, feedback, frames(lambda t: np.full((len(t), 2), (near, 0.0)), 50.0, 1, 2.0))
        assert all(moment.error is not None for moment in made)
        return [moment.cursor for moment in made]

    assert set(cursors({"mode": "none"}, 0.0)) == {None}
    assert set(cursors({"mode": "reduced"}, 0.0)) == {(0.0, 0.0)}
    assert set(cursors({"mode": "reduced"}, 25.0)) == {None}
    late = cursors({"mode": "delayed-off", "off_s": 1.0}, 0.0)
    assert (late[50], late[51]) == ((0.0, 0.0), None)
    assert cursors({"mode": "full", "gain": 2.0}, 5.0)[0] == (10.0, 0.0)
    assert cursors({"mode": "full", "assistance": 0.5}, 0.0)[0] == (15.0, 0.0)


def test_where_nobody_stands_there_is_a_target_and_no_cursor() -> None:
    made = guided(CIRCLE, {"mode": "full"}, frames(lambda t: np.full((len(t), 2), np.nan), 100.0, 1, 0.2))
    assert len(made) == 20
    assert all(moment.cursor is None and moment.error is None and not moment.on_target for moment in made)


def test_tones_are_where_the_movement_turns() -> None:
    assert [beat.at for beat in beats(Shift(bearing=90, degrees=4, period_s=2), 7.0)] == [2.0, 4.0, 6.0]
    squat = beats(Squat(knee_degrees=60, period_s=4), 8.0)
    assert [(beat.at, beat.pitch) for beat in squat] == [(2.0, "low"), (4.0, "high"), (6.0, "low")]
    assert [beat.pitch for beat in beats(Step(period_s=1), 3.0)] == ["low", "high"]
    assert beats(Squat(knee_degrees=60), 8.0) == beats(Stand(), 8.0) == beats(CIRCLE, 8.0) == ()


def test_the_next_tone_is_announced() -> None:
    made = guided(Shift(bearing=90, degrees=4, period_s=2), {"mode": "full"}, frames(still, 100.0, 1, 3.0))
    assert made[50].beat_s == pytest.approx(1.5)
    assert made[200].beat_s == pytest.approx(2.0)


@given(run=st.text(), trial=st.text(), attempt=st.integers(1, 9))
def test_a_seed_is_the_same_again_and_never_nothing(run: str, trial: str, attempt: int) -> None:
    assert seed_of(run, trial, attempt) == seed_of(run, trial, attempt) > 0
