"""Lines of ASCII: what is asked, and what may answer it. Commands end with LF; answers with CR, LF or both."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from otolith.drivers.errors import ReportError
from otolith.drivers.tec_gihan.codec.numbers import AXES, MOST_PLATES, RANGES, RATES, State

LONGEST: Final = 512
"""Bytes of a line; real ones have a hundred."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """A command that is answered by a line that begins in a certain way; other lines are not its answer."""

    command: str
    prefix: str
    read: Callable[[str], T]
    """Of what follows the prefix; ValueError where it cannot be."""

    def answer(self, line: str) -> T | None:
        """What the line says; None where it is no answer to this. Raises ReportError where it cannot be read."""
        if not line.startswith(self.prefix):
            return None
        try:
            return self.read(line[len(self.prefix) :])
        except ValueError as error:
            raise ReportError(f"the controller answers {line!r} to {self.command}: {error}") from error


class Lines:
    """Bytes to lines, in pieces of any size; a line without an end is given up."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """The lines that these bytes complete, without those that are empty."""
        *whole, self._rest = (self._rest + data).replace(b"\r", b"\n").split(b"\n")
        self._rest = self._rest if len(self._rest) <= LONGEST else b""
        return [line.decode("ascii", "replace").strip() for line in whole if line.strip()]


def line(command: str) -> bytes:
    """A command as it is sent."""
    return command.encode("ascii") + b"\n"


def _state(text: str) -> str:
    """A state, or an error in the controller's own words."""
    word = text.upper()
    if word not in list(State) and "ERR" not in word:
        raise ValueError("no state")
    return word


def _one_of(known: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        for word in known:
            if word.upper() == text.strip().upper():
                return word
        raise ValueError(f"none of {', '.join(known)}")

    return read


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("no number")
    return value


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= MOST_PLATES:
        raise ValueError(f"1 to {MOST_PLATES} plates are right")
    return count


def _scales(text: str) -> tuple[tuple[float, ...], ...]:
    values = [_number(part) for part in text.split(",")]
    if len(values) != AXES * len(RANGES) or min(values) <= 0.0:
        raise ValueError(f"{AXES * len(RANGES)} positive numbers are right")
    return tuple(tuple(values[at : at + AXES]) for at in range(0, len(values), AXES))


class _StateQuestion(Question[str]):
    """Its answer has no prefix; whatever is no state is no answer to it."""

    def answer(self, line: str) -> str | None:
        try:
            return _state(line)
        except ValueError:
            return None


STATE: Final = _StateQuestion("STATE", "", _state)
SERIAL: Final = Question("SERIAL", "SERIAL_", str)
VERSION: Final = Question("VER", "VER_", str)
RATE: Final = Question("SPS", "SPS_", _one_of(tuple(RATES)))
RANGE: Final = Question("RANGE", "RANGE_", _one_of(RANGES))
PLATES: Final = Question("FPCOUNT", "FPCOUNT_", _count)


def set_rate(word: str) -> Question[str]:
    """Answered by SPS_OK."""
    return Question(f"SPS_{word}", "SPS_", _one_of(("OK",)))


def plate_serial(index: int) -> Question[int]:
    """Of a plate, counted from 0."""
    return Question(f"FPSERIAL_{index}", f"FPSERIAL_{index}_", int)


def depth(serial: int) -> Question[float]:
    """Metres between the surface of a plate and the centre of its sensors."""
    return Question(f"FP_{serial:04d}_GET_AZ0", "AZ0_", _number)


def scales(serial: int) -> Question[tuple[tuple[float, ...], ...]]:
    """Full scale of a plate by range, six each: N and N m."""
    return Question(f"FP_{serial:04d}_GETFS", "FS_", _scales)
