"""Where the message bus is, for those who are told over HTTP."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """How a client reaches the broker; it logs in with any user name and its token as password."""

    host: str
    port: int
    websocket: str | None
    """Path of MQTT over WebSocket on the API's own port; None where it is not offered."""
    root: str
    """Root of the topics."""
