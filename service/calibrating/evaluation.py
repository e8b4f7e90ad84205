"""From what was measured to a calibration, and how good it is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.board import BoardInfo
from otolith.drivers.calibration import Calibration, Linear, Matrix, Piecewise
from otolith.drivers.loads import DOWN
from otolith.dsp.calibration.cells import fit_cells
from otolith.dsp.calibration.fit import Fit
from otolith.dsp.calibration.known import Known, known_loads
from otolith.dsp.calibration.quality import Course, Quality, judge
from otolith.dsp.calibration.readings import Readings
from otolith.dsp.calibration.surface import Surface, cells_surface, wrench_surface
from otolith.dsp.calibration.wrench import fit_matrix
from otolith.service.calibrating.plan import BUOYANCY, Plan, plate_of
from otolith.service.calibrating.procedure import Observation
from otolith.service.errors import CalibrationError

Array = NDArray[np.float64]

PERSON: Final = 700.0
"""Newtons of the load whose uncertainty is mapped."""
BEYOND: Final = 3.0
"""Standard uncertainties that chance does not explain."""
TOO_MUCH: Final = 0.5
"""Per cent of full scale of hysteresis, non-linearity or drift that a report warns of."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """A calibration that was found, and all that is known about it."""

    calibration: Calibration
    kind: str
    """``linear``, ``piecewise``, ``matrix``."""
    fit: Fit
    quality: Quality
    surface: Surface
    warnings: tuple[str, ...]
    """In plain words."""


def evaluate(info: BoardInfo, plan: Plan, observations: Sequence[Observation]) -> Evaluation:
    """The calibration of these observations. Raises CalibrationError in words about what to measure further.

    A board of cells whose own calibration is a curve or a matrix keeps it: each cell's newtons are multiplied by a
    factor. Raises CalibrationError too for several plates on one board, which are calibrated one by one.
    """
    if len(info.plates) > 1 or (info.plates and info.cells):
        raise CalibrationError(f"{info.model} has {len(info.plates)} plates: calibrate one at a time")
    known = known_of(plan, observations)
    try:
        counts = readings_of(observations)
        readings = _by_its_own(counts, info)
        found = fit_cells(plate_of(info), readings, known, plan.u_cell) if info.cells else fit_matrix(readings, known)
        calibration = _calibration(info, found, counts)
    except ValueError as error:
        raise CalibrationError(str(error)) from error
    quality = judge(_course(info, observations, found, readings, known))
    if info.cells:
        surface = cells_surface(plate_of(info), found, PERSON, plan.u_cell)
    else:
        surface = wrench_surface(found, info.plates[0].width, info.plates[0].length, PERSON)
    kind = type(calibration).__name__.lower()
    said = (*_warnings(observations, found, quality), *_spacing(info, plan, observations, found, known))
    return Evaluation(calibration, kind, found, quality, surface, said)


def known_of(plan: Plan, observations: Sequence[Observation]) -> Known:
    """What stood on the board."""
    standings = [one.step.standing for one in observations]
    return known_loads(standings, plan.gravity.value, plan.gravity.u, plan.u_place, BUOYANCY)


def readings_of(observations: Sequence[Observation]) -> Readings:
    """What the board said, in counts. Raises ValueError without an empty board."""
    counts = np.array([one.reading.counts for one in observations])
    u = np.array([np.array(one.reading.sd) / np.sqrt(one.reading.n) for one in observations])
    t = np.array([datetime.fromisoformat(one.at).timestamp() for one in observations])
    empty = np.array([not one.step.pieces for one in observations])
    return Readings(counts, u, t - t[0], empty)


def _by_its_own(readings: Readings, info: BoardInfo) -> Readings:
    """The same in newtons where a board of cells carries a curve or a matrix: the coefficients are factors about 1."""
    own = info.calibration
    if not info.cells or isinstance(own, Linear):
        return readings
    if isinstance(own, Matrix):
        u = np.sqrt(readings.u**2 @ np.square(own.rows).T)
    else:
        u = (own.loads(readings.counts + readings.u) - own.loads(readings.counts - readings.u)) / 2.0
    return Readings(own.loads(readings.counts), u, readings.t, readings.empty)


def _calibration(info: BoardInfo, found: Fit, counts: Readings) -> Calibration:
    """Its source is still to be said. The zero is the mean of the empty board; a tare takes its place."""
    zero = tuple(map(float, counts.counts[counts.empty].mean(axis=0)))
    if not info.cells:
        rows = found.coefficients.reshape(6, -1)
        return Matrix(tuple(tuple(map(float, row)) for row in rows), zero, "")
    if isinstance(info.calibration, Piecewise):
        return stretched(info.calibration, found.coefficients, zero)
    if isinstance(info.calibration, Matrix):
        scaled = found.coefficients[:, None] * np.asarray(info.calibration.rows)
        return Matrix(tuple(tuple(map(float, row)) for row in scaled), zero, "")
    return Linear(tuple(map(float, found.coefficients)), zero, "")


def stretched(curve: Piecewise, factors: Array, zero: Sequence[float]) -> Piecewise:
    """Each cell's newtons above ``zero`` counts times its factor; exact, with the points of all cells in all."""
    base = curve.loads(np.array([zero]))[0]
    knots = (np.array(curve.newtons)[1:, None] - base) * factors
    newtons = np.unique(np.concatenate([[0.0], knots[knots > 0.0]]))
    newtons = newtons[np.concatenate([[True], np.diff(newtons) > 1e-9 * newtons[-1]])]
    points = curve.counts(newtons[:, None] / factors + base)
    return Piecewise(tuple(map(float, newtons)), tuple(tuple(map(float, row)) for row in points), "")


def _course(
    info: BoardInfo, observations: Sequence[Observation], found: Fit, readings: Readings, known: Known
) -> Course:
    """Vertical loads alone: only they are repeated up and down."""
    loaded = [one for one in observations if one.step.pieces]
    down = np.array([one.step.place is not None and one.step.place.push == DOWN for one in loaded])
    force = known.wrench[~readings.empty][:, 2]
    residual = found.residuals[:, 0 if info.cells else 2]
    row = np.ones(len(info.cells)) * found.coefficients if info.cells else found.coefficients.reshape(6, -1)[2]
    empties = readings.counts[readings.empty]
    at = readings.t[readings.empty]
    return Course(
        force=force[down],
        residual=residual[down],
        places=[one.step.standing.place for one, is_down in zip(loaded, down, strict=True) if is_down],
        branches=np.array([one.step.branch for one in loaded])[down],
        empties=(empties - empties[0]) @ row,
        minutes=float(at[-1] - at[0]) / 60.0,
    )


def _warnings(observations: Sequence[Observation], found: Fit, quality: Quality) -> tuple[str, ...]:
    loaded = [one for one in observations if one.step.pieces]
    said = []
    if found.outlier is not None:
        worst = loaded[found.outlier]
        said.append(
            f"{worst.step.label} does not fit the others (squared residual {found.surprise[found.outlier]:.0f},"
            " where 3 is usual): was the weight there, and nothing else? Measure that step again"
        )
    if not found.consistent:
        said.append(
            f"the readings scatter {found.birge:.1f} times as much as weights, places and noise explain; the stated"
            " uncertainties are enlarged by that. Look for a rocking board, a cell that touches, or misplaced weights"
        )
    for name, newtons in (
        ("hysteresis", quality.hysteresis),
        ("non-linearity", quality.nonlinearity),
        ("drift of the zero", quality.drift),
    ):
        if abs(quality.percent(newtons)) > TOO_MUCH:
            said.append(f"{name} is {newtons:.2f} N, {quality.percent(newtons):.2f} % of the heaviest load")
    if quality.full_scale < PERSON:
        said.append(
            f"the heaviest load was {quality.full_scale:.0f} N: for a person of {PERSON:.0f} N the line is trusted"
            " beyond where it was measured"
        )
    return tuple(said)


def _spacing(
    info: BoardInfo, plan: Plan, observations: Sequence[Observation], found: Fit, known: Known
) -> tuple[str, ...]:
    """Whether places read too far out or in: then the cells are not where the driver thinks."""
    loaded = [one for one in observations if one.step.pieces]
    if found.residuals.shape[1] != len(("F", "x", "y")) or not info.cells:
        return ()
    force = known.wrench[[bool(one.step.pieces) for one in observations]][:, 2]
    said = []
    for axis, (row, words) in enumerate(((1, "right and left"), (2, "forward and back"))):
        places = np.array([(one.step.standing.x, one.step.standing.y)[axis] for one in loaded])
        if not (spread := float(np.sum(places**2))):
            continue
        misses = (found.residuals[:, row] - places * found.residuals[:, 0]) / force
        slope = float(misses @ places) / spread
        marks = {one.step.standing.place: place for one, place in zip(loaded, places, strict=True)}
        span = max(abs((cell.x, cell.y)[axis]) for cell in info.cells)
        doubt = math.hypot(plan.u_place / math.hypot(*marks.values()), plan.u_cell / span)
        if abs(slope) > BEYOND * doubt:
            said.append(
                f"places {words} read {1.0 + slope:.3f} times as far from the middle as they are: are the cells where"
                " the driver thinks? Measure their distance (cells=… in the board's name)"
            )
    return tuple(said)
