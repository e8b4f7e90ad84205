"""What stands in a calibration file: format ``otolith-calibration/2``, and /1 as it was."""

import hashlib
import json
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from otolith.drivers.calibration import Calibration, Linear, Matrix, Piecewise
from otolith.service.calibrating.plan import PlanTable

FORMAT: Final = "otolith-calibration/2"
FORMER: Final = "otolith-calibration/1"
UNSIGNED: Final = ""

Number = Annotated[float, Field(allow_inf_nan=False)]
Row = Annotated[tuple[Number, ...], Field(min_length=1, max_length=64)]
Words = Annotated[str, Field(max_length=500)]
Hash = Annotated[str, Field(pattern=r"^(sha256:[0-9a-f]{64})?$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BoardTable(_Table):
    """To which board it is bound."""

    family: Words
    serial: Words
    unit: Words
    """Of the counts."""
    model: Words = ""
    firmware: Words = ""
    cells_x: tuple[Number, ...] = ()
    """Where its cells stood, mm; empty for a plate that measures wrenches."""
    cells_y: tuple[Number, ...] = ()


class LinearTable(_Table):
    """``load = gain (count - zero)``."""

    gain: Row
    """N per count, one per cell."""
    zero: Row
    """Counts, one per cell."""


class PiecewiseTable(_Table):
    """Lines between points."""

    newtons: Row
    points: Annotated[tuple[Row, ...], Field(max_length=200)]
    """Counts at each load, one per cell."""


class MatrixTable(_Table):
    """``loads = rows (counts - zero)``."""

    rows: Annotated[tuple[Row, ...], Field(max_length=64)]
    """N or N mm per count."""
    zero: Row


class UncertaintyTable(_Table):
    """Of the coefficients: gains, factors of the board's own curve, or the matrix row by row."""

    standard: Annotated[tuple[Number, ...], Field(max_length=400)]
    covariance: Annotated[tuple[tuple[Number, ...], ...], Field(max_length=400)] = ()
    birge: Number | None = None
    """Root of chi squared over its degrees of freedom."""
    dof: Annotated[int, Field(ge=0)] = 0
    force_n: Number | None = None
    """Largest expanded uncertainty (coverage factor 2) of a force of ``load_n`` on the surface."""
    cop_mm: Number | None = None
    """Largest expanded uncertainty of the CoP at that load."""
    load_n: Number | None = None


class QualityTable(_Table):
    """See ``dsp.calibration.quality``; left out where nothing showed it."""

    full_scale_n: Number
    hysteresis_n: Number | None = None
    nonlinearity_n: Number | None = None
    repeatability_n: Number | None = None
    drift_n: Number | None = None
    drift_n_per_min: Number | None = None


class ConditionsTable(_Table):
    """When, where, by whom, with what."""

    date: Annotated[str, Field(max_length=40)] = ""
    """RFC 3339."""
    by: Words = ""
    gravity: Number | None = None
    """m/s²."""
    gravity_u: Number | None = None
    gravity_source: Words = ""
    buoyancy: Number | None = None
    """What air leaves of a weight."""
    temperature_c: Number | None = None
    software: Words = ""
    note: Words = ""


class ObservationTable(_Table):
    """One measured state of the board."""

    label: Words
    place: Annotated[int, Field(ge=-1, le=1000)]
    """Of the plan's places; -1 for the empty board."""
    pieces: Annotated[tuple[int, ...], Field(max_length=20)] = ()
    """Of the plan's weights."""
    branch: Literal[-1, 0, 1]
    counts: Row
    sd: Row
    n: Annotated[int, Field(ge=1)]
    force_n: Number
    """Indicated before this calibration."""
    noise_n: Number
    at: Annotated[str, Field(max_length=40)]


class Content(_Table):
    """The file. ``hash`` is over all the rest; ``previous`` is the hash of the one before."""

    format: Literal["otolith-calibration/2"] = FORMAT
    hash: Hash = UNSIGNED
    previous: Hash = ""
    version: Annotated[int, Field(ge=1, le=9999)] = 1
    board: BoardTable
    linear: LinearTable | None = None
    piecewise: PiecewiseTable | None = None
    matrix: MatrixTable | None = None
    uncertainty: UncertaintyTable | None = None
    quality: QualityTable | None = None
    conditions: ConditionsTable = ConditionsTable()
    plan: PlanTable | None = None
    observations: Annotated[tuple[ObservationTable, ...], Field(max_length=1000)] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> "Content":
        kinds = [kind for kind in (self.linear, self.piecewise, self.matrix) if kind is not None]
        if len(kinds) != 1:
            raise ValueError("a calibration is either linear, or piecewise, or a matrix")
        self.calibration()
        return self

    @property
    def kind(self) -> str:
        """``linear``, ``piecewise`` or ``matrix``."""
        return type(self.calibration()).__name__.lower()

    @property
    def digest(self) -> str:
        """SHA-256 over the content without ``hash``, in one canonical form: comments and order do not count.

        Nor do defaults, so that a later version may add fields: what a default means never changes.
        """
        plain = self.model_dump(mode="json", exclude={"hash"}, exclude_defaults=True)
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    @property
    def intact(self) -> bool:
        """Whether nothing was changed since it was signed."""
        return self.hash == self.digest

    def signed(self) -> "Content":
        """The same with its hash."""
        return self.model_copy(update={"hash": self.digest})

    def calibration(self) -> Calibration:
        """What turns counts into loads. Raises ValueError where the numbers do not fit together."""
        source = f"file:{self.hash.removeprefix('sha256:')}"
        if self.linear is not None:
            return Linear(self.linear.gain, self.linear.zero, source)
        if self.piecewise is not None:
            return Piecewise(self.piecewise.newtons, self.piecewise.points, source)
        assert self.matrix is not None  # noqa: S101 - one of the three, by the validator
        return Matrix(self.matrix.rows, self.matrix.zero, source)

    def plain(self) -> dict[str, Any]:
        """For TOML and JSON: no empty values."""
        return self.model_dump(mode="json", exclude_none=True)


class FormerContent(_Table):
    """Format /1: a straight line for each cell, not signed."""

    format: Literal["otolith-calibration/1"] = FORMER
    family: str
    serial: str
    unit: str
    gain: tuple[float, ...]
    zero: tuple[float, ...]
    date: str = ""
    by: str = ""
    note: str = ""

    def renewed(self, data: bytes) -> Content:
        """The same in format /2, known by the hash of the file as it was."""
        Linear(self.gain, self.zero, "")
        return Content(
            hash=f"sha256:{hashlib.sha256(data).hexdigest()}",
            board=BoardTable(family=self.family, serial=self.serial, unit=self.unit),
            linear=LinearTable(gain=self.gain, zero=self.zero),
            conditions=ConditionsTable(date=self.date, by=self.by, note=self.note),
        )
