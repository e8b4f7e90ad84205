"""Where the station's messages go, whichever broker is behind it, and how orders come back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from otolith.api.mqtt.topics import Topic


@dataclass(slots=True)
class Traffic:
    """Counters since the start; they only grow."""

    published: int = 0
    dropped: int = 0
    """Messages that a slow reader or an absent broker did not get."""
    reconnects: int = 0
    refused: int = 0
    """Clients turned away by the embedded broker, and messages of theirs that they had no right to send."""


@dataclass(frozen=True, slots=True)
class Order:
    """A command as it arrived, not yet understood."""

    verb: str
    payload: bytes
    retained: bool
    by: str
    """The token's name where the embedded broker knows it; empty where a foreign broker hides the sender."""


OnOrder = Callable[[Order], None]


class Outlet(Protocol):
    """Takes messages and never makes the caller wait; hands every order to the ``OnOrder`` it was made with."""

    traffic: Traffic

    def publish(self, topic: Topic, payload: bytes, *, quality: int = 0, retain: bool = False) -> None:
        """Send the message.

        Quality 0: to whoever can take it now. Quality 1: until the broker has it, across its restarts. Retained: the
        newest per topic survives a restart of the broker as well. What does not fit is dropped and counted.
        """
        ...

    def clear(self, topic: Topic) -> None:
        """Remove a retained message; those who read the topic get an empty one."""
        ...
