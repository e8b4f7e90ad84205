"""What a plate says of itself, as the rest of the program understands it."""

import numpy as np

from otolith.drivers.board import BoardInfo, Cell, WrenchPlate, turned
from otolith.drivers.calibration import Linear, Matrix
from otolith.drivers.errors import BoardRefused, MonikerError
from otolith.drivers.monikers import Stance
from otolith.drivers.ofp.asking import Plate
from otolith.drivers.ofp.codec.numbers import Capability, Quantity

FAMILY = "ofp"


WRENCH = (Quantity.FX, Quantity.FY, Quantity.FZ, Quantity.MX, Quantity.MY, Quantity.MZ)
MM = 1000.0
"""N mm in the newton metre of OFP's moments."""


def calibration(plate: Plate) -> Linear | Matrix:
    """The plate's calibration; BoardRefused where an output, or a channel of its own, has no gain at all."""
    matrix = np.array(plate.cal.matrix)
    dead = [place.name for place, row in zip(plate.places, matrix, strict=True) if not row.any()]
    if dead:
        raise BoardRefused(f"this plate's calibration has a gain of zero: output {', '.join(dead)}")
    source = "factory" if plate.cal.date else "nominal"
    if wrench(plate):
        order = [[place.quantity for place in plate.places].index(quantity) for quantity in WRENCH]
        matrix = matrix[order] * np.repeat([1.0, MM], 3)[:, None]
    elif matrix.shape[0] == matrix.shape[1] and not np.count_nonzero(matrix - np.diag(np.diag(matrix))):
        return Linear(tuple(map(float, np.diag(matrix))), plate.cal.zeros, source)
    return Matrix(tuple(tuple(map(float, row)) for row in matrix), plate.cal.zeros, source)


def wrench(plate: Plate) -> bool:
    """Whether its outputs are the six components, each once; BoardRefused where they are neither those nor cells."""
    quantities = [place.quantity for place in plate.places]
    if sorted(quantities) == sorted(WRENCH):
        return True
    for place in plate.places:
        if place.quantity != Quantity.CELL:
            name = Quantity(place.quantity).name if place.quantity in list(Quantity) else place.quantity
            raise BoardRefused(
                f"output {place.name} of this plate is {name}; a plate that can be read has vertical cells,"
                " or the six outputs FX FY FZ MX MY MZ"
            )
    return False


def board_info(plate: Plate, moniker: str, stance: Stance, rate: float) -> BoardInfo:
    """Who it is; raises BoardRefused and MonikerError."""
    if stance.cells:
        raise MonikerError("an OFP plate says itself where its cells are; leave out cells=")
    firmware, six = plate.info.firmware, wrench(plate)
    surface = WrenchPlate("1", turn=stance.turn, width=plate.info.width, length=plate.info.length)
    places = (Cell(place.name, place.x, place.y) for place in plate.places)
    return BoardInfo(
        moniker=moniker,
        family=FAMILY,
        model=f"OFP plate, {plate.info.channels} channels of {plate.info.bits} bits",
        serial=str(plate.info.serial),
        firmware=f"{firmware >> 8:x}.{firmware & 0xFF:02x}",
        unit="count",
        rate=rate,
        cells=() if six else turned(places, stance.turn),
        calibration=calibration(plate),
        simulated=bool(plate.info.capabilities & Capability.SIMULATED),
        plates=(surface,) if six else (),
    )
