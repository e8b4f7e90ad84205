"""The capture file: gzipped JSON lines, a heading and then one line per transfer.

    {"capture": 1, "vendor": "06c2", "product": "003b", "release": "0102", "serial": "123", "name": "…",
     "simulated": true, "about": "…"}
    {"t": 0, "setup": "2109000200000500", "out": "D3d3AQA="}                     control, OUT stage
    {"t": 152000, "setup": "8106002200000002", "in": "BgD/…"}                    control, IN stage
    {"t": 190000, "ep": "82", "asked": "C/gKCAAA…", "in": "GPgQCA…"}             question and answer by endpoints
    {"t": 9120000, "ep": "81", "in": "/wB3dwAB…"}                                packet
    {"t": 9130000, "ep": "01", "out": "EgQ0"}                                    report, out

The heading of a board that was reached by reports instead of USB, as over Bluetooth, has ``"way": "hid"`` too: then all
lines are packets, in on 81 and out on 01, and each is a report from its number on.

``t`` is nanoseconds since the capture began; bytes are base64, ``setup`` the eight bytes of the request in
hexadecimal; ``error`` instead of ``in`` names what the request failed with.
"""

import base64
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from otolith.drivers.errors import RecordingError

VERSION: Final = 1
IN, OUT = 0x81, 0x01
"""Endpoints of the reports of a board that has none."""

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Heading:
    """Whose traffic it is."""

    vendor: int
    product: int
    release: int
    serial: str
    name: str
    simulated: bool
    """Recorded from a twin: proves that nothing changed, not that a real board does the same."""
    about: str = ""
    way: Literal["usb", "hid"] = "usb"
    """Transfers of a USB device, or reports of a HID device however it is reached."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer that took place: a control request (``setup``), an answer (``asked``), or a packet."""

    t: int
    data: bytes
    """What crossed, in either direction."""
    setup: bytes | None = None
    endpoint: int = 0
    error: str | None = None
    """Name of the error class that a request ended with."""
    asked: bytes | None = None
    """What was sent to an OUT endpoint before the answer."""


@dataclass(frozen=True, slots=True)
class Capture:
    """A whole file."""

    heading: Heading
    transfers: tuple[Transfer, ...]


def write_capture(path: Path, capture: Capture) -> None:
    """Write a file; the same capture always gives the same bytes."""
    head = capture.heading
    lines: list[dict[str, Any]] = [
        {
            "capture": VERSION,
            "vendor": f"{head.vendor:04x}",
            "product": f"{head.product:04x}",
            "release": f"{head.release:04x}",
            "serial": head.serial,
            "name": head.name,
            "simulated": head.simulated,
            "about": head.about,
            **({} if head.way == "usb" else {"way": head.way}),
        },
        *map(_line, capture.transfers),
    ]
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def read_capture(path: Path) -> Capture:
    """Read a file; RecordingError names the line that cannot be read."""
    try:
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise RecordingError(f"{path}: not a capture, or cut short: {error}") from error
    rows = [_row(path, number, line) for number, line in enumerate(lines, 1)]
    return Capture(_read(path, 1, _heading, rows[0] if rows else {}), tuple(_transfers(path, rows)))


def _row(path: Path, number: int, line: str) -> dict[str, Any]:
    row = _read(path, number, json.loads, line)
    if not isinstance(row, dict):
        raise RecordingError(f"{path}, line {number}: not a JSON object")
    return row


def _transfers(path: Path, rows: list[dict[str, Any]]) -> Iterator[Transfer]:
    for number, row in enumerate(rows[1:], 2):
        yield _read(path, number, _transfer, row)


def _read(path: Path, number: int, read: Callable[[A], B], what: A) -> B:
    try:
        return read(what)
    except (ValueError, KeyError, TypeError) as error:
        raise RecordingError(f"{path}, line {number}: not a line of a capture: {error!r}") from error


def _heading(line: dict[str, Any]) -> Heading:
    if line.get("capture") != VERSION:
        raise ValueError(f'a capture begins with {{"capture": {VERSION}, …}}')
    way = line.get("way", "usb")
    if way not in ("usb", "hid"):
        raise ValueError(f"a way is usb or hid, not {way!r}")
    return Heading(
        vendor=int(line["vendor"], 16),
        product=int(line["product"], 16),
        release=int(line["release"], 16),
        serial=str(line["serial"]),
        name=str(line["name"]),
        simulated=bool(line["simulated"]),
        about=str(line["about"]),
        way=way,
    )


def _line(transfer: Transfer) -> dict[str, Any]:
    data = base64.b64encode(transfer.data).decode()
    if transfer.setup is None:
        asked = {} if transfer.asked is None else {"asked": base64.b64encode(transfer.asked).decode()}
        failed = {"error": transfer.error} if transfer.error else {}
        direction = "in" if transfer.endpoint & 0x80 else "out"
        return {"t": transfer.t, "ep": f"{transfer.endpoint:02x}", **asked, direction: data, **failed}
    line = {"t": transfer.t, "setup": transfer.setup.hex(), "in" if transfer.setup[0] & 0x80 else "out": data}
    return line | ({"error": transfer.error} if transfer.error else {})


def _transfer(line: dict[str, Any]) -> Transfer:
    setup = bytes.fromhex(line["setup"]) if "setup" in line else None
    if setup is not None and len(setup) != 8:  # noqa: PLR2004 - USB 2.0, table 9-2
        raise ValueError("a setup has eight bytes")
    data = base64.b64decode(line["out"] if "out" in line else line["in"], validate=True)
    asked = base64.b64decode(line["asked"], validate=True) if "asked" in line else None
    return Transfer(int(line["t"]), data, setup, int(line.get("ep", "0"), 16), line.get("error"), asked)
