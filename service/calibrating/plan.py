"""Which weights go where, in which order."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from otolith.drivers.board import BoardInfo
from otolith.drivers.loads import DOWN
from otolith.dsp.calibration.cells import check_places, middling_places, shares
from otolith.dsp.calibration.known import AIR, WEIGHT, Piece, Standing
from otolith.dsp.plate import Plate
from otolith.service.calibrating.gravity import Gravity, standard_gravity
from otolith.service.errors import CalibrationError
from otolith.service.fusion import FAMILY as FUSED

BUOYANCY: Final = 1.0 - AIR / WEIGHT
"""What air leaves of a weight; kilograms of a calibration are conventional mass."""
NAMES: Final = ("middle", "front left", "front right", "back right", "back left", "front", "right", "back", "left")
"""Of the default places, in their order."""
U_WEIGHT: Final = 0.001
"""Relative standard uncertainty of weights of which nothing is said."""
MOST_STEPS: Final = 500


@dataclass(frozen=True, slots=True)
class Place:
    """A point of the board, mm from its centre, and how weights act there."""

    name: str
    x: float
    y: float
    height: float = 0.0
    """Above the moment's reference point, mm; of boards that measure wrenches alone."""
    push: tuple[float, float, float] = DOWN
    """Unit vector of the force on the board; not down where a cord over a pulley pulls."""


@dataclass(frozen=True, slots=True)
class Step:
    """One state of the board to be measured."""

    label: str
    """What stands there, in words."""
    order: str
    """What to do, in words."""
    place: Place | None
    pieces: tuple[Piece, ...]
    branch: int
    """1 while loading, -1 while unloading, 0 empty."""

    @property
    def standing(self) -> Standing:
        """The same for the mathematics."""
        if self.place is None:
            return Standing("", 0.0, 0.0, ())
        at = self.place
        return Standing(at.name, at.x, at.y, self.pieces, at.height, at.push)

    @property
    def kg(self) -> float:
        """All pieces."""
        return sum(piece.kg for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Plan:
    """Weights are stacked in their order at each place and taken off again; the board is empty in between."""

    weights: tuple[Piece, ...]
    places: tuple[Place, ...]
    gravity: Gravity = field(default_factory=standard_gravity)
    u_place: float = 1.0
    """Standard uncertainty of where a weight stands, along each axis, mm."""
    u_cell: float = 1.0
    """Of where each cell stands, mm; of boards of vertical cells."""
    cycles: int = 1
    """How often everything is done."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """All states in order; empty first and last."""
        found = [EMPTY]
        for _ in range(self.cycles):
            for place in self.places:
                found += [*_stacked(place, self.weights), EMPTY]
        return tuple(found)

    def newtons(self, step: Step) -> float:
        """What the step weighs, in air."""
        return step.kg * self.gravity.value * BUOYANCY


EMPTY: Final = Step("empty", "Take everything off the board, and step away.", None, (), 0)


def _stacked(place: Place, weights: Sequence[Piece]) -> Iterator[Step]:
    for n, piece in enumerate(weights, 1):
        on = tuple(weights[:n])
        total = f" ({_kg(on)} stand there then)" if n > 1 else ""
        put = "Put" if place.push == DOWN else "Hang"
        yield Step(f"{_kg(on)} at {place.name}", f"{put} {piece.name} on {place.name}{total}.", place, on, 1)
    for n in range(len(weights) - 1, 0, -1):
        on = tuple(weights[:n])
        order = f"Take {weights[n].name} off {place.name} ({_kg(on)} stay there)."
        yield Step(f"{_kg(on)} at {place.name}, unloading", order, place, on, -1)


def _kg(pieces: Sequence[Piece]) -> str:
    return f"{sum(piece.kg for piece in pieces):g} kg"


def weight_set(kilograms: Sequence[float], relative: float = U_WEIGHT) -> tuple[Piece, ...]:
    """Weights by their mass; those of equal mass are told apart."""
    same = [sum(other == kg for other in kilograms[:n]) for n, kg in enumerate(kilograms)]
    names = [f"{kg:g} kg" + (f" no. {n + 1}" if n else "") for kg, n in zip(kilograms, same, strict=True)]
    return tuple(Piece(name, kg, relative * kg) for name, kg in zip(names, kilograms, strict=True))


def default_plan(info: BoardInfo, weights: Sequence[Piece], gravity: Gravity, places: int = 5) -> Plan:
    """Middle and corners, then edges. Raises CalibrationError for a board whose plates measure wrenches."""
    if not info.cells:
        raise CalibrationError(
            f"{info.model} measures forces along three axes, and weights alone cannot calibrate that:"
            " give a plan that also pulls sideways (docs/calibration.md shows one)"
        )
    count = 1 if len(info.cells) == 1 else places
    at = middling_places(plate_of(info), count)
    return Plan(tuple(weights), tuple(Place(name, x, y) for name, (x, y) in zip(NAMES, at, strict=False)), gravity)


def plate_of(info: BoardInfo) -> Plate:
    """The board's cells."""
    return Plate(tuple(cell.x for cell in info.cells), tuple(cell.y for cell in info.cells))


def check_plan(plan: Plan, info: BoardInfo) -> None:
    """Before anybody lifts a weight. Raises CalibrationError where the plan cannot determine the board's gains."""
    if info.family == FUSED:
        raise CalibrationError(f"{info.model} is made of other boards: calibrate these, one by one")
    if not plan.weights or not plan.places:
        raise CalibrationError("a plan has at least one weight and one place")
    if len(plan.steps) > MOST_STEPS:
        raise CalibrationError(f"a plan has at most {MOST_STEPS} steps, and this one {len(plan.steps)}")
    if not info.cells:
        return
    plate = plate_of(info)
    x, y = np.array([(place.x, place.y) for place in plan.places]).T
    inside = (np.abs(x) <= max(map(abs, plate.x), default=0.0)) & (np.abs(y) <= max(map(abs, plate.y), default=0.0))
    if len(info.cells) > 1 and not inside.all():
        place = plan.places[int(np.argmin(inside))]
        raise CalibrationError(f"{place.name} (x {place.x:g}, y {place.y:g} mm) lies outside the cells of {info.model}")
    if any(place.push != DOWN for place in plan.places):
        raise CalibrationError(f"{info.model} measures vertical force alone: every weight pushes down")
    try:
        check_places(plate, shares(plate, x, y))
    except ValueError as error:
        raise CalibrationError(str(error)) from error


Positive = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
Millimetres = Annotated[float, Field(ge=-5000, le=5000, allow_inf_nan=False)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WeightTable(_Table):
    """A weight of a plan's file."""

    kg: Positive
    name: Annotated[str, Field(max_length=64)] = ""
    u: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] | None = None
    """Standard uncertainty, kg."""


class PlaceTable(_Table):
    """A place of a plan's file."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    x: Millimetres
    y: Millimetres
    height: Millimetres = 0.0
    push: tuple[float, float, float] = DOWN


class PlanTable(_Table):
    """A plan as it stands in files and requests."""

    weights: Annotated[tuple[WeightTable, ...], Field(min_length=1, max_length=20)]
    places: Annotated[tuple[PlaceTable, ...], Field(min_length=1, max_length=40)]
    u_place: Annotated[float, Field(ge=0, le=100)] = 1.0
    u_cell: Annotated[float, Field(ge=0, le=100)] = 1.0
    cycles: Annotated[int, Field(ge=1, le=10)] = 1

    def plan(self, gravity: Gravity) -> Plan:
        """The plan itself."""
        named = weight_set([weight.kg for weight in self.weights])
        weights = tuple(
            Piece(weight.name or piece.name, piece.kg, piece.u if weight.u is None else weight.u)
            for weight, piece in zip(self.weights, named, strict=True)
        )
        places = tuple(Place(at.name, at.x, at.y, at.height, at.push) for at in self.places)
        return Plan(weights, places, gravity, self.u_place, self.u_cell, self.cycles)


def table_of(plan: Plan) -> PlanTable:
    """The inverse of :meth:`PlanTable.plan`, gravity aside."""
    return PlanTable(
        weights=tuple(WeightTable(kg=piece.kg, name=piece.name, u=piece.u) for piece in plan.weights),
        places=tuple(PlaceTable(name=at.name, x=at.x, y=at.y, height=at.height, push=at.push) for at in plan.places),
        u_place=plan.u_place,
        u_cell=plan.u_cell,
        cycles=plan.cycles,
    )


def read_plan(path: Path, gravity: Gravity) -> Plan:
    """A plan's TOML file. Raises CalibrationError."""
    try:
        return PlanTable.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).plan(gravity)
    except OSError as error:
        raise CalibrationError(f"{path}: {error.strerror or error}") from error
    except ValidationError as error:
        detail = error.errors()[0]
        raise CalibrationError(f"{path}: {'.'.join(map(str, detail['loc']))}: {detail['msg']}") from error
    except ValueError as error:
        raise CalibrationError(f"{path}: {error}") from error
