"""The names under which a station speaks: ``otolith/v1/{station}/…``."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Self

ROOT = "otolith/v1"

LEVEL = re.compile(r"[^/+#\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]{1,200}")
"""One level: no separator, no wildcard, nothing that cannot be printed or encoded (MQTT 3.1.1, 1.5.3 and 4.7)."""


class TopicError(ValueError):
    """A topic that is not this station's, or not one at all; the message shows it."""


class Kind(Enum):
    """What a topic carries; the value is its pattern below the station, ``{}`` standing for a name."""

    STATUS = "status"
    BOARD_STATUS = "board/{}/status"
    COP = "board/{}/cop"
    TRACE = "board/{}/trace/bin"
    SWAY = "board/{}/sway"
    SESSION_EVENT = "session/{}/event"
    GUIDANCE = "session/{}/guidance"
    PROGRAM_EVENT = "program/{}/event"
    COMMAND = "cmd/{}"
    REPLY = "reply/{}"

    @property
    def named(self) -> bool:
        """Whether the topic has a name in it: a board, a verb, a client."""
        return "{}" in self.value


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of one station; ``str`` makes the text, :meth:`parse` reads it back."""

    station: str
    kind: Kind
    name: str = ""
    """The board's id, the verb, or the client; empty for the station's own status."""

    def __post_init__(self) -> None:
        """Refuse what could not be read back."""
        if not LEVEL.fullmatch(self.station):
            raise TopicError(f"{self.station!r} cannot be a station in a topic: 1 to 200 characters, none of / + #")
        if self.kind.named and not LEVEL.fullmatch(self.name):
            raise TopicError(f"{self.name!r} cannot be a name in a topic: 1 to 200 characters, none of / + #")
        if not self.kind.named and self.name:
            raise TopicError(f"the topic {self.kind.value!r} has no name in it, so not {self.name!r}")

    def __str__(self) -> str:
        return f"{tree(self.station)}/{self.kind.value.format(self.name)}"

    @classmethod
    def parse(cls, text: str, station: str) -> Self:
        """Read a topic of this station; TopicError for any other text."""
        prefix = f"{tree(station)}/"
        if not text.startswith(prefix):
            raise TopicError(f"{text[:100]!r} is not a topic of the station {station!r}")
        levels = text[len(prefix) :].split("/")
        for kind in Kind:
            name = _name(levels, kind.value.split("/"))
            if name is not None:
                return cls(station, kind, name)
        raise TopicError(f"{text[:100]!r} is not a topic of this station; see docs/reference/asyncapi.yaml")


def tree(station: str) -> str:
    """The common beginning of everything a station says."""
    return f"{ROOT}/{station}"


def _name(levels: list[str], pattern: list[str]) -> str | None:
    """The name in the levels where they follow the pattern (empty where it has none), else None."""
    if len(levels) != len(pattern):
        return None
    name = ""
    for level, expected in zip(levels, pattern, strict=True):
        if expected == "{}" and LEVEL.fullmatch(level):
            name = level
        elif level != expected:
            return None
    return name
