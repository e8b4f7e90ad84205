"""Records as the rest of the station sees them: plain values, no SQL. Times are RFC 3339 in UTC."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from otolith.service.store.roles import Role

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A stretch of a list, newest first."""

    items: tuple[T, ...]
    cursor: str | None
    """Pass it to get the next page; None on the last one."""


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token, without its secret: nobody can read that again."""

    id: str
    name: str
    role: Role
    created: str
    revoked: str | None = None


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """A journal, open or closed."""

    id: str
    """Sorts by start."""
    board: str
    """``BoardInfo.id``."""
    serial: str
    mode: str
    """``always``: a segment of the continuous journal; ``on_demand``: somebody asked for it."""
    by: str
    started: str
    path: str
    """Relative to the station's folder."""
    ended: str | None = None
    end_reason: str = ""
    """``stopped``, ``segment``, ``board-lost``, ``station-closed``, ``disk``, ``interrupted``."""
    samples: int = 0
    size: int = 0
    """Bytes."""


@dataclass(frozen=True, slots=True)
class TareRow:
    """A zero that was taken of a board."""

    serial: str
    """``BoardInfo.id``: family and serial."""
    at: str
    by: str
    zero: tuple[float, ...]
    noise_n: float
    offset_n: float | None = None
    """As ``TareState.offset_n``."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the audit log; ``hash`` covers the line and the hash of the one before."""

    n: int
    at: str
    by: str
    action: str
    subject: str
    detail: str
    hash: str


LARGEST_PAGE = 500


def refuse_limit(limit: int) -> None:
    """Raise ValueError where a page would be empty or too large."""
    if not 1 <= limit <= LARGEST_PAGE:
        raise ValueError(f"a page has 1 to {LARGEST_PAGE} items, not {limit}")
