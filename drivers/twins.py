"""Simulated boards by name."""

from collections.abc import Callable
from typing import Final

from otolith.drivers.board import turned
from otolith.drivers.errors import MonikerError
from otolith.drivers.loading import load_source
from otolith.drivers.monikers import Sim
from otolith.drivers.ofp.twin import PlateTwin
from otolith.drivers.ofp.twin.design import Spread, design, ring
from otolith.drivers.phidget_bridge.codec import ZERO
from otolith.drivers.phidget_bridge.geometry import NOMINAL_SLOPE, SPAN, btracks_cells, nominal
from otolith.drivers.phidget_bridge.links import GAIN
from otolith.drivers.phidget_bridge.twin import HidBridge, VendorBridge
from otolith.drivers.twin import Sampler

Twin = Sampler
"""Every kind there is."""


def make_twin(moniker: Sim) -> Twin:
    """The twin that a moniker describes, not yet on any port; MonikerError where it cannot be."""
    kind = _KINDS.get(moniker.board)
    if kind is None:
        raise MonikerError(f"no twin of a board {moniker.board!r}; there is {', '.join(_KINDS)}")
    return kind(moniker)


def _btracks(moniker: Sim) -> Twin:
    if moniker.rate or moniker.channels:
        raise MonikerError("rate= and channels= are of the board ofp; a btracks has interval=")
    kind = (HidBridge, VendorBridge)[moniker.rev]
    return kind(
        load_source(moniker.load, btracks_cells(moniker.cells or SPAN, moniker.turn)),
        nominal(NOMINAL_SLOPE / ZERO / GAIN, float(ZERO)),
        serial=moniker.serial,
        seed=moniker.seed,
        skew=moniker.skew,
        faults=moniker.fault,
    )


def _ofp(moniker: Sim) -> Twin:
    if moniker.rev or moniker.cells:
        raise MonikerError("rev= and cells= are of the board btracks; an ofp has channels=")
    plate = design(int(moniker.serial), moniker.channels or 4)
    corners = turned(ring(4), moniker.turn)
    source = load_source(moniker.load, corners)
    if moniker.channels not in (None, 4):
        source = Spread(source, corners, turned(ring(moniker.channels), moniker.turn))
    return PlateTwin(
        source,
        plate,
        rate=round(1e3 * (moniker.rate or 1000.0)),
        seed=moniker.seed,
        skew=moniker.skew,
        faults=moniker.fault,
    )


_KINDS: Final[dict[str, Callable[[Sim], Twin]]] = {"btracks": _btracks, "ofp": _ofp}
