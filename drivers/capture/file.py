"""The capture file: gzipped JSON lines, a heading and then one line for each thing that happened.

    {"capture": 2, "way": "usb", "vendor": "06c2", "product": "003b", "release": "0102", "serial": "123", "name": "…",
     "simulated": true, "options": "interval=40", "about": "…"}
    {"t": 0, "setup": "2109000200000500", "out": "D3d3AQA="}                     control, OUT stage
    {"t": 152000, "setup": "8106002200000002", "in": "BgD/…"}                    control, IN stage
    {"t": 190000, "ep": "82", "asked": "C/gKCAAA…", "in": "GPgQCA…"}             question and answer by endpoints
    {"t": 191000, "ep": "01", "out": "EgQ0"}                                     packet or report to the board
    {"t": 200000, "listen": true}                                                the driver begins to listen
    {"t": 9120000, "ep": "81", "in": "/wB3dwAB…"}                                packet or report of the board

``t`` is nanoseconds since the capture began; bytes are base64, ``setup`` the eight bytes of the request in
hexadecimal; ``error`` beside ``in`` names what the request failed with. All packets until the next ``listen`` went to
the driver that listened last. ``way`` is ``usb`` (transfers of a device), ``hid`` (reports of one, however it is
reached) or ``serial`` (records, without the frames that kept them apart); ``options`` are those of the board's name.
"""

import base64
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, get_args

from otolith.drivers.errors import RecordingError

VERSION: Final = 2
IN, OUT = 0x81, 0x01
"""Endpoints of the reports of a board that has none."""
SUFFIX: Final = ".jsonl.gz"
Way = Literal["usb", "hid", "serial"]

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
    way: Way = "usb"
    options: str = ""
    """Of the name that it was opened by, as they are written there: ``interval=40&slot=2``."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One thing that happened: a control request (``setup``), an answer (``asked``), a packet, or a listener."""

    t: int
    data: bytes = b""
    """What crossed, in either direction."""
    setup: bytes | None = None
    endpoint: int = 0
    error: str | None = None
    """Name of the error class that a request ended with."""
    asked: bytes | None = None
    """What was sent to an OUT endpoint before the answer."""
    listen: bool = False
    """Nothing crossed: a driver began to listen."""

    @property
    def heard(self) -> bool:
        """Whether the board said it by itself; all else was said or asked by the driver."""
        return self.setup is None and self.asked is None and not self.listen and bool(self.endpoint & 0x80)


@dataclass(frozen=True, slots=True)
class Capture:
    """A whole file."""

    heading: Heading
    transfers: tuple[Transfer, ...]


def write_capture(path: Path, capture: Capture) -> None:
    """Write a new file; the same capture always gives the same bytes. Raises FileExistsError."""
    head = capture.heading
    lines: list[dict[str, Any]] = [
        {
            "capture": VERSION,
            "way": head.way,
            "vendor": f"{head.vendor:04x}",
            "product": f"{head.product:04x}",
            "release": f"{head.release:04x}",
            "serial": head.serial,
            "name": head.name,
            "simulated": head.simulated,
            "options": head.options,
            "about": head.about,
        },
        *map(_line, capture.transfers),
    ]
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    with path.open("xb") as file:
        file.write(gzip.compress(text.encode(), mtime=0))


def is_capture(path: Path) -> bool:
    """Whether a file calls itself one."""
    return path.name.endswith(SUFFIX)


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
    if line["way"] not in get_args(Way):
        raise ValueError(f"a way is one of {', '.join(get_args(Way))}, not {line['way']!r}")
    return Heading(
        vendor=int(line["vendor"], 16),
        product=int(line["product"], 16),
        release=int(line["release"], 16),
        serial=str(line["serial"]),
        name=str(line["name"]),
        simulated=bool(line["simulated"]),
        about=str(line["about"]),
        way=line["way"],
        options=str(line["options"]),
    )


def _line(transfer: Transfer) -> dict[str, Any]:
    line: dict[str, Any] = {"t": transfer.t}
    if transfer.listen:
        return line | {"listen": True}
    inward = transfer.endpoint & 0x80
    if transfer.setup is not None:
        line["setup"], inward = transfer.setup.hex(), transfer.setup[0] & 0x80
    else:
        line["ep"] = f"{transfer.endpoint:02x}"
    if transfer.asked is not None:
        line["asked"] = base64.b64encode(transfer.asked).decode()
    line["in" if inward else "out"] = base64.b64encode(transfer.data).decode()
    return line | ({"error": transfer.error} if transfer.error else {})


def _transfer(line: dict[str, Any]) -> Transfer:
    if line.get("listen"):
        return Transfer(int(line["t"]), listen=True)
    setup = bytes.fromhex(line["setup"]) if "setup" in line else None
    if setup is not None and len(setup) != 8:  # noqa: PLR2004 - USB 2.0, table 9-2
        raise ValueError("a setup has eight bytes")
    endpoint = int(line["ep"], 16) if setup is None else 0
    data = base64.b64decode(line["out"] if "out" in line else line["in"], validate=True)
    asked = base64.b64decode(line["asked"], validate=True) if "asked" in line else None
    return Transfer(int(line["t"]), data, setup, endpoint, line.get("error"), asked)
