"""Simulated boards by name."""

from collections.abc import Callable
from typing import Final

from otolith.drivers.analogue.file import read_plates
from otolith.drivers.analogue.standing import standing, standing_on
from otolith.drivers.board import Cell, WrenchPlate, turned
from otolith.drivers.errors import MonikerError
from otolith.drivers.labjack.models import U3
from otolith.drivers.labjack.twin import T7Twin, U3Twin, U6Twin
from otolith.drivers.loading import load_source
from otolith.drivers.loads import LoadSource
from otolith.drivers.mcc1608.twin import MccTwin
from otolith.drivers.monikers import Sim
from otolith.drivers.ofp.twin import PlateTwin
from otolith.drivers.ofp.twin.design import Design, Spread, design, ring, six_components
from otolith.drivers.phidget_bridge.codec import ZERO
from otolith.drivers.phidget_bridge.geometry import NOMINAL_SLOPE, btracks_cells, nominal
from otolith.drivers.phidget_bridge.geometry import SPAN as BTRACKS
from otolith.drivers.phidget_bridge.links import GAIN
from otolith.drivers.phidget_bridge.twin import HidBridge, VendorBridge
from otolith.drivers.tec_gihan.asking import PlateFacts
from otolith.drivers.tec_gihan.codec.numbers import NOMINAL, RATES
from otolith.drivers.tec_gihan.plates import places_of
from otolith.drivers.tec_gihan.twin import Controller
from otolith.drivers.tec_gihan.twin.rack import DEPTH, Rack
from otolith.drivers.twinning import Sampled
from otolith.drivers.vernier.go_direct.twin import GoDirectTwin
from otolith.drivers.vernier.go_link.force import SPAN
from otolith.drivers.vernier.go_link.force import nominal as fp_bta
from otolith.drivers.vernier.go_link.twin import GoLinkTwin
from otolith.drivers.vernier.plate import CORNERS, Total
from otolith.drivers.wii.codec import reports
from otolith.drivers.wii.geometry import SPAN as WII
from otolith.drivers.wii.geometry import wii_cells
from otolith.drivers.wii.twin import Body, DolphinBar, factory_block

Twin = Sampled
"""Every kind there is."""


def make_twin(moniker: Sim) -> Twin:
    """The twin that a moniker describes, not yet on any port; MonikerError where it or its load cannot be."""
    for option in ("rate", "channels", "plate", "outputs", "places", "sensor", "range"):
        if getattr(moniker, option) not in (None, ()) and option not in _OPTIONS.get(moniker.board, ()):
            raise MonikerError(f"{option}= is not of the board {moniker.board}")
    twin = _MAKERS[moniker.board](moniker)
    for fault in moniker.fault:
        if not twin.faults.possible(fault.kind):
            raise MonikerError(f"fault={fault}: that cannot befall the board {moniker.board}")
    return twin


def twin_cells(moniker: Sim) -> tuple[Cell, ...]:
    """Where the twin's cells stand; its driver is told the same, unless the board does not tell them apart."""
    if moniker.board == "ofp":
        return turned(ring(moniker.channels or 4), moniker.turn)
    if moniker.board in {"godirect", "golink"}:
        return CORNERS
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
    if moniker.outputs == "wrench":
        plan = six_components(int(moniker.serial), _six_or_more(moniker))
        surface = WrenchPlate("1", turn=moniker.turn, width=plan.info.width, length=plan.info.length)
        return _ofp_plate(moniker, standing_on(moniker.load, (), (surface,)), plan)
    corners = turned(ring(4), moniker.turn)
    source = load_source(moniker.load, corners)
    cells = twin_cells(moniker)
    spread = source if cells == corners else Spread(source, corners, cells)
    return _ofp_plate(moniker, spread, design(int(moniker.serial), len(cells)))


def _six_or_more(moniker: Sim) -> int:
    channels = moniker.channels or 6
    if channels < 6:  # noqa: PLR2004 - the components of a wrench
        raise MonikerError(f"channels={channels}: a plate that measures wrenches has six channels or more")
    return channels


def _ofp_plate(moniker: Sim, source: LoadSource, plan: Design) -> Twin:
    return PlateTwin(
        source,
        plan,
        rate=round(1e3 * (moniker.rate or 1000.0)),
        seed=moniker.seed,
        skew=moniker.skew,
        faults=moniker.fault,
    )


def _go_direct(moniker: Sim) -> Twin:
    source = Total(load_source(moniker.load, twin_cells(moniker)))
    return GoDirectTwin(source, serial=moniker.serial, seed=moniker.seed, skew=moniker.skew, faults=moniker.fault)


def _go_link(moniker: Sim) -> Twin:
    return GoLinkTwin(
        Total(load_source(moniker.load, twin_cells(moniker))),
        fp_bta(moniker.range or SPAN),
        serial=moniker.serial,
        seed=moniker.seed,
        skew=moniker.skew,
        faults=moniker.fault,
    )


def _labjack(kind: type[U3Twin | U6Twin | T7Twin], moniker: Sim, example: str | None = None) -> Twin:
    if moniker.rev:
        raise MonikerError(f"rev= is not of the board {moniker.board}")
    wiring = read_plates(moniker.plate or example, simulated=True)
    return kind(
        standing(moniker.load, wiring.turned(moniker.turn)),
        wiring,
        serial=int(moniker.serial),
        seed=moniker.seed,
        skew=moniker.skew,
        faults=moniker.fault,
    )


def _tec_gihan(moniker: Sim) -> Twin:
    """As many plates as ``places``; ``rev=1`` has to be woken first."""
    count = len(moniker.places) or 1
    facts = tuple(PlateFacts(100 + int(moniker.serial) + index, DEPTH, NOMINAL) for index in range(count))
    stands = places_of(facts, moniker)
    word = next((word for word, rate in RATES.items() if rate == (moniker.rate or 1000.0)), None)
    if word is None:
        raise MonikerError(f"rate={moniker.rate:g}: this controller samples {', '.join(RATES)} times a second")
    return Controller(
        standing_on(moniker.load, (), stands),
        Rack(tuple(plate.serial for plate in facts)),
        serial=int(moniker.serial),
        rate=word,
        asleep=bool(moniker.rev),
        seed=moniker.seed,
        skew=moniker.skew,
        faults=moniker.fault,
    )


def _mcc(moniker: Sim) -> Twin:
    if moniker.rev:
        raise MonikerError(f"rev= is not of the board {moniker.board}")
    wiring = read_plates(moniker.plate, simulated=True)
    return MccTwin(
        standing(moniker.load, wiring.turned(moniker.turn)),
        wiring,
        serial=moniker.serial,
        seed=moniker.seed,
        skew=moniker.skew,
        faults=moniker.fault,
    )


_DAQ: Final = ("rate", "plate")
_OPTIONS: Final = {
    "mcc": _DAQ,
    "ofp": ("rate", "channels", "outputs"),
    "godirect": ("sensor",),
    "golink": ("range",),
    "labjack-u3": _DAQ,
    "labjack-u6": _DAQ,
    "labjack-t7": _DAQ,
    "tecgihan": ("rate", "places", "range"),
}
"""What some boards take and others do not."""
_MAKERS: Final[dict[str, Callable[[Sim], Twin]]] = {
    "btracks": _btracks,
    "wii": _wii,
    "ofp": _ofp,
    "godirect": _go_direct,
    "golink": _go_link,
    "mcc": _mcc,
    "labjack-u3": lambda moniker: _labjack(U3Twin, moniker, U3.example),
    "labjack-u6": lambda moniker: _labjack(U6Twin, moniker),
    "labjack-t7": lambda moniker: _labjack(T7Twin, moniker),
    "tecgihan": _tec_gihan,
}
