"""Whether a calibration still holds: known weights against what the board says of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.board import BoardInfo
from otolith.drivers.calibration import Calibration
from otolith.dsp.calibration.fit import COVERAGE
from otolith.service.calibrating.content import UncertaintyTable
from otolith.service.calibrating.evaluation import known_of, readings_of
from otolith.service.calibrating.plan import Plan
from otolith.service.calibrating.procedure import Observation
from otolith.service.errors import CalibrationError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Verified:
    """One state of the board. Newtons and mm; errors are indicated less known."""

    label: str
    force: float
    """Known."""
    force_error: float
    force_u: float
    """Expanded uncertainty of the known force, coverage factor 2."""
    cop_error: float | None
    """Distance; None where the board has no CoP."""
    cop_u: float
    """Expanded uncertainty of where the weight stood."""
    e_n: float | None
    """Larger of both errors over the expanded uncertainties of calibration and reference, combined; None without."""


@dataclass(frozen=True, slots=True)
class Verification:
    """All of them."""

    states: tuple[Verified, ...]
    worst_force_error: float
    worst_cop_error: float | None
    passed: bool | None
    """Every E_n is at most 1 (ISO/IEC 17043:2010, B.3.1.3); None where the calibration states no uncertainty."""
    sentence: str


def verify(
    info: BoardInfo,
    calibration: Calibration,
    stated: UncertaintyTable | None,
    plan: Plan,
    observations: Sequence[Observation],
) -> Verification:
    """Check ``calibration`` against the weights of the observations, the zero from the empty board.

    Raises CalibrationError where there is no empty board, or no weight.
    """
    try:
        readings = readings_of(observations)
    except ValueError as error:
        raise CalibrationError(str(error)) from error
    loaded = ~readings.empty
    if not loaded.any():
        raise CalibrationError("no weight was measured: put known weights on the board")
    known = known_of(plan, observations)
    loads = np.vstack(
        [calibration.loads(row[None], tuple(zero)) for row, zero in zip(readings.counts, readings.zero, strict=True)]
    )[loaded]
    standings = [one.step.standing for one in observations if one.step.pieces]
    away = -np.array([one.push for one in standings])
    force, centre = _force_and_centre(info, loads, away)
    true = (known.wrench[loaded][:, :3] * away).sum(axis=1)
    doubts = (known.sources[:, loaded, :3] * away).sum(axis=2)
    u_force = COVERAGE * np.sqrt((doubts**2).sum(axis=0))
    misses = np.hypot(*(centre - np.array([(one.x, one.y) for one in standings])).T)
    labels = [one.step.label for one in observations if one.step.pieces]
    u_place = COVERAGE * math.sqrt(2.0) * plan.u_place
    states = tuple(
        _verified(label, (float(f), float(f - t), float(u)), (float(miss), u_place), stated)
        for label, f, t, u, miss in zip(labels, force, true, u_force, misses, strict=True)
    )
    return _summed(states)


def _force_and_centre(info: BoardInfo, loads: Array, away: Array) -> tuple[Array, Array]:
    """``(n,)`` newtons against the pushes, ``away`` ``(n, 3)`` from the board; and ``(n, 2)`` mm, none of a pull."""
    if not info.cells:
        centre = np.full((len(loads), 2), np.nan)
        down = away[:, 2] == 1.0
        centre[down] = np.column_stack([-loads[down, 4], loads[down, 3]]) / loads[down, 2:3]
        return (loads[:, :3] * away).sum(axis=1), centre
    force = loads.sum(axis=1)
    if len(info.cells) == 1:
        return force, np.full((len(force), 2), np.nan)
    return force, loads @ np.array([(cell.x, cell.y) for cell in info.cells]) / force[:, None]


def _verified(
    label: str, force: tuple[float, float, float], cop: tuple[float, float], stated: UncertaintyTable | None
) -> Verified:
    shown, error, u_force = force
    miss, u_place = cop
    known = shown - error
    e_n = None
    if stated is not None and stated.force_n is not None and stated.load_n:
        e_n = abs(error) / math.hypot(stated.force_n * known / stated.load_n, u_force)
        if stated.cop_mm is not None and math.isfinite(miss):
            e_n = max(e_n, miss / math.hypot(stated.cop_mm * max(1.0, stated.load_n / known), u_place))
    return Verified(label, known, error, u_force, miss if math.isfinite(miss) else None, u_place, e_n)


def _summed(states: tuple[Verified, ...]) -> Verification:
    force = max((one.force_error for one in states), key=abs)
    cop = max((one.cop_error for one in states if one.cop_error is not None), default=None)
    known = [one.e_n for one in states if one.e_n is not None]
    passed = max(known) <= 1.0 if known else None
    errors = f"largest error of force {force:+.2f} N" + (f", of CoP {cop:.1f} mm" if cop is not None else "")
    verdict = {
        True: "the calibration holds within its stated uncertainty",
        False: "the calibration does not hold any more: calibrate the board again",
        None: "the calibration in use states no uncertainty, so there is no verdict",
    }[passed]
    return Verification(states, force, cop, passed, f"{verdict}; {errors}")
