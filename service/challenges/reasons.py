"""Why a trial does not count, or a run goes another way than it should: a key each, and words in every language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from otolith.service.challenges.cues import Language, said


class Why(StrEnum):
    """Everything that a run can say of itself; what a board, a disk or a person adds comes in their own words."""

    STEPPED_OFF = "stepped-off"
    LEFT_AT_THE_END = "left-at-the-end"
    STEP = "step"
    """The centre of pressure jumped: a near-fall."""
    WEIGHT = "weight"
    SATURATED = "saturated"
    CHANNEL_FAULT = "channel-fault"
    MARKED_INVALID = "marked-invalid"
    GAP = "gap"
    SILENCE = "silence"
    SLOW = "slow"
    DRIFT = "drift"
    NO_ZERO = "no-zero"
    TOUCH = "touch"
    FELL = "fell"
    STOPPED = "stopped"
    SKIPPED = "skipped"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Reason:
    """One of them, with its numbers."""

    why: Why
    places: Mapping[str, str] = field(default_factory=dict)
    """Numbers as they are written in English."""

    def said(self, language: Language) -> str:
        """In words."""
        places = self.places if language == "en" else {key: text.replace(".", ",") for key, text in self.places.items()}
        return said(f"why-{self.why}", language, **places)
