"""The parameter section of a C3D file: named arrays in named groups. No I/O."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.c3d.encoding import ENCODINGS, Encoding

Array = NDArray[np.float64]

BLOCK = 512
"""Bytes; everything in a C3D file begins at a multiple of it."""
TEXT, BYTE, INTEGER, REAL = -1, 1, 2, 4
"""Types of parameters; their absolute value is the size of an element in bytes."""
HEAD = 4
"""Bytes of the section before its first record."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One array as it stands in the file, first index fastest."""

    kind: int
    shape: tuple[int, ...]
    """Empty for a single value."""
    raw: memoryview
    encoding: Encoding

    def numbers(self, *, unsigned: bool = False) -> Array:
        """Flat values, in the file's order; integers as unsigned where a file means them so."""
        if self.kind == REAL:
            return self.encoding.reals(np.frombuffer(self.raw, self.encoding.float_type))
        if self.kind == TEXT:
            raise RecordingError("is text where numbers belong")
        plain = np.dtype(np.uint8) if self.kind == BYTE else self.encoding.int_type
        values = np.frombuffer(self.raw, plain)
        return (values.astype(np.int64) & 0xFFFF if unsigned else values).astype(np.float64)

    def texts(self) -> tuple[str, ...]:
        """The strings of a text array, without the blanks that fill them up."""
        if self.kind != TEXT:
            return ()
        text, length = bytes(self.raw).decode("latin-1"), self.shape[0] if self.shape else 1
        parts = [text[i : i + length] for i in range(0, len(text), length)] if length else []
        return tuple(part.strip(" \0") for part in parts)


class Parameters:
    """Every parameter of a file by ``GROUP:NAME``. Raises RecordingError, with the byte, where the section is broken.

    ``data`` is the whole file, ``block`` the number of the section's first block, from 1.
    """

    def __init__(self, data: memoryview, block: int) -> None:
        start = (block - 1) * BLOCK
        if start < BLOCK or start + HEAD > len(data):
            raise RecordingError(f"byte 0 puts the parameters in block {block}, outside the file of {len(data)} bytes")
        if data[start + 3] not in ENCODINGS:
            known = ", ".join(f"{number} ({encoding.name})" for number, encoding in ENCODINGS.items())
            raise RecordingError(f"byte {start + 3}: no processor type is {data[start + 3]}; known are {known}")
        self.encoding: Encoding = ENCODINGS[data[start + 3]]
        self._found = _walk(data, start + HEAD, self.encoding)

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def numbers(self, name: str, *, unsigned: bool = False) -> Array:
        """Flat values of a parameter; none where it is absent. Raises RecordingError for text."""
        if name not in self._found:
            return np.empty(0)
        try:
            return self._found[name].numbers(unsigned=unsigned)
        except RecordingError as error:
            raise RecordingError(f"{name} {error}") from error

    def number(self, name: str, *, unsigned: bool = False) -> float | None:
        """The first value of a parameter, None where there is none."""
        values = self.numbers(name, unsigned=unsigned)
        return float(values[0]) if len(values) else None

    def count(self, name: str) -> int | None:
        """The first value as a number of things. Raises RecordingError where it cannot be one."""
        value = self.number(name, unsigned=True)
        if value is None:
            return None
        if not 0 <= value < 2**31 or value != round(value):
            raise RecordingError(f"{name} is {value:g}, which is no number of things")
        return int(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """Strings of a parameter; none where it is absent."""
        return self._found[name].texts() if name in self._found else ()

    def all_texts(self, name: str) -> tuple[str, ...]:
        """Strings of a parameter and of its continuations ``NAME2``, ``NAME3``, for more than 255."""
        return tuple(text for part in self._parts(name) for text in self.texts(part))

    def all_numbers(self, name: str, *, unsigned: bool = False) -> Array:
        """Numbers of a parameter and of its continuations."""
        return np.concatenate([np.empty(0), *(self.numbers(part, unsigned=unsigned) for part in self._parts(name))])

    def shape(self, name: str) -> tuple[int, ...]:
        """Dimensions of a parameter; none where it is absent."""
        return self._found[name].shape if name in self._found else ()

    def _parts(self, name: str) -> list[str]:
        parts = [name]
        while f"{name}{len(parts) + 1}" in self._found:
            parts.append(f"{name}{len(parts) + 1}")
        return parts


def _walk(data: memoryview, at: int, encoding: Encoding) -> dict[str, Parameter]:
    """Follow the chain of records: length of the name, group, name, way to the next one, content."""
    groups: dict[int, str] = {}
    found: list[tuple[int, str, Parameter]] = []
    while at + 2 <= len(data) and (length := abs(_signed(data[at]))):
        number, link = _signed(data[at + 1]), at + 2 + length
        if link + 2 > len(data):
            raise RecordingError(f"the file ends inside the parameters, at byte {len(data)}")
        name = bytes(data[at + 2 : link]).decode("latin-1").strip().upper()
        if number < 0:
            groups.setdefault(-number, name)
        else:
            found.append((number, name, _parameter(data, link + 2, encoding, name)))
        step = encoding.word(data, link)
        if step == 0:
            break
        if step <= 2:  # noqa: PLR2004  # the two bytes of the link itself
            raise RecordingError(f"byte {link}: parameter {name!r} leads back into itself")
        at = link + step
    else:
        if at + 2 > len(data):
            raise RecordingError(f"the parameters lead to byte {at}, behind the end of the file at {len(data)}")
    return {f"{groups.get(number, number)}:{name}": one for number, name, one in reversed(found)}


def _parameter(data: memoryview, at: int, encoding: Encoding, name: str) -> Parameter:
    if at + 2 > len(data) or (end := at + 2 + data[at + 1]) > len(data):
        raise RecordingError(f"the file ends inside parameter {name!r}, at byte {len(data)}")
    kind, shape = _signed(data[at]), tuple(data[at + 2 : end])
    if kind not in (TEXT, BYTE, INTEGER, REAL):
        raise RecordingError(f"byte {at}: parameter {name!r} is of type {kind}, which there is not")
    size = abs(kind) * math.prod(shape)
    if end + size > len(data):
        raise RecordingError(f"byte {at + 1}: parameter {name!r} asks for {size} bytes, the file has {len(data) - end}")
    return Parameter(kind, shape, data[end : end + size], encoding)


def _signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte  # noqa: PLR2004  # two's complement
