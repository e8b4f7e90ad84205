"""What a plate says of itself, as the rest of the program understands it."""

import numpy as np

from otolith.drivers.board import BoardInfo, Cell, turned
from otolith.drivers.calibration import Linear
from otolith.drivers.errors import BoardRefused, MonikerError
from otolith.drivers.monikers import Stance
from otolith.drivers.ofp.asking import Plate
from otolith.drivers.ofp.codec.numbers import Capability, Quantity

FAMILY = "ofp"


def linear(plate: Plate) -> Linear:
    """The plate's calibration, one cell a channel; BoardRefused where its outputs mix channels."""
    matrix = np.array(plate.cal.matrix)
    if matrix.shape[0] != matrix.shape[1] or np.count_nonzero(matrix - np.diag(np.diag(matrix))):
        raise BoardRefused(
            f"this plate makes {matrix.shape[0]} outputs of {matrix.shape[1]} channels with a full matrix;"
            " so far only plates with one cell a channel can be read"
        )
    gain = np.diag(matrix)
    if not gain.all():
        raise BoardRefused(f"this plate's calibration has a gain of zero: {', '.join(map(str, gain))}")
    source = "factory" if plate.cal.date else "nominal"
    return Linear(tuple(map(float, gain)), plate.cal.zeros, source)


def cells(plate: Plate, turn: int) -> tuple[Cell, ...]:
    """Its cells in the order of the channels, turned clockwise; BoardRefused where an output is no cell."""
    for place in plate.places:
        if place.quantity != Quantity.CELL:
            name = Quantity(place.quantity).name if place.quantity in list(Quantity) else place.quantity
            raise BoardRefused(f"output {place.name} of this plate is {name}; so far only vertical cells can be read")
    return turned((Cell(place.name, place.x, place.y) for place in plate.places), turn)


def board_info(plate: Plate, moniker: str, stance: Stance, rate: float) -> BoardInfo:
    """Who it is; raises BoardRefused and MonikerError."""
    if stance.cells:
        raise MonikerError("an OFP plate says itself where its cells are; leave out cells=")
    firmware = plate.info.firmware
    return BoardInfo(
        moniker=moniker,
        family=FAMILY,
        model=f"OFP plate, {plate.info.channels} channels of {plate.info.bits} bits",
        serial=str(plate.info.serial),
        firmware=f"{firmware >> 8:x}.{firmware & 0xFF:02x}",
        unit="count",
        rate=rate,
        cells=cells(plate, stance.turn),
        calibration=linear(plate),
        simulated=bool(plate.info.capabilities & Capability.SIMULATED),
    )
