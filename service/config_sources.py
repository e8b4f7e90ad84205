"""Where the values of a configuration come from, and where to look when one of them is wrong."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from otolith.drivers.toml_lines import Key, lines_of, nearest
from otolith.service.errors import ConfigError

PATHS = (("folder",), ("http", "tls_cert"), ("http", "tls_key"), ("boards", "calibration"))
"""Keys whose values are relative to the file; arrays are looked through."""
LARGEST = 1_000_000
"""Bytes; a station's file is a few hundred."""


@dataclass(frozen=True, slots=True)
class Source:
    """Some values, and how to say which of them is meant."""

    name: str
    """With ``{}`` for the key, or the path of the file."""
    values: dict[str, Any]
    lines: dict[Key, int] = field(default_factory=dict)

    def place(self, key: Key) -> str | None:
        """Where the value is; None where it is not from here."""
        if self.lines:
            line = nearest(self.lines, key)
            return f"{self.name}, line {line}" if line else self.name
        if not key or not _holds(self.values, key):
            return None
        return self.name.format(_variable(key) if "OTOLITH" in self.name else ".".join(map(str, key)))


def read_file(path: Path) -> Source:
    """The values of a TOML file. Raises ConfigError with file, line and reason."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        text = data.decode()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}, line {line}: not UTF-8 text") from error
    if len(data) > LARGEST:
        raise ConfigError(f"{path}: too large for a configuration")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}, {_position(str(error), text)}") from error
    for keys in PATHS:
        _anchor(values, keys, path.parent)
    return Source(str(path), values, lines_of(text) or {(): 1})


def merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Both, table by table; what is above wins."""
    merged = {**below, **above}
    for key in below.keys() & above.keys():
        if isinstance(below[key], dict) and isinstance(above[key], dict):
            merged[key] = merge(below[key], above[key])
    return merged


def _position(message: str, text: str) -> str:
    """``line 3: what is wrong`` of the parser's ``what is wrong (at line 3, column 5)``."""
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", message, re.DOTALL)
    if not found:
        return f"line 1: {message}"
    return f"line {found[2] or max(1, len(text.splitlines()))}: {found[1]}"


def _holds(values: Any, key: Key) -> bool:  # noqa: ANN401 - whatever stands in a configuration
    for part in key:
        if isinstance(values, dict) and part in values:
            values = values[part]
        elif not (isinstance(values, list) and isinstance(part, int) and part < len(values)):
            return False
        else:
            values = values[part]
    return True


def _variable(key: Key) -> str:
    """Names up to the first number: what is inside a list stands in one variable."""
    names = []
    for part in key:
        if isinstance(part, int):
            break
        names.append(part.upper())
    return "__".join(names)


def _anchor(values: dict[str, Any], keys: tuple[str, ...], folder: Path) -> None:
    for table in _tables(values, keys[:-1]):
        value = table.get(keys[-1])
        if isinstance(value, str):
            table[keys[-1]] = str(folder / Path(value).expanduser())


def _tables(values: Any, keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    if isinstance(values, list):
        for item in values:
            yield from _tables(item, keys)
    elif isinstance(values, dict):
        if keys:
            yield from _tables(values.get(keys[0]), keys[1:])
        else:
            yield values
