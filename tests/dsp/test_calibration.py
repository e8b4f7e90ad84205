"""Known loads to coefficients: exact without noise, honest with it, and plain about what is missing."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from otolith.dsp.calibration.cells import check_places, fit_cells, middling_places, shares
from otolith.dsp.calibration.fit import Fit
from otolith.dsp.calibration.known import AIR, WEIGHT, Known, Piece, Standing, known_loads
from otolith.dsp.calibration.quality import Course, judge
from otolith.dsp.calibration.readings import Readings
from otolith.dsp.calibration.surface import cells_surface, scatter, wrench_surface
from otolith.dsp.calibration.wrench import fit_matrix
from otolith.dsp.plate import Plate

Array = NDArray[np.float64]
G = 9.81
PLATE = Plate((200.0, 200.0, -200.0, -200.0), (300.0, -300.0, -300.0, 300.0))
ZERO = np.array([1000.0, -300.0, 20.0, 4.0])


@dataclass
class Bench:
    """A plate in thought: true gains, weights that are a little off, hands that miss the mark."""

    plate: Plate
    gains: Array
    seed: int = 0
    noise: float = 0.0
    u_mass: float = 0.0
    u_place: float = 0.0
    drift: float = 0.0
    """Counts per reading."""

    def run(
        self, places: list[tuple[float, float]], kilograms: tuple[float, ...] = (5.0, 10.0, 20.0), *, mixed: bool = True
    ) -> tuple[Readings, Known]:
        rng = np.random.default_rng(self.seed)
        pieces = [Piece(f"{kg} kg", kg, self.u_mass * kg) for kg in kilograms]
        off = {piece: piece.kg + rng.normal(0.0, 1.0) * piece.u for piece in pieces}
        standings, true = [Standing("", 0.0, 0.0, ())], [(0.0, 0.0, 0.0)]
        for n, (x, y) in enumerate(places):
            there = np.array([x, y]) + rng.normal(0.0, 1.0, 2) * self.u_place
            for piece in [*pieces, *reversed(pieces[:-1])]:
                standings.append(Standing(f"place {n}", x, y, (piece,)))
                true.append((off[piece] * G, *there))
        standings.append(standings[0])
        true.append(true[0])
        f, x, y = np.array(true).T
        zero = ZERO[: self.plate.cells] + self.drift * np.arange(len(f))[:, None]
        counts = f[:, None] * shares(self.plate, x, y) / self.gains + zero
        # A plate is no truss of springs: some of each load goes its own way, which no statics forbid.
        if self.plate.cells == 4 and mixed:
            counts += (0.05 * f * np.sin(np.arange(len(f))))[:, None] * np.array([1, -1, 1, -1]) / self.gains
        counts += rng.normal(0.0, 1.0, counts.shape) * self.noise
        readings = Readings(
            counts,
            np.full(counts.shape, self.noise),
            np.linspace(0.0, 600.0, len(f)),
            np.array([not s.pieces for s in standings]),
        )
        return readings, known_loads(standings, G, u_place=self.u_place)


places = st.integers(5, 9).map(lambda n: middling_places(PLATE, n))
gain = st.floats(1e-4, 1e2).flatmap(lambda size: st.tuples(*[st.floats(0.5 * size, 2.0 * size)] * 4).map(np.array))


@given(gains=gain, where=places, drift=st.floats(-1.0, 1.0))
@settings(max_examples=40, deadline=None)
def test_without_noise_the_gains_come_back_exactly(gains: Array, where: Any, drift: float) -> None:
    found = fit_cells(PLATE, *Bench(PLATE, gains, drift=drift / gains.max()).run(where))
    np.testing.assert_allclose(found.coefficients, gains, rtol=1e-6)
    assert found.outlier is None


@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(1e-3, 1e3), turn=st.integers(1, 3))
@settings(max_examples=20, deadline=None)
def test_units_of_counts_and_the_order_of_cells_change_nothing(seed: int, scale: float, turn: int) -> None:
    bench = Bench(PLATE, np.array([0.5, 0.52, 0.49, 0.51]), seed, noise=0.2, u_mass=1e-4, u_place=0.5)
    readings, known = bench.run(middling_places(PLATE, 5))
    found = fit_cells(PLATE, readings, known)
    scaled = replace(readings, counts=readings.counts * scale, u=readings.u * scale)
    np.testing.assert_allclose(fit_cells(PLATE, scaled, known).coefficients * scale, found.coefficients, rtol=1e-6)
    rolled = replace(readings, counts=np.roll(readings.counts, turn, 1), u=np.roll(readings.u, turn, 1))
    plate = Plate(tuple(np.roll(PLATE.x, turn)), tuple(np.roll(PLATE.y, turn)))
    again = fit_cells(plate, rolled, known)
    np.testing.assert_allclose(again.coefficients, np.roll(found.coefficients, turn), rtol=1e-6)
    np.testing.assert_allclose(again.u, np.roll(found.u, turn), rtol=1e-4)


def runs(n: int, **bench: float) -> list[Fit]:
    gains = np.array([0.5, 0.52, 0.49, 0.51])
    return [fit_cells(PLATE, *Bench(PLATE, gains, seed, **bench).run(middling_places(PLATE, 5))) for seed in range(n)]


@pytest.mark.parametrize(
    "bench",
    [{"noise": 0.4, "u_mass": 1e-6}, {"noise": 0.05, "u_mass": 3e-3}, {"noise": 0.05, "u_mass": 1e-5, "u_place": 1.0}],
    ids=["noise", "weights", "places"],
)
def test_the_truth_lies_within_twice_the_stated_uncertainty_in_95_of_100_runs(bench: dict[str, float]) -> None:
    """Whichever source rules: 4 gains of 300 runs; and chi squared is what it should be."""
    found = runs(300, **bench)
    errors = np.array([fit.coefficients - [0.5, 0.52, 0.49, 0.51] for fit in found])
    within = np.abs(errors) < 2.0 * np.array([fit.u for fit in found])
    assert 0.92 < within.mean() < 0.985
    assert np.mean([fit.chi2 / fit.dof for fit in found]) == pytest.approx(1.0, abs=0.06)
    assert np.mean([fit.consistent for fit in found]) > 0.9


def test_what_is_not_explained_makes_the_uncertainty_larger() -> None:
    readings, known = Bench(PLATE, np.full(4, 0.5), noise=0.5, u_mass=1e-5).run(middling_places(PLATE, 5))
    believed = replace(readings, u=readings.u / 5.0)
    honest, naive = fit_cells(PLATE, readings, known), fit_cells(PLATE, believed, known)
    assert not naive.consistent
    assert naive.birge == pytest.approx(5.0, rel=0.3)
    np.testing.assert_allclose(naive.u, honest.u, rtol=0.4)
    assert scatter(naive)[0] > 0.5


def test_a_weight_put_elsewhere_is_named() -> None:
    bench = Bench(PLATE, np.full(4, 0.5), noise=0.02, u_mass=1e-5, u_place=0.5)
    readings, known = bench.run(middling_places(PLATE, 5))
    assert fit_cells(PLATE, readings, known).outlier is None
    spoilt = readings.counts.copy()
    spoilt[8] += [8.0, 0.0, 0.0, 0.0]
    found = fit_cells(PLATE, replace(readings, counts=spoilt), known)
    assert found.outlier == 7  # the loaded states count from 0, and the first state was empty


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ([(0.0, 0.0)], "add a weight off the middle, at x .*120"),
        ([(0.0, 0.0), (0.5, 0.5)], "do not tell the gains"),
        ([], "no load was measured"),
    ],
)
def test_places_that_cannot_do_are_refused_with_one_to_add(where: list[tuple[float, float]], words: str) -> None:
    split = shares(PLATE, *np.array(where).reshape(-1, 2).T)
    with pytest.raises(ValueError, match=words):
        check_places(PLATE, split)


def test_a_cell_that_was_never_loaded_is_named() -> None:
    with pytest.raises(ValueError, match=r"cell 3 was never loaded: put a weight near it \(x -120, y -180 mm\)"):
        check_places(PLATE, np.array([[1.0, 1.0, 0.0, 1.0], [2.0, 1.0, 0.0, 1.0]]))


def test_a_gain_known_too_badly_is_refused() -> None:
    bench = Bench(PLATE, np.full(4, 0.5), noise=20.0, u_mass=1e-4)
    with pytest.raises(ValueError, match="heavier weights; put a weight near it"):
        fit_cells(PLATE, *bench.run([(0.0, 0.0), (60.0, 90.0)], (5.0,)))


def test_a_single_cell_is_calibrated_by_force_alone() -> None:
    plate = Plate((0.0,), (0.0,))
    found = fit_cells(plate, *Bench(plate, np.array([0.25])).run([(0.0, 0.0)]))
    assert found.coefficients[0] == pytest.approx(0.25, rel=1e-6)
    assert np.isnan(cells_surface(plate, found, 700.0).cop).all()


def test_without_an_empty_plate_there_is_no_zero() -> None:
    with pytest.raises(ValueError, match="empty plate"):
        Readings(np.ones((1, 4)), np.ones((1, 4)), np.zeros(1), np.array([False]))


def test_a_known_load_by_hand() -> None:
    kilo = Piece("1 kg", 1.0, 1e-3)
    buoyancy = 1.0 - AIR / WEIGHT
    known = known_loads([Standing("a", 100.0, -50.0, (kilo, kilo))], 10.0, 0.1, 2.0, buoyancy)
    np.testing.assert_allclose(known.wrench, [[0, 0, 19.997, -999.85, -1999.7, 0]])
    at = dict(zip(known.names, known.sources[:, 0], strict=True))
    np.testing.assert_allclose(at["mass of 1 kg"], known.wrench[0] * 1e-3)
    np.testing.assert_allclose(at["gravity"], known.wrench[0] * 1e-2)
    np.testing.assert_allclose(at["x of a"], [0, 0, 0, 0, -2 * 19.997, 0])
    np.testing.assert_allclose(at["y of a"], [0, 0, 0, 2 * 19.997, 0, 0])


def test_a_cord_pulls_with_a_reaction_against_it() -> None:
    cord = Standing("a", 0.0, 100.0, (Piece("1 kg", 1.0, 0.0),), 40.0, (1.0, 0.0, 0.0))
    np.testing.assert_allclose(known_loads([cord], 10.0).wrench, [[-10, 0, 0, 0, -400, 1000]])


@pytest.mark.parametrize(
    "wrong",
    [Standing("a", 0, 0, (Piece("x", 0.0, 0.0),)), Standing("a", 0, 0, (Piece("x", 1.0, 0.0),), 0.0, (1, 1, 0))],
)
def test_a_load_that_cannot_be_is_refused(wrong: Standing) -> None:
    with pytest.raises(ValueError, match=r"a weight has|a push is"):
        known_loads([wrong], G)


def pushes(
    matrix: Array, u_mass: float = 0.0, noise: float = 0.0, seed: int = 0
) -> tuple[Readings, Known, list[Standing]]:
    rng = np.random.default_rng(seed)
    standings = [Standing("", 0.0, 0.0, ())]
    for kg in (10.0, 20.0):
        piece = (Piece(f"{kg} kg", kg, u_mass * kg),)
        standings += [
            Standing(f"{x},{y}", x, y, piece, 40.0) for x, y in [(0, 0), (150, 150), (150, -150), (-150, 150)]
        ]
        standings += [
            Standing(f"cord {x},{y}", x, y, piece, 40.0, push)
            for x, y, push in [(0.0, 0.0, (1.0, 0.0, 0.0)), (0.0, 0.0, (0.0, 1.0, 0.0)), (0.0, 150.0, (1.0, 0.0, 0.0))]
        ]
    known = known_loads(standings, G)
    net = known.wrench @ np.linalg.inv(matrix).T
    counts = net + 50.0 + rng.normal(0.0, 1.0, net.shape) * noise
    empty = np.array([not one.pieces for one in standings])
    return Readings(counts, np.full(counts.shape, noise), np.linspace(0.0, 600.0, len(counts)), empty), known, standings


MATRIX = np.diag([0.1, 0.1, 0.4, 90.0, 60.0, 40.0]) + 0.02 * np.arange(36).reshape(6, 6)


def test_a_full_matrix_comes_back_exactly_with_its_crosstalk() -> None:
    readings, known, _ = pushes(MATRIX)
    np.testing.assert_allclose(fit_matrix(readings, known).coefficients.reshape(6, 6), MATRIX, rtol=1e-6, atol=1e-8)


def test_a_matrix_is_as_uncertain_as_it_says() -> None:
    within = []
    for seed in range(40):
        readings, known, _ = pushes(MATRIX, noise=0.5, seed=seed)
        found = fit_matrix(readings, known)
        # The empty plate's own noise shifts all readings of a run by the same amount, which its matrix cannot hide.
        within.append(np.abs(found.coefficients - MATRIX.ravel()) < 2.0 * found.u)
    assert 0.9 < np.mean(within) < 0.99


def test_what_a_matrix_lacks_is_named() -> None:
    readings, known, standings = pushes(MATRIX)
    down = np.array([s.push[2] == -1.0 for s in standings])
    upright = Readings(readings.counts[down], readings.u[down], readings.t[down], readings.empty[down])
    partly = Known(known.wrench[down], known.sources[:, down], known.names)
    with pytest.raises(ValueError, match=r"hold no Fx, Fy, Mz: for Fx, pull along x with a cord"):
        fit_matrix(upright, partly)


def test_the_map_is_what_simulation_finds() -> None:
    """The stated uncertainty of force and CoP at two places against the scatter of 100 calibrations."""
    bench = {"noise": 0.2, "u_mass": 1e-3, "u_place": 1.0}
    found, gains = runs(100, **bench), np.array([0.5, 0.52, 0.49, 0.51])
    surface = cells_surface(PLATE, found[0], 700.0, points=5)
    for row, column in ((2, 2), (4, 4)):
        x, y = np.array([surface.x[column]]), np.array([surface.y[row]])
        net = 700.0 * shares(PLATE, x, y)[0] / gains
        loads = np.array([fit.coefficients * net for fit in found])
        cop = loads @ np.column_stack([PLATE.x, PLATE.y]) / loads.sum(axis=1)[:, None] - [x[0], y[0]]
        assert surface.force[row, column] == pytest.approx(2.0 * loads.sum(axis=1).std(), rel=0.35)
        assert surface.cop[row, column] == pytest.approx(2.0 * np.sqrt(np.mean((cop**2).sum(axis=1))), rel=0.35)


def test_cells_that_stand_elsewhere_are_in_the_maps_doubt() -> None:
    """Plates whose cells are not quite where the drawing says: the CoP is off by what is stated."""
    errors, gains = [], np.array([0.5, 0.52, 0.49, 0.51])
    for seed in range(100):
        rng = np.random.default_rng([seed, 1])
        x, y = np.array(PLATE.x) + rng.normal(0.0, 2.0, 4), np.array(PLATE.y) + rng.normal(0.0, 2.0, 4)
        true = Plate(tuple(x), tuple(y))
        readings, known = Bench(true, gains, seed, noise=0.02, u_mass=1e-4).run(middling_places(PLATE, 5), mixed=False)
        found = fit_cells(PLATE, readings, known, u_cell=2.0)
        loads = found.coefficients * 700.0 * shares(true, np.zeros(1), np.zeros(1))[0] / gains
        errors.append(loads @ np.column_stack([PLATE.x, PLATE.y]) / loads.sum())
    stated = cells_surface(PLATE, found, 700.0, 2.0, points=3).cop[1, 1]
    assert stated == pytest.approx(2.0 * np.sqrt(np.mean(np.sum(np.square(errors), axis=1))), rel=0.35)


def test_a_matrix_has_a_map_too() -> None:
    readings, known, _ = pushes(MATRIX, noise=0.5)
    surface = wrench_surface(fit_matrix(readings, known), 400.0, 600.0, 700.0, points=3)
    assert surface.force.shape == surface.cop.shape == (3, 3)
    assert (surface.force > 0.0).all()
    assert surface.cop[0, 0] > surface.cop[1, 1] > 0.0


def test_quality_of_a_plate_by_hand() -> None:
    """Two loads at one place, up and down twice, and a third: hysteresis 2 N, a bend, a drift of 0.6 N in 2 minutes."""
    force = np.array([50.0, 100.0, 50.0, 50.0, 100.0, 50.0, 200.0])
    residual = np.array([0.0, 1.0, 2.0, 0.2, 1.0, 2.2, 0.0])
    branches = np.array([1, 1, -1, 1, 1, -1, 1])
    found = judge(Course(force, residual, ["a"] * 7, branches, np.array([0.1, 0.7]), 2.0))
    assert found.full_scale == 200.0
    assert found.hysteresis == pytest.approx(2.0)
    assert found.percent(found.hysteresis) == pytest.approx(1.0)
    assert found.drift == pytest.approx(0.6)
    assert found.drift_rate == pytest.approx(0.3)
    assert found.repeatability == pytest.approx(np.sqrt((0.02 + 0.02) / 3))
    line = np.polyval(np.polyfit([50.0, 100, 200], [1.1, 1.0, 0.0], 1), [50.0, 100, 200])
    assert found.nonlinearity == pytest.approx(np.abs(np.array([1.1, 1.0, 0.0]) - line).max())


def test_what_was_not_tried_is_nan() -> None:
    found = judge(Course(np.array([50.0]), np.array([0.1]), ["a"], np.ones(1), np.array([0.0]), 0.0))
    assert np.isnan([found.hysteresis, found.nonlinearity, found.repeatability, found.drift]).all()
