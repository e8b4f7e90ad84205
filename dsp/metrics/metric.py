"""What a metric is: one definition that computes, documents and labels a figure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, Literal, Protocol, TypeVar

import numpy as np

from otolith.dsp.metrics.doubt import Doubt
from otolith.dsp.trace import Axis, Trace
from otolith.dsp.uncertainty import Estimate, Noise

Status = Literal["verified", "unverified"]
LENGTH = {"mm": 1.0, "cm": 10.0, "m": 1000.0}
"""Units in which lengths are given out, in mm."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """How a figure scales with the unit of length, and how its unit is written (``{L}`` is that unit)."""

    unit: str
    length: int = 0
    """Power of the length unit."""
    force: int = 0
    """Power of the force, newtons."""

    def name(self, unit: str) -> str:
        """The unit as printed: ``{L}²`` in cm is ``cm²``."""
        return self.unit.format(L=unit)


PURE = Dimension("1")
AS_GIVEN = Dimension("of the figure")
"""That of the figures that go in."""
COUNT = Dimension("count")
DISTANCE = Dimension("{L}", 1)
AREA = Dimension("{L}²", 2)
VELOCITY = Dimension("{L}/s", 1)
AREA_RATE = Dimension("{L}²/s", 2)
PER_LENGTH = Dimension("1/{L}", -1)
DENSITY = Dimension("{L}²/Hz", 2)
FREQUENCY = Dimension("Hz")
DURATION = Dimension("s")
ANGLE = Dimension("°")
ANGULAR_RATE = Dimension("°/s")
PERCENT = Dimension("%")
FORCE = Dimension("N", force=1)
FORCE_RATE = Dimension("N/s", force=1)
POWER = Dimension("W", force=1)


class MetricRefused(ValueError):
    """The trace is too short or too slow for this metric; the message says what it needs."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a definition was published."""

    authors: str
    year: int
    where: str = ""
    """Equation, table or section."""

    def __str__(self) -> str:
        return f"{self.authors} {self.year}" + (f", {self.where}" if self.where else "")


class Timed(Protocol):
    """What a figure is computed from. What has no time in it says infinity to both."""

    @property
    def rate(self) -> float:
        """Samples a second."""
        ...

    @property
    def seconds(self) -> float:
        """Duration."""
        ...


T = TypeVar("T", bound=Timed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition(Generic[T]):
    """A published figure of inputs ``T``.

    ``function`` takes them and gives the figure in mm, N and seconds; NaN where it is not defined.
    """

    id: str
    name: str
    symbol: str
    """LaTeX."""
    dimension: Dimension
    formula: str
    """LaTeX; x is ML, y is AP, r their radius, N samples at f_s, T = N/f_s unless ``conventions`` says otherwise."""
    source: Source
    function: Callable[[T], float]
    conventions: str = ""
    """Choices the formula leaves open: T, ddof, filter, axis, window."""
    rate: float = 10.0
    """Smallest sampling rate, Hz; 0 where there is no time in it."""
    seconds: float = 1.0
    """Shortest recording."""
    status: Status = "verified"
    """``verified`` against published figures, an independent implementation, or by hand where the printed formula
    leaves nothing open; ``unverified`` where no public source settles a border or a constant."""
    version: int = 1
    """Of the formula: grows whenever the figure changes."""

    @property
    def definition(self) -> str:
        """Id and version of the formula, as every result carries it."""
        return f"{self.id}/{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric(Definition[Trace]):
    """A figure of one quiet trace."""

    doubt: Doubt | None = None
    """What noise does to it, where that has a closed form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Definition[T]):
    """A figure of something else: several trials, a force-time curve, the loads of two feet."""

    inputs: type[T]
    """What it is computed from; its docstring says how it is recorded."""


class AxisDoubt(Protocol):
    """What noise does to a figure of one axis."""

    def __call__(self, trace: Trace, noise: Noise, axis: Axis) -> Estimate:
        """Bias and uncertainty, in mm and seconds."""
        ...


class AxisFunction(Protocol):
    """A figure of one axis."""

    def __call__(self, trace: Trace, axis: Axis) -> float:
        """The figure, in mm and seconds."""
        ...


@dataclass(frozen=True, slots=True)
class AxisName:
    """An axis as functions, ids, words and formulas call it."""

    axis: Axis
    label: str
    words: str
    letter: str


ML = AxisName("ml", "ML", "medio-lateral", "x")
AP = AxisName("ap", "AP", "antero-posterior", "y")
RADIUS = AxisName("radius", "Radius", "radius", "r")
PLANE = (ML, AP)


def on_axes(
    axes: Sequence[AxisName],
    function: AxisFunction,
    *,
    dimension: Dimension,
    source: Source,
    id: str,  # noqa: A002  # the field of Metric that it fills
    name: str,
    symbol: str,
    formula: str,
    conventions: str = "",
    seconds: float = 1.0,
    rate: float = 10.0,
    status: Status = "verified",
    doubt: AxisDoubt | None = None,
) -> tuple[Metric, ...]:
    """One definition for several axes; ``@`` stands for each.

    It becomes the axis' label in the id, its words in the name, its letter in symbol and formula.
    """
    return tuple(
        Metric(
            id=id.replace("@", at.label),
            name=name.replace("@", at.words),
            symbol=symbol.replace("@", at.letter),
            dimension=dimension,
            formula=formula.replace("@", at.letter),
            source=source,
            function=partial(function, axis=at.axis),
            conventions=conventions,
            seconds=seconds,
            rate=rate,
            status=status,
            doubt=None if doubt is None else partial(doubt, axis=at.axis),
        )
        for at in axes
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric's value in a unit, with the definition that made it."""

    value: float
    unit: str
    definition: str
    uncertainty: float | None = None
    """Standard uncertainty, where noise or calibration errors are known and all of them could be followed to here."""
    noise_bias: float | None = None
    """By how much noise makes the value too large, where that is known."""


def measure(metric: Definition[T], inputs: T, unit: str = "mm") -> Figure:
    """The figure of a trace or other inputs, lengths in ``unit`` (mm, cm, m). Raises MetricRefused below its limits."""
    if inputs.rate < metric.rate:
        raise MetricRefused(f"{metric.id} needs at least {metric.rate:g} samples a second, not {inputs.rate:g}")
    if inputs.seconds < metric.seconds:
        raise MetricRefused(f"{metric.id} needs at least {metric.seconds:g} s, not {inputs.seconds:g} s")
    value = evaluate(metric, inputs)
    estimate = _doubt(metric, inputs, value) if isinstance(metric, Metric) and isinstance(inputs, Trace) else NO_DOUBT
    scale = LENGTH[unit] ** metric.dimension.length
    uncertainty, bias = (None if part is None else part / scale for part in estimate)
    return Figure(value / scale, metric.dimension.name(unit), metric.definition, uncertainty, bias)


NO_DOUBT = (None, None)


def _doubt(metric: Metric, trace: Trace, value: float) -> tuple[float | None, float | None]:
    """Uncertainty and noise bias, None where unknown.

    Calibration errors are followed by computing the figure once with each (Kragten 1994); noise by its closed form.
    """
    if trace.noise is None and not trace.displaced:
        return NO_DOUBT
    variance = sum((evaluate(metric, other) - value) ** 2 for other in trace.displaced)
    if trace.noise is None:
        return math.sqrt(variance), None
    if metric.doubt is None:
        return NO_DOUBT
    estimate = metric.doubt(trace, trace.noise)
    return math.sqrt(variance + estimate.uncertainty**2), estimate.bias


def evaluate(metric: Definition[T], inputs: T) -> float:
    """The figure in mm, N and seconds, NaN where its formula divides by zero, as for one who does not sway at all.

    Raises MetricRefused where the inputs are too little for it.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        try:
            value = float(metric.function(inputs))
        except ZeroDivisionError:
            return float("nan")
        except MetricRefused:
            raise
        except ValueError as error:  # of a kernel that cannot work with so little
            raise MetricRefused(f"{metric.id}: {error}") from error
    return value if np.isfinite(value) else float("nan")
