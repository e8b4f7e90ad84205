"""What a norm is: figures of a population, and the circumstances in which they hold. No others."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from otolith.service.challenges.challenge import Eyes, Stance, SurfaceKind
from otolith.service.challenges.setting import DeviceClass
from otolith.service.challenges.texts import Line, Slug
from otolith.service.sections import Section

FORMAT = "otolith-norm/1"
LEVELS: Final = tuple(range(5, 100, 5))
"""Percentiles that a norm holds; beyond the first and the last nothing is claimed, for want of people."""


class Band(Section):
    """Statistics of one age band, one value per person."""

    label: Line
    from_years: Annotated[float, Field(ge=0, le=150)]
    to_years: Annotated[float, Field(ge=0, le=150)]
    """Not part of it."""
    n: Annotated[int, Field(ge=2)]
    """People."""
    mean: float
    sd: Annotated[float, Field(ge=0)]
    """ddof 1."""
    percentiles: Annotated[tuple[float, ...], Field(min_length=len(LEVELS), max_length=len(LEVELS))]
    """At 5, 10 ... 95, interpolated linearly between people (type 7 of Hyndman, Fan 1996)."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.from_years < self.to_years:
            raise ValueError(f"the band {self.label!r} ends before it begins")
        if list(self.percentiles) != sorted(self.percentiles):
            raise ValueError(f"the percentiles of the band {self.label!r} do not rise")
        return self


class Entry(Section):
    """One figure in one condition, or one score of several."""

    figure: Line
    """Id of a metric or a score."""
    of: str = ""
    """Of a score: the figure that goes in."""
    definition: Line
    """Id and version: another version is another figure."""
    unit: Line
    eyes: Annotated[tuple[Eyes, ...], Field(min_length=1, max_length=6)]
    """Of the condition; of a score, of its inputs in their order."""
    surface: SurfaceKind
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]
    cautions: tuple[Line, ...] = ()


class Norm(Section):
    """A norm, whole: a file in the package or in the folder ``norms`` of a station."""

    format: Literal["otolith-norm/1"]
    id: Slug
    name: Line
    population: Line
    source: Line
    licence: Line
    device: DeviceClass
    device_name: Line
    rate_hz: Annotated[float, Field(gt=0, le=20000)]
    recipes: Annotated[tuple[Line, ...], Field(min_length=1)]
    """Those that filter as it was done there."""
    filter: Line
    """As it was done there, in words."""
    duration_s: Annotated[float, Field(gt=0, le=600)]
    trials: Annotated[int, Field(ge=1, le=50)]
    """Averaged per person."""
    stance: Stance
    stance_text: Line
    simulated: bool = False
    """Made of simulated people: for trying things out."""
    cautions: tuple[Line, ...] = ()
    entries: Annotated[tuple[Entry, ...], Field(min_length=1)]
