"""Reading plate description files: strictly, and refusing with the line and the reason."""

import hashlib
import math
import re
import tomllib
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import msgspec

from otolith.drivers.analogue.tables import PlateFile
from otolith.drivers.analogue.wiring import Wiring, wiring
from otolith.drivers.errors import PlateError
from otolith.drivers.toml_lines import Key, lines_of, nearest

LIBRARY: Final = Path(__file__).parent / "library"
"""Examples of the common types; their figures are of no real plate."""
DEFAULT: Final = "amti-or6-7"
"""What a simulated DAQ has on it where nothing is said."""
LARGEST: Final = 1_000_000
"""Bytes; sixteen plates are a few kB."""
_WHERE: Final = re.compile(r" - at `\$(.*)`$")
_STEP: Final = re.compile(r"\.?(\w+)|\[(\d+)\]")
_FIELD: Final = re.compile(r"field `(\w+)`")
_PLATE: Final = re.compile(r"plate (\d+): ")


def read_plates(where: str | None, *, simulated: bool) -> Wiring:
    """The plates of a file, or of one of the library by its name (``amti-or6-7``).

    Examples are for simulated DAQs alone, which need no ``where``. Raises PlateError.
    """
    if where is None and not simulated:
        raise PlateError(
            "this DAQ measures volts: say with plate=FILE.toml which plate hangs on it. Copy the example next to yours:"
            f" {', '.join(map(str, _shipped()))}, in {LIBRARY}, and put your certificate's figures in"
        )
    path = _path(where or DEFAULT)
    found = _read(path)
    if found.example and not simulated:
        raise PlateError(
            f"{path}: the figures of this file are an example's. Copy it, replace every figure by those of your plate's"
            " certificate, and remove the line example = true"
        )
    return found


def _shipped() -> list[str]:
    return sorted(path.stem for path in LIBRARY.glob("*.toml"))


def _path(where: str) -> Path:
    if Path(where).suffix == ".toml" or "/" in where:
        return Path(where)
    if where not in _shipped():
        near = get_close_matches(where, _shipped(), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise PlateError(f"plate {where!r} is neither a .toml file nor an example ({', '.join(_shipped())}){hint}")
    return LIBRARY / f"{where}.toml"


def _read(path: Path) -> Wiring:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise PlateError(f"{path}: too large for a plate description")
        return plates_of(data, str(path))
    except OSError as error:
        raise PlateError(f"{path}: {error.strerror or error}") from error


def plates_of(data: bytes, name: str) -> Wiring:
    """The plates that the bytes of a file describe; PlateError says ``name`` and line."""
    try:
        text = data.decode()
        content = tomllib.loads(text)
    except ValueError as error:
        raise PlateError(f"{name}: {error}") from error
    lines = lines_of(text)
    for key, number in _numbers(content):
        if not math.isfinite(number):
            raise PlateError(f"{_line(name, lines, key)}: {number} is not a finite number")
    try:
        file = msgspec.convert(content, PlateFile)
    except msgspec.ValidationError as error:
        raise PlateError(_told(name, lines, str(error))) from None
    try:
        return wiring(file, f"file:{hashlib.sha256(data).hexdigest()}")
    except ValueError as error:
        plate = _PLATE.match(str(error))
        raise PlateError(f"{_line(name, lines, ('plate', int(plate[1]) - 1) if plate else ())}: {error}") from error


def _told(name: str, lines: dict[Key, int], complaint: str) -> str:
    """What msgspec says, with the line instead of its path."""
    found = _WHERE.search(complaint)
    key: Key = tuple(int(i) if i else n for n, i in _STEP.findall(found[1])) if found else ()
    field = _FIELD.search(complaint)
    if field and "unknown" in complaint:
        key = (*key, field[1])
    what = (
        _WHERE.sub("", complaint).replace("Object contains unknown", "there is no").replace("Object missing", "missing")
    )
    last = next((step for step in reversed(key) if isinstance(step, str)), "")
    return f"{_line(name, lines, key)}: {last + ': ' if last and not field else ''}{what[0].lower() + what[1:]}"


def _line(name: str, lines: dict[Key, int], key: Key) -> str:
    number = nearest(lines, key)
    return f"{name}, line {number}" if number else name


def _numbers(value: object, key: Key = ()) -> Iterator[tuple[Key, float]]:
    if isinstance(value, float):
        yield key, value
    elif isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _numbers(inner, (*key, step))
