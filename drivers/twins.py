"""Simulated boards by name."""

from otolith.drivers.board import Cell
from otolith.drivers.errors import MonikerError
from otolith.drivers.loading import load_source
from otolith.drivers.monikers import Sim
from otolith.drivers.phidget_bridge.codec import ZERO
from otolith.drivers.phidget_bridge.geometry import NOMINAL_SLOPE, SPAN, btracks_cells, nominal
from otolith.drivers.phidget_bridge.links import GAIN
from otolith.drivers.phidget_bridge.twin import Bridge, HidBridge, VendorBridge

Twin = Bridge
"""Every kind there is."""


def make_twin(moniker: Sim) -> Twin:
    """The twin that a moniker describes, not yet on any port; MonikerError where its load cannot be."""
    if moniker.board != "btracks":
        raise MonikerError(f"no twin of a board {moniker.board!r}; there is btracks")
    kind = (HidBridge, VendorBridge)[moniker.rev]
    return kind(
        load_source(moniker.load, twin_cells(moniker)),
        nominal(NOMINAL_SLOPE / ZERO / GAIN, float(ZERO)),
        serial=moniker.serial,
        seed=moniker.seed,
        skew=moniker.skew,
        faults=moniker.fault,
    )


def twin_cells(moniker: Sim) -> tuple[Cell, ...]:
    """Where the twin's cells stand; its driver is told the same."""
    return btracks_cells(moniker.cells or SPAN, moniker.turn)
