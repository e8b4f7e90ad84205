"""Several boards as one: the laws of statics, clocks that differ, and a part that is not there."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.board import BoardInfo, Cell, WrenchPlate
from otolith.drivers.calibration import Linear
from otolith.drivers.loads import corner_loads
from otolith.dsp.reference import cop as reference
from otolith.service.frame import Frame
from otolith.service.fusion import Fusion, Part
from otolith.service.pipeline import Pipeline
from otolith.service.sections import PipelineConfig

Array = NDArray[np.float64]
CELLS = (Cell("FR", 100, 150), Cell("BR", 100, -150), Cell("BL", -100, -150), Cell("FL", -100, 150))
ONES = Linear((1.0,) * 4, (0.0,) * 4, "nominal")
FEET = st.tuples(st.floats(0, 900), st.floats(-90, 90), st.floats(-140, 140))
"""Newtons, and where on its board, mm."""


def part(serial: str, x: float, y: float = 0.0, turn: float = 0.0, **changes: Any) -> Part:
    info = BoardInfo(f"twin:{serial}", "twin", "Four", serial, "1", "N", 125.0, CELLS, ONES, simulated=True)
    return Part(replace(info, **changes), x, y, turn)


def loads_of(foot: tuple[float, float, float], n: int = 1) -> Array:
    force, x, y = (np.full(n, value) for value in foot)
    return corner_loads(force, x, y, CELLS)


def frames(info: BoardInfo, loads: Array, seq: int = 0, *, at: int = 0, flags: int = 0, size: int = 5) -> list[Frame]:
    """Samples by five from number ``seq``; number ``at`` was taken one second after the computer was switched on."""
    pipeline = Pipeline(info, info.calibration, PipelineConfig(), info.calibration.zero)
    t = np.rint(1e9 * (1.0 + (seq - at + np.arange(len(loads))) / info.rate)).astype(np.int64)
    counts, doubts = info.calibration.counts(loads), np.full(len(loads), flags, np.uint32)
    cuts = [slice(k, k + size) for k in range(0, len(loads), size)]
    return [pipeline(Batch(seq + cut.start, counts[cut], t[cut], doubts[cut])) for cut in cuts]


def fused(fusion: Fusion, *streams: list[Frame]) -> Frame:
    """What the pipeline makes of the whole: one frame of all that came, in the order of time."""
    arrived = sorted((one for stream in streams for one in stream), key=lambda one: int(one.t[-1]))
    batches = [batch for one in arrived if (batch := fusion.add(one)) is not None]
    info = fusion.info
    whole = Batch(
        batches[0].seq,
        np.concatenate([batch.counts for batch in batches]),
        np.concatenate([batch.t_host for batch in batches]),
        np.concatenate([batch.flags for batch in batches]),
    )
    return Pipeline(info, info.calibration, PipelineConfig(), info.calibration.zero)(whole)


def placed(part: Part) -> list[Cell]:
    """The cells of a part where they are on the whole, by turning each of them."""
    a = np.deg2rad(part.turn)
    return [
        Cell(
            cell.name,
            part.x + cell.x * np.cos(a) + cell.y * np.sin(a),
            part.y - cell.x * np.sin(a) + cell.y * np.cos(a),
        )
        for cell in part.info.cells
    ]


@given(left=FEET, right=FEET, turns=st.tuples(st.floats(-180, 180), st.floats(-180, 180)))
def test_equal_to_one_large_board_with_all_the_cells(
    left: tuple[float, float, float],
    right: tuple[float, float, float],
    turns: tuple[float, float],
) -> None:
    parts = [part("1", -230.0, 15.0, turns[0]), part("2", 210.0, -5.0, turns[1])]
    loads = [loads_of(left, 20), loads_of(right, 20)]
    streams = [frames(p.info, own) for p, own in zip(parts, loads, strict=True)]
    found = fused(Fusion("feet", "fused:feet", parts), *streams)
    assert found.sides is not None
    x, y = (np.array([getattr(cell, axis) for p in parts for cell in placed(p)]) for axis in "xy")
    force, cop = reference.cells(np.hstack(loads)[:1], x, y, 20.0)
    np.testing.assert_allclose(found.force, force[0], atol=1e-9)
    if abs(force[0] - 20.0) > 1e-6:
        np.testing.assert_allclose(found.cop, np.broadcast_to(cop, found.cop.shape), atol=1e-6)
    np.testing.assert_allclose(found.sides, np.broadcast_to([left[0], right[0]], (len(found), 2)), atol=1e-9)


@given(left=FEET, right=FEET)
def test_the_cop_lies_between_those_of_the_parts(
    left: tuple[float, float, float], right: tuple[float, float, float]
) -> None:
    parts = [part("1", -230.0), part("2", 210.0)]
    streams = [frames(p.info, loads_of(foot, 20)) for p, foot in zip(parts, (left, right), strict=True)]
    found = fused(Fusion("feet", "fused:feet", parts), *streams)
    if left[0] + right[0] < 20.1:
        return
    share = right[0] / (left[0] + right[0])
    ends = np.array([[-230.0 + left[1], left[2]], [210.0 + right[1], right[2]]])
    np.testing.assert_allclose(found.cop[0], (1 - share) * ends[0] + share * ends[1], atol=1e-6)


def test_the_order_of_the_parts_does_not_matter() -> None:
    parts = [part("1", -230.0), part("2", 210.0, 30.0, 90.0), part("3", 0.0, 300.0, rate=100.0)]
    feet = {"twin-1": (300.0, 20.0, 5.0), "twin-2": (200.0, -7.0, 9.0), "twin-3": (90.0, 1.0, 2.0)}
    found = []
    for order in permutations(parts):
        streams = [frames(p.info, loads_of(feet[p.info.id], 40)) for p in order]
        found.append(fused(Fusion("feet", "fused:feet", order), *streams))
    for other in found[1:]:
        np.testing.assert_allclose(other.cop, found[0].cop, atol=1e-9)
        np.testing.assert_array_equal(other.t, found[0].t)


def test_boards_of_other_rates_and_clocks_meet_on_one_even_grid() -> None:
    """The load moves from foot to foot at an even pace; each board has its own rate, start and batch size."""
    parts = [part("1", -200.0, rate=125.0), part("2", 200.0, rate=90.0)]

    def stream(own: Part, at: int, size: int, sign: float) -> list[Frame]:
        n = round(8.0 * own.info.rate)
        force = 400.0 + sign * 30.0 * ((np.arange(n) - at) / own.info.rate - 4.0)
        loads = corner_loads(force, np.zeros(n), np.zeros(n), CELLS)
        return frames(own.info, loads, at=at, size=size)

    found = fused(Fusion("feet", "fused:feet", parts), stream(parts[0], 1, 5, 1.0), stream(parts[1], 2, 3, -1.0))
    assert found.sides is not None
    t = 1e-9 * found.t
    assert len(found) > 950
    assert not found.flags.any()
    np.testing.assert_allclose(np.diff(t), 1 / 125.0, atol=2e-9)
    np.testing.assert_allclose(found.sides, np.column_stack([400 + 30 * (t - 5), 400 - 30 * (t - 5)]), atol=1e-4)
    np.testing.assert_allclose(found.cop[:, 0], -200.0 * 60 * (t - 5) / 800, atol=1e-4)


def test_samples_of_one_report_are_put_where_they_were_taken() -> None:
    """A controller sends blocks of 25 at once; interpolated by arrival, its force would be a staircase."""
    parts = [part("1", -200.0, rate=100.0), part("2", 200.0, rate=100.0, latency=0.25)]
    n = 1000
    t = 2.0 + np.arange(n) / 100.0
    arrived = []
    for at in range(0, n, 25):
        here = slice(at, at + 25)
        for own, sign in zip(parts, (1.0, -1.0), strict=True):
            loads = corner_loads(400 + sign * 20 * (t[here] - 7.0), np.zeros(25), np.zeros(25), CELLS)
            pipeline = Pipeline(own.info, ONES, PipelineConfig(), ONES.zero)
            host = np.rint(1e9 * (t[here] if sign > 0 else np.full(25, t[at + 24]))).astype(np.int64)
            arrived.append(pipeline(Batch(at, loads, host, np.zeros(25, np.uint32))))
    found = fused(Fusion("feet", "fused:feet", parts), arrived)
    assert found.sides is not None
    np.testing.assert_allclose(found.sides[:, 1], 400 - 20 * (1e-9 * found.t - 7.0), atol=1e-3)


def test_a_part_that_falls_silent_leaves_no_one_sided_cop() -> None:
    parts = [part("1", -200.0), part("2", 200.0)]
    on = frames(
        parts[0].info, np.vstack([loads_of((350, 0, 0), 50), loads_of((700, 0, 0), 100), loads_of((350, 0, 0), 50)])
    )
    off = frames(parts[1].info, loads_of((350, 0, 0), 50))
    again = frames(parts[1].info, loads_of((350, 0, 0), 50), at=-150)
    found = fused(Fusion("feet", "fused:feet", parts), on, off, again)
    missing = (found.flags & Flag.INCOMPLETE) != 0
    assert missing.sum() == 100
    assert ((found.flags[missing] & Flag.INVALID) != 0).all()
    np.testing.assert_array_equal(np.isnan(found.cop[:, 0]), missing)
    np.testing.assert_allclose(found.cop[~missing], 0.0, atol=1e-9)
    assert np.isnan(found.force[missing]).all()


def test_samples_lost_by_a_part_are_not_invented() -> None:
    parts = [part("1", -200.0), part("2", 200.0)]
    loads = loads_of((350, 0, 0), 60)
    torn = [*frames(parts[1].info, loads[:20]), *frames(parts[1].info, loads[30:], 30)]
    found = fused(Fusion("feet", "fused:feet", parts), frames(parts[0].info, loads), torn)
    assert np.flatnonzero(found.flags & Flag.INCOMPLETE).tolist() == list(range(20, 30))


def test_a_saturated_part_spoils_the_sample_of_the_whole() -> None:
    parts = [part("1", -200.0), part("2", 200.0)]
    loads = loads_of((350, 0, 0), 30)
    bad = frames(parts[1].info, loads, flags=Flag.SATURATED)
    found = fused(Fusion("feet", "fused:feet", parts), frames(parts[0].info, loads), bad)
    assert (found.flags == Flag.SATURATED).all()
    assert np.isnan(found.cop).all()


def test_an_absence_of_everybody_is_a_gap() -> None:
    parts = [part("1", -200.0), part("2", 200.0)]
    fusion = Fusion("feet", "fused:feet", parts)
    hour = 125 * 3600
    early, late = ([frames(p.info, loads_of((350, 0, 0), 50), seq) for p in parts] for seq in (0, hour))
    batches = [
        batch
        for pair in (*zip(*early, strict=True), *zip(*late, strict=True))
        for one in pair
        if (batch := fusion.add(one))
    ]
    gaps = [batch for batch in batches if batch.missed]
    assert len(gaps) == 1
    assert gaps[0].missed == pytest.approx(hour, rel=1e-3)
    assert gaps[0].flags[0] & Flag.AFTER_GAP
    assert all(b.seq == a.seq + len(a) + b.missed for a, b in pairwise(batches))


def test_who_it_is(info: Callable[..., BoardInfo]) -> None:
    plate = info(
        "9",
        cells=(),
        plates=(WrenchPlate("1", 0, 0, 90.0, 400, 600, 30.0),),
        calibration=Linear((1.0,) * 6, (0.0,) * 6, "n"),
        rate=1000.0,
        latency=0.1,
        simulated=False,
    )
    found = Fusion("feet", "fused:feet", [part("1", -200.0), Part(plate, 200.0, 10.0, 5.0)]).info
    assert (found.id, found.rate, found.simulated, found.channels) == ("fused-feet", 1000.0, True, 12)
    assert [(p.name, p.x, p.y, p.turn, p.top) for p in found.plates] == [
        ("twin-1", -200, 0, 0, 0),
        ("twin-9", 200, 10, 5, 0),
    ]
    assert found.plates[0].width == 200.0
    assert found.latency == pytest.approx(0.1 + 0.001 + 0.005)
    assert not found.closed_loop
    with pytest.raises(ValueError, match="two boards or more"):
        Fusion("feet", "fused:feet", [part("1", 0.0), part("1", 10.0)])
