"""Calling a USB/IP server: its list, and the import of one of its devices. Blocking; made for threads."""

import socket
from collections.abc import Callable
from typing import TypeVar

from otolith.drivers.usb.usbip.handshake import (
    ImportRequest,
    Listed,
    ListRequest,
    Record,
    decode_import_reply,
    decode_list_reply,
)
from otolith.drivers.usb.usbip.sockets import tune
from otolith.drivers.usb.usbip.wire import Buffer, WireError

PATIENCE = 3.0  # seconds for a server to accept and to answer; on one network both take milliseconds
_CHUNK = 1 << 16

M = TypeVar("M")


def list_devices(host: str, port: int) -> tuple[Listed, ...]:
    """Ask which devices are exported. Raises OSError when nobody answers and WireError for another protocol."""
    with _connect(host, port) as link:
        link.sendall(ListRequest().encode())
        return _receive(link, decode_list_reply).devices


def import_device(host: str, port: int, busid: str) -> tuple[socket.socket, Record] | None:
    """Take a device: a socket for its transfers and its record, or None when the server refuses.

    Raises OSError when nobody answers and WireError for another protocol.
    """
    link = _connect(host, port)
    try:
        link.sendall(ImportRequest(busid).encode())
        record = _receive(link, decode_import_reply).record
    except BaseException:
        link.close()
        raise
    if record is None:
        link.close()
        return None
    link.settimeout(None)
    return link, record


def _connect(host: str, port: int) -> socket.socket:
    link = socket.create_connection((host, port), timeout=PATIENCE)
    tune(link)
    return link


def _receive(link: socket.socket, decode: Callable[[bytearray], tuple[M, int] | None]) -> M:
    buffer = Buffer()
    while (message := buffer.take(decode)) is None:
        data = link.recv(_CHUNK)
        if not data:
            raise WireError("the server hung up before it had answered")
        buffer.feed(data)
    return message
