"""Who stands on what: everything about a trial that its samples do not say themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from otolith.drivers.board import Cell, WrenchPlate


class DeviceClass(StrEnum):
    """What kind of board: figures and norms do not carry over from one to another."""

    FORCE_PLATE = "force-plate"
    """Six components, or more than one of such plates."""
    CELLS = "cells"
    """Vertical cells under one board."""
    BTRACKS = "btracks"
    WII = "wii"


def device_class(family: str, plates: Sequence[WrenchPlate]) -> DeviceClass:
    """Of a board of this family, as ``BoardInfo`` names it."""
    if "wii" in family:
        return DeviceClass.WII
    if plates:
        return DeviceClass.FORCE_PLATE
    return DeviceClass.BTRACKS if family.startswith(("phidget", "btracks")) else DeviceClass.CELLS


@dataclass(frozen=True, slots=True)
class Setting:
    """Of one run."""

    device: DeviceClass = DeviceClass.CELLS
    rate_hz: float = 0.0
    """Nominal."""
    simulated: bool = False
    cells: tuple[Cell, ...] = ()
    plates: tuple[WrenchPlate, ...] = ()
    stature_mm: float | None = None
    age: float | None = None
    """Years."""


UNKNOWN: Final = Setting()
