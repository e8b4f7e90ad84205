"""The form of a record: its fields in order, little-endian, without gaps; and the checksum at its end."""

import struct
from dataclasses import dataclass
from typing import Any, Final

import google_crc32c

from otolith.drivers.errors import ReportError

CRC: Final = 4
"""Bytes of the CRC-32C that ends every record."""
_FORMAT: Final = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i32": "i", "f32": "f"}


@dataclass(frozen=True, slots=True)
class Field:
    """``count`` numbers of one type under one name; ``about`` is its line in the specification."""

    name: str
    type: str
    about: str
    count: int = 1

    @property
    def format(self) -> str:
        """As ``struct`` writes it."""
        return f"{self.count if self.count > 1 else ''}{_FORMAT[self.type]}"

    @property
    def size(self) -> int:
        """Bytes."""
        return struct.calcsize("<" + self.format)


@dataclass(frozen=True, slots=True)
class Form:
    """The fixed part of a record."""

    name: str
    fields: tuple[Field, ...]

    @property
    def struct(self) -> struct.Struct:
        """Packs and unpacks it."""
        return struct.Struct("<" + "".join(field.format for field in self.fields))

    def offsets(self) -> list[tuple[int, Field]]:
        """Where each field begins."""
        at, found = 0, []
        for field in self.fields:
            found.append((at, field))
            at += field.size
        return found


def crc32c(data: bytes) -> int:
    """CRC-32C (Castagnoli, 1993): polynomial 0x1EDC6F41 reflected, start and final exclusive-or 0xFFFFFFFF."""
    return int(google_crc32c.value(data))


def sealed(body: bytes) -> bytes:
    """The record that carries ``body``: its CRC-32C follows it, little-endian."""
    return body + crc32c(body).to_bytes(CRC, "little")


def opened(record: bytes, least: int, what: str) -> bytes:
    """The body of a record of at least ``least`` bytes of body; ReportError says what is wrong with it."""
    if len(record) < least + CRC:
        raise ReportError(f"{what} has {len(record)} bytes, and needs {least + CRC}")
    body = record[:-CRC]
    if crc32c(body) != int.from_bytes(record[-CRC:], "little"):
        raise ReportError(f"{what} does not match its checksum")
    return body


def finite(what: str, *numbers: Any) -> None:  # noqa: ANN401 - numbers of struct.unpack
    """ReportError where one of the numbers is none, or none to calculate with."""
    if not all(-1e30 < number < 1e30 for number in numbers):  # noqa: PLR2004 - also false for NaN
        raise ReportError(f"{what} holds a number that is not finite")
