"""People, sessions, runs and trials as the rest of the station sees them: plain values, no SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody who comes to be measured, under a pseudonym; the site knows who it is, this station does not."""

    id: str
    created: str
    birth_year: int | None = None
    sex: str = ""
    """``female``, ``male``, ``other``, or empty where it is not known."""
    height_mm: float | None = None
    notes: str = ""

    def age(self, now: datetime) -> float | None:
        """Years, by the year of birth: half a year wrong at most, in the middle; None where it is not known."""
        if self.birth_year is None:
            return None
        return now.year + (now.timetuple().tm_yday - 1) / 366 - self.birth_year - 0.5


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One person's visit."""

    id: str
    """Sorts by start."""
    person: str | None
    board: str
    by: str
    started: str
    ended: str | None = None
    language: str = "en"
    circumstances: Mapping[str, Any] = field(default_factory=dict)
    """Viewing distance, foot placement, shoes."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One challenge, run once."""

    id: str
    session: str
    challenge: str
    definition: Mapping[str, Any]
    """The challenge as it was when it began, whole."""
    by: str
    started: str
    ended: str | None = None
    end: str = ""
    """``finished``, ``stopped``; empty while it runs or waits to be taken up again."""
    reason: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One trial, whatever its verdict."""

    id: str
    run: str
    plan: str
    attempt: int
    verdict: str
    reason: str
    started: str
    content: Mapping[str, Any]
    """Figures, warnings, where its samples are."""
