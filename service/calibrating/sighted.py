"""Which calibration a board will go by that is plugged in and not open."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from otolith.drivers.families import FAMILIES
from otolith.drivers.monikers import Usb, parse
from otolith.drivers.opening import Sighting
from otolith.service.calibrating.age import state_of
from otolith.service.calibrating.content import Content
from otolith.service.calibrating.file import read_content
from otolith.service.calibrating.shelf import Shelf
from otolith.service.config import Config
from otolith.service.errors import CalibrationError
from otolith.service.state import CalibrationState

Origin = Literal["file", "own", "unknown", "broken"]
SHORT: Final = 8
"""Digits of a hash that tell calibrations of one board apart."""


@dataclass(frozen=True, slots=True)
class InForce:
    """What is known of it beforehand."""

    origin: Origin
    """A file of this station; the board's own numbers, factory or nominal; told by the open board alone; or a file that
    is refused."""
    words: str
    state: CalibrationState | None = None


def in_force(seen: Sighting, config: Config, now: datetime) -> InForce:
    """Of this board on this station: the file that the configuration names, or the newest on the shelf. Blocking."""
    try:
        content = _content(seen, config)
    except CalibrationError as error:
        return InForce("broken", f"refused: {error}")
    if content is not None:
        state = state_of(content, now, config.calibration.due_days)
        return InForce("file", _words(state), state)
    if _identity(seen) is None:
        return InForce("unknown", "told once it is open")
    return InForce("own", "its own (factory or nominal)")


def _content(seen: Sighting, config: Config) -> Content | None:
    named = next((one.calibration for one in config.boards if one.moniker == seen.moniker), None)
    if named is not None:
        return read_content(named)
    identity = _identity(seen)
    return Shelf(config.calibrations).newest(identity) if identity else None


def _identity(seen: Sighting) -> str | None:
    """The board's id, where its port tells that much already."""
    place = parse(seen.moniker)
    family = FAMILIES.get((place.vendor, place.product)) if isinstance(place, Usb) else None
    return family.id_of(seen.serial) if family and seen.serial else None


def _words(state: CalibrationState) -> str:
    age = "age unknown" if state.age_days is None else f"{state.age_days} days old"
    digits = state.hash.removeprefix("sha256:")[:SHORT]
    due = ", due again" if state.due else ""
    return f"no. {state.version}, {state.date[:10] or 'no date'}, {age}{due} ({digits})"
