"""What hangs on a DAQ: which inputs are read, what their volts weigh, where the plates stand."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.analogue.axes import ground_reaction
from otolith.drivers.analogue.sensing import newtons_per_volt, wrench_per_volt
from otolith.drivers.analogue.tables import Gauge, OfWrench, OnCells, PlateFile, Vertical, Wire, Wired
from otolith.drivers.board import Cell, WrenchPlate, turned
from otolith.drivers.calibration import Calibration, Linear, Matrix

Array = NDArray[np.float64]
P = TypeVar("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Input:
    """An analogue input."""

    number: int
    minus: int | None
    """The other half of a differential input; None: against ground."""
    span: float
    """Volts, plus or minus, that it has to take."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """All plates of a file. ``calibration`` takes volts, one column per input, and gives what ``BoardInfo`` says.

    Plates that measure wrenches give six loads each, in order; plates on cells, or with one vertical force, a load per
    cell. One DAQ has plates of one of these sorts.
    """

    title: str
    """Makers, models and serials."""
    inputs: tuple[Input, ...]
    """By number, ascending."""
    calibration: Calibration
    plates: tuple[WrenchPlate, ...] = ()
    cells: tuple[Cell, ...] = ()
    example: bool = False
    """The figures are of no real plate."""

    def turned(self, degrees: int) -> "Wiring":
        """The whole board turned clockwise, in quarters."""
        centres = turned((Cell(plate.name, plate.x, plate.y) for plate in self.plates), degrees)
        plates = tuple(
            replace(plate, x=at.x, y=at.y, turn=plate.turn + degrees)
            for plate, at in zip(self.plates, centres, strict=True)
        )
        return replace(self, plates=plates, cells=turned(self.cells, degrees))


def wiring(file: PlateFile, source: str) -> Wiring:
    """What a file describes; ``source`` as ``Calibration.source``.

    Raises ValueError ("plate 2: ...") where a plate's figures contradict one another, or its inputs another plate's.
    """
    of_wrench = [plate for plate in file.plate if isinstance(plate, OfWrench)]
    on_cells = [plate for plate in file.plate if isinstance(plate, OnCells)]
    if of_wrench and on_cells:
        raise ValueError("plates that measure wrenches and plates on cells do not go together on one DAQ")
    part = _of_wrenches(of_wrench, source) if of_wrench else _of_cells(on_cells, source)
    _distinct([plate.name for plate in file.plate], "name")
    _distinct([number for each in part.inputs for number in (each.number, each.minus) if number is not None], "input")
    _distinct([cell.name for cell in part.cells], "cell")
    title = ", ".join(f"{plate.maker} {plate.model} {plate.serial}" for plate in file.plate)
    return replace(part, title=title, example=file.example)


def _of_wrenches(plates: Sequence[OfWrench], source: str) -> Wiring:
    inputs = [Input(wire.number, wire.minus, plate.span_v) for plate in plates for wire in _wires(plate)]
    zero = [volts for plate in plates for volts in plate.zero_v]
    blocks = list(_each(_reaction, plates))
    rows = np.zeros((6 * len(blocks), len(inputs)))
    for index, block in enumerate(blocks):
        column = sum(before.shape[1] for before in blocks[:index])
        rows[6 * index : 6 * index + 6, column : column + block.shape[1]] = block
    order = sorted(range(len(inputs)), key=lambda k: inputs[k].number)
    matrix = tuple(tuple(map(float, row)) for row in rows[:, order])
    return Wiring(
        title="",
        inputs=tuple(inputs[k] for k in order),
        calibration=Matrix(matrix, tuple(zero[k] for k in order), source),
        plates=tuple(map(_standing, plates)),
    )


def _wires(plate: OfWrench) -> list[Wire]:
    return [_wire(getattr(plate.inputs, name)) for name in plate.inputs.__struct_fields__]


def _reaction(plate: OfWrench) -> Array:
    """``(6, k)`` of the ground, in the plate's axes, about the centre of its surface, per volt."""
    signs = [-1.0 if wire.invert else 1.0 for wire in _wires(plate)]
    return ground_reaction(wrench_per_volt(plate) * signs, plate.axes, plate.sense)


def _standing(plate: OfWrench) -> WrenchPlate:
    (x, y), (width, length) = plate.place_mm, plate.surface_mm
    return WrenchPlate(plate.name, x, y, plate.turn_deg, width, length, top=plate.covering_mm)


def _of_cells(plates: Sequence[OnCells], source: str) -> Wiring:
    found = [one for some in _each(_cells, plates) for one in some]
    found.sort(key=lambda one: one[0].number)
    inputs, cells, gain, zero = zip(*found, strict=True)
    return Wiring("", inputs, Linear(gain, zero, source), cells=cells)


def _cells(plate: OnCells) -> list[tuple[Input, Cell, float, float]]:
    """Input, place, newtons per volt and zero of each."""
    if isinstance(plate, Vertical):
        return [_cell(plate, plate.gauge, Cell(plate.name, 0.0, 0.0))]
    return [_cell(plate, cell, Cell(cell.name, cell.x_mm, cell.y_mm)) for cell in plate.cell]


def _cell(plate: OnCells, gauge: Gauge, on_plate: Cell) -> tuple[Input, Cell, float, float]:
    wire = _wire(gauge.input)
    sign = -1.0 if wire.invert else 1.0
    cos, sin = (float(f(np.deg2rad(plate.turn_deg))) for f in (np.cos, np.sin))
    x, y = on_plate.x * cos + on_plate.y * sin, on_plate.y * cos - on_plate.x * sin
    cell = Cell(on_plate.name, plate.place_mm[0] + x, plate.place_mm[1] + y)
    return Input(wire.number, wire.minus, plate.span_v), cell, sign * newtons_per_volt(gauge), gauge.zero_v


def _each(make: Callable[[P], T], plates: Sequence[P]) -> Iterator[T]:
    """Every plate through ``make``, whose ValueError then says which plate it was."""
    for number, plate in enumerate(plates, 1):
        try:
            yield make(plate)
        except ValueError as error:
            raise ValueError(f"plate {number}: {error}") from None


def _wire(wired: Wired) -> Wire:
    return wired if isinstance(wired, Wire) else Wire(number=wired)


def _distinct(values: Sequence[str | int], what: str) -> None:
    twice = [value for value in values if values.count(value) > 1]
    if twice:
        raise ValueError(f"{what} {twice[0]} is used twice")
