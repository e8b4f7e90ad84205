"""The message bus as the web application sees it: where it is, its WebSocket, its counters."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import WebSocket


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """How a client reaches the broker."""

    host: str
    port: int
    embedded: bool
    """Ours: log in with any user name and a token of the station as password. Else the site gives accounts."""
    websocket: str | None
    """Path of MQTT over WebSocket on the API's own port; None where it is not offered."""
    root: str
    """Beginning of every topic."""


@dataclass(frozen=True, slots=True)
class Bus:
    """A broker in use."""

    address: BrokerAddress
    serve_socket: Callable[[WebSocket], Awaitable[None]] | None
    """Serves ``address.websocket``."""
    counters: Callable[[], Mapping[str, int]]
    """What passed since the start, by name."""
