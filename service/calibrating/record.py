"""From a procedure to its file, and from the file to the procedure: a calibration can be computed again."""

import math
from collections.abc import Sequence

from otolith import __version__
from otolith.drivers.board import BoardInfo
from otolith.drivers.calibration import Calibration, Linear, Matrix, Piecewise
from otolith.service.calibrating.content import (
    BoardTable,
    ConditionsTable,
    Content,
    LinearTable,
    MatrixTable,
    ObservationTable,
    PiecewiseTable,
    QualityTable,
    UncertaintyTable,
)
from otolith.service.calibrating.evaluation import Evaluation, evaluate
from otolith.service.calibrating.gravity import Gravity, standard_gravity
from otolith.service.calibrating.plan import BUOYANCY, EMPTY, Plan, Step, table_of
from otolith.service.calibrating.procedure import Observation
from otolith.service.calibrating.reading import Reading
from otolith.service.errors import CalibrationError


def content_of(
    info: BoardInfo, plan: Plan, observations: Sequence[Observation], found: Evaluation, conditions: ConditionsTable
) -> Content:
    """The file, not yet signed nor numbered; gravity, buoyancy and software of ``conditions`` are filled in."""
    gravity = plan.gravity
    where = {
        "gravity": gravity.value,
        "gravity_u": gravity.u,
        "gravity_source": gravity.source,
        "buoyancy": BUOYANCY,
        "software": f"otolith {__version__}",
    }
    return Content(
        board=board_table(info),
        linear=_linear(found.calibration),
        piecewise=_piecewise(found.calibration),
        matrix=_matrix(found.calibration),
        uncertainty=_uncertainty(found),
        quality=_quality(found),
        conditions=conditions.model_copy(update=where),
        plan=table_of(plan),
        observations=tuple(_observation(plan, one) for one in observations),
    )


def board_table(info: BoardInfo) -> BoardTable:
    """To whom it is bound."""
    return BoardTable(
        family=info.family,
        serial=info.serial,
        unit=info.unit,
        model=info.model,
        firmware=info.firmware,
        cells_x=tuple(cell.x for cell in info.cells),
        cells_y=tuple(cell.y for cell in info.cells),
    )


def recompute(content: Content, info: BoardInfo) -> Evaluation:
    """Evaluate the file's own observations again. Raises CalibrationError where it holds none."""
    plan, observations = replayed(content)
    return evaluate(info, plan, observations)


def replayed(content: Content) -> tuple[Plan, list[Observation]]:
    """Plan and observations of a file. Raises CalibrationError where it holds none."""
    if content.plan is None or not content.observations:
        raise CalibrationError("this file holds no observations: it cannot be computed again")
    here = content.conditions
    known = here.gravity is not None and here.gravity_u is not None
    gravity = Gravity(here.gravity or 0.0, here.gravity_u or 0.0, here.gravity_source) if known else standard_gravity()
    plan = content.plan.plan(gravity)
    return plan, [_replayed(plan, one) for one in content.observations]


def _replayed(plan: Plan, table: ObservationTable) -> Observation:
    step = EMPTY
    if table.pieces:
        try:
            pieces = tuple(plan.weights[n] for n in table.pieces)
            step = Step(table.label, "", plan.places[table.place], pieces, table.branch)
        except IndexError:
            raise CalibrationError(f"observation {table.label!r} names a weight or place that its plan lacks") from None
    return Observation(step, Reading(table.counts, table.sd, table.n, table.force_n, table.noise_n), table.at)


def _observation(plan: Plan, one: Observation) -> ObservationTable:
    reading = one.reading
    return ObservationTable(
        label=one.step.label,
        place=plan.places.index(one.step.place) if one.step.place else -1,
        pieces=tuple(plan.weights.index(piece) for piece in one.step.pieces),
        branch=1 if one.step.branch > 0 else -1 if one.step.branch < 0 else 0,
        counts=reading.counts,
        sd=reading.sd,
        n=reading.n,
        force_n=reading.force,
        noise_n=reading.noise,
        at=one.at,
    )


def _linear(found: Calibration) -> LinearTable | None:
    return LinearTable(gain=found.gain, zero=found.zero) if isinstance(found, Linear) else None


def _piecewise(found: Calibration) -> PiecewiseTable | None:
    return PiecewiseTable(newtons=found.newtons, points=found.points) if isinstance(found, Piecewise) else None


def _matrix(found: Calibration) -> MatrixTable | None:
    return MatrixTable(rows=found.rows, zero=found.zero) if isinstance(found, Matrix) else None


def _uncertainty(found: Evaluation) -> UncertaintyTable:
    fit, surface = found.fit, found.surface
    return UncertaintyTable(
        standard=tuple(map(float, fit.u)),
        covariance=tuple(tuple(map(float, row)) for row in fit.covariance),
        birge=_shown(fit.birge),
        dof=fit.dof,
        force_n=_shown(float(surface.force.max())),
        cop_mm=_shown(float(surface.cop.max())),
        load_n=surface.newtons,
    )


def _quality(found: Evaluation) -> QualityTable:
    quality = found.quality
    return QualityTable(
        full_scale_n=quality.full_scale,
        hysteresis_n=_shown(quality.hysteresis),
        nonlinearity_n=_shown(quality.nonlinearity),
        repeatability_n=_shown(quality.repeatability),
        drift_n=_shown(quality.drift),
        drift_n_per_min=_shown(quality.drift_rate),
    )


def _shown(value: float) -> float | None:
    return value if math.isfinite(value) else None
