"""What both ends ask of their TCP sockets."""

import socket

_IDLE, _INTERVAL, _COUNT = 5, 2, 3  # seconds, seconds, probes: a host that vanished is noticed within about ten seconds


def tune(link: socket.socket) -> None:
    """Send small messages at once, and notice a peer that vanished without a word."""
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    options = {"TCP_KEEPIDLE": _IDLE, "TCP_KEEPINTVL": _INTERVAL, "TCP_KEEPCNT": _COUNT}
    for name, value in options.items():
        option = getattr(socket, name, None)
        if option is not None:  # not every system names all three
            link.setsockopt(socket.IPPROTO_TCP, option, value)
