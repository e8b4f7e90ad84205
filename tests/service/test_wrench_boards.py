"""Boards whose plates measure wrenches, through the pipeline: against the textbook, and against statics."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.board import BoardInfo, WrenchPlate
from otolith.drivers.calibration import Calibration, Linear, Matrix
from otolith.drivers.opening import open_board
from otolith.drivers.replay.journal_head import JournalHead, pack_head, unpack_head
from otolith.drivers.replay.journal_writer import JournalWriter
from otolith.drivers.replay.recording import Recording
from otolith.drivers.replay.trial import read_recording
from otolith.dsp.plates.levers import plate_levers
from otolith.dsp.reference import cop as reference
from otolith.service.analysis import Plan, analyse
from otolith.service.bearing import bearing
from otolith.service.errors import TareRefused
from otolith.service.pipeline import Pipeline
from otolith.service.sections import PipelineConfig
from otolith.service.wrenches import resolve

Array = NDArray[np.float64]

LEFT = WrenchPlate("L", x=-260.0, y=10.0, turn=90.0, top=41.0)
RIGHT = WrenchPlate("R", x=255.0, y=-20.0, turn=12.5, top=38.5)
RNG = np.random.default_rng(4)


def matrix(loads: int, channels: int) -> Matrix:
    """Full, with crosstalk, and well conditioned."""
    rows = np.eye(loads, channels) + 0.02 * np.random.default_rng(loads).normal(size=(loads, channels))
    return Matrix(tuple(map(tuple, rows.tolist())), tuple(100.0 + k for k in range(channels)), "nominal")


def standing(force: Any, x: Any, y: Any, shear: tuple[float, float] = (0.0, 0.0), mz: float = 0.0) -> Array:
    """Ground reactions at ``x``, ``y`` mm of the board's surface, as wrenches about its centre."""
    force, x, y = np.broadcast_arrays(np.atleast_1d(np.asarray(force, float)), x, y)
    fx, fy = (np.full(len(force), value) for value in shear)
    return np.column_stack([fx, fy, force, y * force, -x * force, mz + x * fy - y * fx])


def felt(plate: WrenchPlate, wrench: Array) -> Array:
    """What a plate measures, of a wrench about the board's centre: the other way round, by cross products."""
    r = np.array([plate.x, plate.y, -plate.top])
    force, moment = wrench[:, :3], wrench[:, 3:] + np.cross(wrench[:, :3], r)
    a = np.deg2rad(plate.turn)
    axes = np.array([[np.cos(a), -np.sin(a), 0.0], [np.sin(a), np.cos(a), 0.0], [0.0, 0.0, 1.0]])
    return np.hstack([force @ axes.T, moment @ axes.T])


def board(info: Callable[..., BoardInfo], calibration: Calibration, *plates: WrenchPlate) -> BoardInfo:
    return info(cells=(), plates=plates, calibration=calibration)


def piped(info: BoardInfo, counts: Array, flags: Any = 0, **config: Any) -> Any:
    pipeline = Pipeline(info, info.calibration, PipelineConfig(**config), info.calibration.zero)
    n = len(counts)
    return pipeline(Batch(0, counts, np.arange(n), np.broadcast_to(np.asarray(flags, np.uint32), n).copy()))


@pytest.mark.parametrize("calibration", [matrix(12, 12), matrix(12, 14), Linear((0.5,) * 12, (7.0,) * 12, "nominal")])
def test_equal_to_the_textbook(info: Callable[..., BoardInfo], calibration: Calibration) -> None:
    wrenches = np.hstack(
        [
            standing(RNG.uniform(100, 500, 64), RNG.uniform(-99, 99, 64), RNG.uniform(-99, 99, 64), (30.0, -20.0), 5.0)
            for _ in range(2)
        ]
    )
    counts = calibration.counts(wrenches)
    frame = piped(board(info, calibration, LEFT, RIGHT), counts)
    loads = calibration.loads(counts)
    levers = bearing((), (LEFT, RIGHT)).levers
    whole = loads @ levers.T
    cop, _ = reference.wrenches(whole, np.zeros(3), 20.0)
    np.testing.assert_allclose(frame.loads, loads, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(frame.force, whole[:, 2], rtol=1e-12)
    np.testing.assert_allclose(frame.cop, cop, atol=1e-9)
    np.testing.assert_allclose(frame.parts, reference.parts(loads, levers, 20.0), atol=1e-9)
    np.testing.assert_allclose(frame.sides, loads[:, [2, 8]], atol=1e-9)


@pytest.mark.parametrize("plate", [LEFT, RIGHT])
@given(
    x=st.floats(-400, 400),
    y=st.floats(-400, 400),
    force=st.floats(30, 3000),
    shear=st.tuples(st.floats(-300, 300), st.floats(-300, 300)),
)
def test_levers_find_the_wrench_that_the_plate_felt(
    plate: WrenchPlate, x: float, y: float, force: float, shear: tuple[float, float]
) -> None:
    """Whatever the plate's place, turn and depth: the CoP of the ground reaction is where it was."""
    wrench = standing(force, x, y, shear, 12.0)
    found = felt(plate, wrench) @ plate_levers(plate.x, plate.y, plate.turn, plate.top).T
    np.testing.assert_allclose(found, wrench, rtol=1e-9, atol=1e-6)


def test_each_foot_on_its_plate(info: Callable[..., BoardInfo]) -> None:
    """CoP of the whole is the mean of the plates', weighted by what they bear, and sides are what they bear."""
    feet = standing(300.0, -240.0, 30.0), standing(450.0, 250.0, 20.0)
    loads = np.hstack([felt(LEFT, feet[0]), felt(RIGHT, feet[1])])
    plates = board(info, Linear((1.0,) * 12, (0.0,) * 12, "nominal"), LEFT, RIGHT)
    frame = piped(plates, loads)
    np.testing.assert_allclose(frame.parts[0], [[300.0, -240.0, 30.0], [450.0, 250.0, 20.0]], atol=1e-9)
    np.testing.assert_allclose(frame.sides, [[300.0, 450.0]], atol=1e-9)
    np.testing.assert_allclose(frame.cop, [[(250 * 450 - 240 * 300) / 750, (20 * 450 + 30 * 300) / 750]], atol=1e-9)


def test_a_plate_without_a_foot_has_no_cop_of_its_own(info: Callable[..., BoardInfo]) -> None:
    loads = np.hstack([felt(LEFT, standing(5.0, -240.0, 0.0)), felt(RIGHT, standing(600.0, 250.0, 0.0))])
    frame = piped(board(info, Linear((1.0,) * 12, (0.0,) * 12, "nominal"), LEFT, RIGHT), loads)
    assert np.isnan(frame.parts[0, 0, 1:]).all()
    assert frame.parts[0, :, 0] == pytest.approx([5.0, 600.0])
    assert np.isfinite(frame.cop).all()


def test_an_untrusted_sample_has_loads_and_no_centre(info: Callable[..., BoardInfo]) -> None:
    loads = np.repeat(felt(LEFT, standing(700.0, -200.0, 0.0)), 3, axis=0)
    frame = piped(board(info, Linear((1.0,) * 6, (0.0,) * 6, "nominal"), LEFT), loads, [0, Flag.SATURATED, 0])
    assert np.isnan(frame.cop[:, 0]).tolist() == [False, True, False]
    assert np.isnan(frame.parts[:, 0, 1]).tolist() == [False, True, False]
    np.testing.assert_allclose(frame.force, 700.0)
    assert frame.flags.tolist() == [0, Flag.SATURATED, 0]


def test_one_plate_in_the_middle_knows_no_sides(info: Callable[..., BoardInfo]) -> None:
    only = WrenchPlate("1")
    frame = piped(board(info, matrix(6, 8), only), matrix(6, 8).counts(standing(700.0, 10.0, 5.0)))
    assert frame.sides is None
    np.testing.assert_allclose(frame.cop, [[10.0, 5.0]], atol=1e-9)


def test_sides_of_a_board_of_cells_are_its_leverage(info: Callable[..., BoardInfo]) -> None:
    cells = info()
    counts = cells.calibration.counts(np.array([[200.0, 150.0, 100.0, 50.0]]))
    np.testing.assert_allclose(piped(cells, counts).sides, [[150.0, 350.0]])


def test_a_tare_zeroes_every_channel_and_judges_the_vertical_force(info: Callable[..., BoardInfo]) -> None:
    calibration = matrix(6, 8)
    plate = board(info, calibration, LEFT)
    pipeline = Pipeline(plate, calibration, PipelineConfig(), calibration.zero)
    offsets = np.array([[9.0, -8.0, 7.0, 60_000.0, -50_000.0, 3.0]])  # moments far above any gate in newtons
    counts = np.repeat(calibration.counts(offsets), 125, axis=0)
    zero = pipeline.take_zero(1.0)
    pipeline(Batch(0, counts, np.arange(125), np.zeros(125, np.uint32)))
    np.testing.assert_allclose(zero.result(0).counts, counts[0])
    frame = pipeline(Batch(125, counts, np.arange(125), np.zeros(125, np.uint32)))
    np.testing.assert_allclose(frame.loads, 0.0, atol=1e-9)
    refused = pipeline.take_zero(1.0)
    loaded = np.repeat(calibration.counts(standing(700.0, 0.0, 0.0)), 125, axis=0)
    pipeline(Batch(250, loaded, np.arange(125), np.zeros(125, np.uint32)))
    with pytest.raises(TareRefused, match="the board is loaded with 700 N"):
        refused.result(0)


def test_a_calibration_of_another_plate_is_refused(info: Callable[..., BoardInfo]) -> None:
    with pytest.raises(ValueError, match="for each of the 12 loads"):
        piped(board(info, matrix(6, 8), LEFT, RIGHT), np.zeros((1, 8)))


def test_a_journal_remembers_plates_and_matrix(info: Callable[..., BoardInfo]) -> None:
    plates = board(info, matrix(12, 14), LEFT, RIGHT)
    head = JournalHead("s", "id", "2026-01-01T00:00:00Z", 0, plates, plates.calibration, plates.calibration.zero, {})
    assert unpack_head(pack_head(head)) == head


def walked(info: Callable[..., BoardInfo], path: Path) -> tuple[BoardInfo, Array, list[Batch]]:
    """20 s of slow circles over two plates in a journal with a loss and a saturated sample; what was seen live."""
    calibration = matrix(12, 14)
    plates = board(info, calibration, LEFT, RIGHT)
    t = np.arange(2500) / 125.0
    left = standing(350.0, -240 + 20 * np.cos(t), 20 * np.sin(t), (8.0, 1.0))
    right = standing(350.0, 240 + 20 * np.cos(t), 20 * np.sin(t), (-3.0, 4.0))
    counts = calibration.counts(np.hstack([felt(LEFT, left), felt(RIGHT, right)]))
    flags = np.zeros(2500, np.uint32)
    flags[700] = Flag.SATURATED
    batches = [
        Batch(
            at + lost,
            counts[at + lost : at + 20],
            np.arange(at + lost, at + 20),
            flags[at + lost : at + 20],
            None,
            lost,
        )
        for at in range(0, 2500, 20)
        for lost in (3 if at == 1000 else 0,)
    ]
    zero = tuple(value + 5.0 for value in calibration.zero)
    head = JournalHead("s", "id", "2026-01-01T00:00:00Z", 0, plates, calibration, zero, {})
    writer = JournalWriter(path, head)
    for batch in batches:
        writer.append(batch)
    writer.close()
    pipeline = Pipeline(plates, calibration, PipelineConfig(), zero)
    return plates, np.concatenate([pipeline(batch).cop for batch in batches]), batches


def test_a_journal_analysed_has_the_cop_that_was_seen_live(info: Callable[..., BoardInfo], tmp_path: Path) -> None:
    _, live, _ = walked(info, tmp_path / "trial.mcap")
    found = read_recording(tmp_path / "trial.mcap")
    assert isinstance(found, Recording)
    whole = resolve(found, 20.0)
    assert whole.ml is not None
    assert whole.ap is not None
    np.testing.assert_allclose(np.column_stack([whole.ml, whole.ap]), live, atol=1e-9)
    result = analyse(tmp_path / "trial.mcap", Plan(recipe="raw"))
    assert result.metrics["range_ml"].value == pytest.approx(40.0, abs=2.0)
    assert "4 missing samples were interpolated" in result.warnings


async def test_a_journal_replayed_is_the_board_again(info: Callable[..., BoardInfo], tmp_path: Path) -> None:
    plates, live, _ = await asyncio.to_thread(walked, info, tmp_path / "trial.mcap")
    async with await open_board(f"replay:{tmp_path}/trial.mcap?speed=max") as again:
        assert (again.info.plates, again.info.cells) == (plates.plates, ())
        pipeline = Pipeline(again.info, again.info.calibration, PipelineConfig(), again.info.calibration.zero)
        frames = [pipeline(batch) async for batch in again.batches()]
    np.testing.assert_allclose(np.concatenate([frame.cop for frame in frames]), live, atol=1e-9)
    assert frames[0].sides is not None


def test_a_torn_journal_of_plates_gives_what_is_left(info: Callable[..., BoardInfo], tmp_path: Path) -> None:
    _, live, _ = walked(info, path := tmp_path / "trial.mcap")
    path.write_bytes(path.read_bytes()[:-20_000])
    found = read_recording(path)
    assert isinstance(found, Recording)
    assert 1000 < len(found) < len(live)
    whole = resolve(found, 20.0)
    assert whole.ml is not None
    np.testing.assert_allclose(whole.ml, live[: len(found), 0], atol=1e-9)
