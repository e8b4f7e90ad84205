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


def import_device(host: str, port: int, record: Record) -> socket.socket | None:
    """Take a device: a socket for its transfers, or None when the server refuses or has another one there by now.

    Raises OSError when nobody answers and WireError for another protocol.
    """
    link = _connect(host, port)
    try:
        link.sendall(ImportRequest(record.busid).encode())
        found = _receive(link, decode_import_reply).record
    except BaseException:
        link.close()
        raise
    if found is None or _identity(found) != _identity(record):
        link.close()
        return None
    link.settimeout(None)
    return link


def _identity(record: Record) -> tuple[int, ...]:
    return record.devid, record.vendor, record.product, record.release


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
