"""Options of a moniker: how each kind of value is read, refused and written."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

TURNS: Final = (0, 90, 180, 270)
"""Degrees."""


@dataclass(frozen=True, slots=True)
class Option:
    """How one option's text is read (ValueError with the reason if it cannot) and written."""

    read: Callable[[str], object]
    write: Callable[[Any], str] = str
    """Given what ``read`` returned."""


def matching(pattern: str, what: str) -> Callable[[str], str]:
    """Reads text of one form, called ``what`` when it is refused."""

    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"is not {what}")
        return text

    return read


def whole(low: int, high: int) -> Callable[[str], int]:
    """Reads a whole number within bounds."""

    def read(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise ValueError(f"is not a whole number from {low} to {high}")
        return int(text)

    return read


def number(low: float, high: float) -> Callable[[str], float]:
    """Reads a number within bounds."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise ValueError(f"is not a number from {low:g} to {high:g}")
        return value

    return read


def read_speed(text: str) -> float:
    """Times real time; ``max`` is infinite."""
    return math.inf if text == "max" else number(0.01, 1000.0)(text)


def one_of(*words: str) -> Callable[[str], str]:
    """Reads one of so many words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"is none of {', '.join(words)}{did_you_mean(text, words)}")
        return text

    return read


def read_turn(text: str) -> int:
    """Degrees, in quarters of a turn."""
    return int(one_of(*map(str, TURNS))(text))


def read_span(text: str) -> tuple[float, float]:
    """Two lengths in mm: ``400x600``."""
    across, x, along = text.partition("x")
    if not x:
        raise ValueError("is not two lengths in mm such as 400x600 (across x along the board's handle axis)")
    length = number(50.0, 5000.0)
    return length(across), length(along)


def show(value: float) -> str:
    """A number that reads back exactly, without a useless ``.0``."""
    return "max" if math.isinf(value) else repr(float(value)).removesuffix(".0")


def show_span(value: tuple[float, float]) -> str:
    """The inverse of :func:`read_span`."""
    return "x".join(map(show, value))


def did_you_mean(word: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """A hint at the known word nearest to ``word``; empty where none is near."""
    near = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""
