"""Simulated boards by name."""

from collections.abc import Callable
from typing import Final

from otolith.drivers.board import Cell, turned
from otolith.drivers.errors import MonikerError
from otolith.drivers.loading import load_source
from otolith.drivers.monikers import Sim
from otolith.drivers.ofp.twin import PlateTwin
from otolith.drivers.ofp.twin.design import Spread, design, ring
from otolith.drivers.phidget_bridge.codec import ZERO
from otolith.drivers.phidget_bridge.geometry import NOMINAL_SLOPE, btracks_cells, nominal
from otolith.drivers.phidget_bridge.geometry import SPAN as BTRACKS
from otolith.drivers.phidget_bridge.links import GAIN
from otolith.drivers.phidget_bridge.twin import HidBridge, VendorBridge
from otolith.drivers.twinning import Sampled
from otolith.drivers.wii.codec import reports
from otolith.drivers.wii.geometry import SPAN as WII
from otolith.drivers.wii.geometry import wii_cells
from otolith.drivers.wii.twin import Body, DolphinBar, factory_block

Twin = Sampled
"""Every kind there is."""


def make_twin(moniker: Sim) -> Twin:
    """The twin that a moniker describes, not yet on any port; MonikerError where it or its load cannot be."""
    if moniker.board != "ofp" and (moniker.rate or moniker.channels):
        raise MonikerError(f"rate= and channels= are of the board ofp, not of {moniker.board}")
    twin = _MAKERS[moniker.board](moniker)
    for fault in moniker.fault:
        if not twin.faults.possible(fault.kind):
            raise MonikerError(f"fault={fault}: that cannot befall the board {moniker.board}")
    return twin


def twin_cells(moniker: Sim) -> tuple[Cell, ...]:
    """Where the twin's cells stand; its driver is told the same."""
    if moniker.board == "ofp":
        return turned(ring(moniker.channels or 4), moniker.turn)
    if moniker.board == "wii":
        return wii_cells(moniker.cells or WII, moniker.turn)
    return btracks_cells(moniker.cells or BTRACKS, moniker.turn)


def _btracks(moniker: Sim) -> Twin:
    kind = (HidBridge, VendorBridge)[moniker.rev]
    return kind(
        load_source(moniker.load, twin_cells(moniker)),
        nominal(NOMINAL_SLOPE / ZERO / GAIN, float(ZERO)),
        serial=moniker.serial,
        seed=moniker.seed,
        skew=moniker.skew,
        faults=moniker.fault,
    )


def _wii(moniker: Sim) -> Twin:
    """``rev=1`` is a clone that knows the short report only."""
    block = factory_block(int(moniker.serial))
    return DolphinBar(
        load_source(moniker.load, twin_cells(moniker)),
        Body(block, only=(None, reports.SENSORS)[moniker.rev]),
        calibration=block.calibration(moniker.gravity),
        slot=moniker.slot or 1,
        seed=moniker.seed,
        skew=moniker.skew,
        faults=moniker.fault,
    )


def _ofp(moniker: Sim) -> Twin:
    if moniker.rev or moniker.cells:
        raise MonikerError("rev= and cells= are not of the board ofp; it has channels=")
    cells, corners = twin_cells(moniker), turned(ring(4), moniker.turn)
    source = load_source(moniker.load, corners)
    return PlateTwin(
        source if cells == corners else Spread(source, corners, cells),
        design(int(moniker.serial), len(cells)),
        rate=round(1e3 * (moniker.rate or 1000.0)),
        seed=moniker.seed,
        skew=moniker.skew,
        faults=moniker.fault,
    )


_MAKERS: Final[dict[str, Callable[[Sim], Twin]]] = {"btracks": _btracks, "wii": _wii, "ofp": _ofp}
