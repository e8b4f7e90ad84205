"""A run in the terminal: what the person has to do in big words, what the operator can press below."""

import time
from typing import Final

from rich.align import Align
from rich.console import Group
from rich.panel import Panel
from rich.text import Text

from otolith.service.challenges.event import SessionEvent
from otolith.service.challenges.phases import Phase, Trigger

KEYS: Final[dict[str, Trigger]] = {
    "r": Trigger.REDO,
    "s": Trigger.SKIP,
    "t": Trigger.TOUCH,
    "f": Trigger.FELL,
    "x": Trigger.STOP,
}
"""Enter goes on; e keys an error and n a note, which are no triggers."""
NAMES: Final = {
    Trigger.START: "Enter begin",
    Trigger.READY: "Enter ready",
    Trigger.REDO: "r again",
    Trigger.SKIP: "s skip",
    Trigger.TOUCH: "t touched",
    Trigger.FELL: "f fell",
    Trigger.STOP: "x stop",
}
BEFORE: Final = (Trigger.START, Trigger.STOP)
"""What can be pressed before the first event."""


class Screen:
    """Fed with events; drawn as often as one likes."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._words: tuple[str, ...] = ()
        self._said: list[str] = []
        self._event: SessionEvent | None = None
        self._ends: float | None = None
        self.note: str | None = None
        """What is being typed, while it is."""
        self.complaint = ""

    def hear(self, event: SessionEvent) -> None:
        """The next event."""
        if event.kind == "phase":
            self._event, self.complaint = event, ""
            self._words = tuple(cue.text for cue in event.cues) or self._words
            self._ends = None if event.remaining_s is None else time.monotonic() + event.remaining_s
        if line := told(event):
            self._said = [*self._said[-5:], line]

    def panel(self) -> Panel:
        """As it is now."""
        event = self._event
        phase = event.phase if event else Phase.IDLE
        colour = {Phase.RECORD: "green", Phase.INVALID: "red", Phase.STOPPED: "red"}.get(phase, "cyan")
        words = Text("\n\n".join(self._words), style=f"bold {colour}", justify="center")
        left = "" if self._ends is None else f"{max(0.0, self._ends - time.monotonic()):.0f}"
        offered = event.allowed if event else BEFORE
        keys = "  ·  ".join(NAMES[one] for one in offered if one in NAMES)
        typed = f"note: {self.note}_" if self.note is not None else f"{keys}  ·  n note  ·  e error"
        body = Group(
            Align.center(words),
            Align.center(Text(left, style=f"bold {colour}")),
            Text("\n".join(self._said), style="dim"),
            Text(self.complaint, style="yellow"),
            Text(typed, style="bold"),
        )
        about = f"{event.trial} · {phase}" if event else str(phase)
        return Panel(body, title=self._title, subtitle=about, border_style=colour, padding=(1, 2))


def told(event: SessionEvent) -> str:
    """An event as one line; empty where it is only for the ear."""
    if event.kind == "trial":
        return f"{event.trial}: {event.data.get('verdict')}{f': {event.reason}' if event.reason else ''}"
    if event.kind in ("note", "result") or (event.kind == "phase" and event.phase in (Phase.INVALID, Phase.STOPPED)):
        return f"{event.kind}: {event.reason}" if event.reason else ""
    return ""
