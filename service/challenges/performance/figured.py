"""Which figures a record gets, and from what."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Wanted:
    """Scores of the registry, by id, of one kind of input."""

    ids: tuple[str, ...]
    inputs: Any
    """Of the kind that those scores take."""


@dataclass(frozen=True, slots=True)
class Performance:
    """Of one record."""

    score: Wanted
    """The one score of the set; it has a single id."""
    figures: tuple[Wanted, ...] = ()


def ids_of(prefix: str, *names: str) -> tuple[str, ...]:
    """``pursuit_lag`` of ``pursuit`` and ``lag``."""
    return tuple(f"{prefix}_{name}" for name in names)
