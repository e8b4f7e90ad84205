"""What a file or a stream of ours says of the board behind its columns, as JSON; so that it can be a board again."""

from dataclasses import dataclass, field
from typing import Final

import msgspec

from otolith.drivers.board import Cell, WrenchPlate

FORMAT: Final = "otolith-samples/1"
KEY: Final = "otolith"
"""Under which the JSON stands in whatever holds it."""
LONGEST: Final = 1 << 20
"""Characters; bounds what a damaged file can make us parse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """Of one recording or stream."""

    name: str
    rate: float
    """Samples per second: nominal of a board, else what its times fit."""
    irregular: str | None = None
    """Why its samples are not evenly spaced; None where they are."""
    started: str | None = None
    """RFC 3339 of time 0, where it is known."""
    family: str = ""
    model: str = ""
    serial: str = ""
    simulated: bool = False
    calibration: str = ""
    """``Calibration.source``."""
    cells: tuple[Cell, ...] = ()
    plates: tuple[WrenchPlate, ...] = ()
    notes: tuple[str, ...] = ()
    """What was decided on the way here, one sentence each."""
    versions: dict[str, str] = field(default_factory=dict)
    """Of the software that made it."""
    format: str = FORMAT


def packed(description: Description) -> str:
    """As JSON, on one line."""
    return msgspec.json.encode(description).decode()


def unpacked(text: str | bytes | None) -> Description | None:
    """The inverse; None for what is not ours, or is damaged: a file can be read without it."""
    if not text or len(text) > LONGEST:
        return None
    try:
        found = msgspec.json.decode(text, type=Description)
    except (msgspec.DecodeError, ValueError):
        return None
    return found if found.format == FORMAT else None
