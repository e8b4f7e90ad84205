"""What a calibration found, as plain values for people and programs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from otolith.drivers.board import BoardInfo
from otolith.service.calibrating.content import Content
from otolith.service.calibrating.evaluation import Evaluation
from otolith.service.calibrating.plan import Plan
from otolith.service.calibrating.procedure import Observation

LOADS = ("Fx", "Fy", "Fz", "Mx", "My", "Mz")


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One number of a calibration."""

    name: str
    value: float
    u: float
    """Standard uncertainty."""
    unit: str


@dataclass(frozen=True, slots=True)
class Residual:
    """One state of the board: indicated by the new calibration, less known."""

    label: str
    force_known: float
    force: float
    """N."""
    expected: float
    """Standard deviation that is expected of it, N."""
    cop: tuple[float, float] | None
    """ML and AP, mm; None where there is none."""
    surprise: float
    """How much of chi squared goes with it: about 3 is usual, above 16 is not."""


@dataclass(frozen=True, slots=True)
class SurfaceReport:
    """Expanded uncertainties (coverage factor 2) over the surface for one load; rows along y."""

    newtons: float
    x: list[float]
    y: list[float]
    force: list[list[float]]
    cop: list[list[float]] | None
    """None where the board has no CoP."""


@dataclass(frozen=True, slots=True)
class Report:
    """One calibration. None where nothing showed it."""

    board: str
    model: str
    simulated: bool
    kind: str
    version: int
    """0 while it is not kept."""
    hash: str
    date: str
    by: str
    note: str
    temperature_c: float | None
    gravity: float
    gravity_u: float
    gravity_source: str
    places: list[tuple[str, float, float]]
    weights: list[tuple[str, float, float]]
    """Name, kg, standard uncertainty in kg."""
    u_place: float
    u_cell: float
    coefficients: list[Coefficient]
    chi2: float
    dof: int
    birge: float | None
    full_scale_n: float
    hysteresis_n: float | None
    nonlinearity_n: float | None
    repeatability_n: float | None
    drift_n: float | None
    drift_n_per_min: float | None
    surface: SurfaceReport
    residuals: list[Residual]
    warnings: list[str]


def report_of(
    info: BoardInfo, plan: Plan, observations: Sequence[Observation], found: Evaluation, content: Content
) -> Report:
    """Of an evaluation and its file."""
    quality, here, surface = found.quality, content.conditions, found.surface
    return Report(
        board=info.id,
        model=info.model,
        simulated=info.simulated,
        kind=found.kind,
        version=content.version if content.hash else 0,
        hash=content.hash,
        date=here.date,
        by=here.by,
        note=here.note,
        temperature_c=here.temperature_c,
        gravity=plan.gravity.value,
        gravity_u=plan.gravity.u,
        gravity_source=plan.gravity.source,
        places=[(place.name, place.x, place.y) for place in plan.places],
        weights=[(piece.name, piece.kg, piece.u) for piece in plan.weights],
        u_place=plan.u_place,
        u_cell=plan.u_cell,
        coefficients=_coefficients(info, found),
        chi2=found.fit.chi2,
        dof=found.fit.dof,
        birge=_shown(found.fit.birge),
        full_scale_n=quality.full_scale,
        hysteresis_n=_shown(quality.hysteresis),
        nonlinearity_n=_shown(quality.nonlinearity),
        repeatability_n=_shown(quality.repeatability),
        drift_n=_shown(quality.drift),
        drift_n_per_min=_shown(quality.drift_rate),
        surface=SurfaceReport(
            surface.newtons,
            surface.x.tolist(),
            surface.y.tolist(),
            surface.force.tolist(),
            surface.cop.tolist() if np.isfinite(surface.cop).all() else None,
        ),
        residuals=_residuals(info, plan, observations, found),
        warnings=list(found.warnings),
    )


def _shown(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _coefficients(info: BoardInfo, found: Evaluation) -> list[Coefficient]:
    values, u = found.fit.coefficients, found.fit.u
    if info.cells:
        unit = f"N/{info.unit}" if found.kind == "linear" else "times the board's own"
        return [
            Coefficient(cell.name, float(c), float(s), unit) for cell, c, s in zip(info.cells, values, u, strict=True)
        ]
    channels = len(values) // len(LOADS)
    return [
        Coefficient(
            f"{load} of channel {n % channels + 1}",
            float(c),
            float(s),
            f"{'N' if load[0] == 'F' else 'N mm'}/{info.unit}",
        )
        for n, (load, c, s) in enumerate(zip(np.repeat(LOADS, channels).tolist(), values, u, strict=True))
    ]


def _residuals(info: BoardInfo, plan: Plan, observations: Sequence[Observation], found: Evaluation) -> list[Residual]:
    loaded = [one for one in observations if one.step.pieces]
    fit, row = found.fit, 0 if info.cells else 2
    shown = []
    for n, one in enumerate(loaded):
        known, rest = plan.newtons(one.step), fit.residuals[n]
        cop = None
        if info.cells and len(rest) > 1:
            x, y = one.step.standing.x, one.step.standing.y
            cop = (float((rest[1] - x * rest[0]) / known), float((rest[2] - y * rest[0]) / known))
        shown.append(
            Residual(one.step.label, known, float(rest[row]), float(fit.expected[n, row]), cop, float(fit.surprise[n]))
        )
    return shown
