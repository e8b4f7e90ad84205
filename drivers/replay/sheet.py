"""The cells of a text table, before anybody asks what they mean: CSV, TSV, semicolons or blanks, plain or ``.gz``."""

import gzip
import re
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.errors import RecordingError

LABEL = re.compile(r"\s*[\[(]\s*([^\])]*?)\s*[\])]\s*$")
"""A unit in brackets at the end of a column's name."""
PREAMBLE = 200
"""Lines in which the header is looked for."""

_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BLANK = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a file, not yet numbers; every row is as wide as the header."""

    source: str
    header: tuple[str, ...]
    rows: list[list[str]]
    """Cells as they stand, with the blanks around them."""
    first: int
    """Line number of the first row."""
    comma: bool
    """The decimal sign is a comma."""

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, row: int) -> str:
        """A row by its line in the file."""
        return f"line {self.first + row}"

    def numbers(self, column: int) -> NDArray[np.float64]:
        """``(n,)`` values of a column, NaN for a blank cell. Raises RecordingError for what is no number."""
        try:
            return np.array([float(row[column]) for row in self.rows])
        except ValueError:
            return self._one_by_one(column)

    def _one_by_one(self, column: int) -> NDArray[np.float64]:
        """The slow way, for blanks and decimal commas, and to say where a cell is wrong."""
        out = np.empty(len(self.rows))
        for i, row in enumerate(self.rows):
            value = number(row[column], comma=self.comma)
            if value is None:
                place = f"{self.source}, {self.where(i)}, column {self.header[column]!r}"
                raise RecordingError(f"{place}: {row[column].strip()[:40]!r} is not a number")
            out[i] = value
        return out


def read_sheet(path: Path, wanted: Collection[str] = ()) -> Sheet:
    """Read a file into cells. Raises RecordingError for what is empty, binary, damaged or torn.

    The header is the first line that has all ``wanted`` columns, so that a maker's preamble does no harm; without such
    a line, it is the first that is no comment. A line of units below the header becomes the columns' labels.
    """
    lines = _text(path).replace('"', "").splitlines()
    start = next((i for i, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), None)
    if start is None:
        raise RecordingError(f"{path}: the file is empty")
    if not all(name.isdigit() for name in wanted):
        start = next((i for i, line in enumerate(lines[:PREAMBLE]) if _has(line, wanted)), start)
    delimiter = _delimiter(lines[start])
    cells = [line.split(delimiter) for line in lines[start:]]
    while cells and not any(map(str.strip, cells[-1])):
        cells.pop()
    comma = delimiter != ","
    header, rows = _cells(lines[start], delimiter), cells
    if any(number(cell, comma=comma) is None for cell in header):
        rows = cells[1:]
    else:
        header = tuple(str(i) for i in range(1, len(header) + 1))
    if not rows:
        raise RecordingError(f"{path}: the file has a header and no rows")
    if len(rows) > 1 and len(rows[0]) == len(header) and not any(map(_numeric, rows[0])):
        header, rows = tuple(map(_labelled, header, rows[0])), rows[1:]
    sheet = Sheet(str(path), header, rows, start + 1 + len(cells) - len(rows), comma)
    _refuse_torn_rows(sheet)
    return sheet


def unlabelled(column: str) -> str:
    """A column's name without its unit, in lower case: ``copx`` of ``COPx [cm]``."""
    return LABEL.sub("", column).strip().lower()


def _delimiter(line: str) -> str | None:
    return next((sign for sign in ("\t", ";", ",") if sign in line), None)


def _cells(line: str, delimiter: str | None) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.split(delimiter))


def _has(line: str, wanted: Collection[str]) -> bool:
    cells = set(_cells(line, _delimiter(line)))
    names = cells | {cell.lower() for cell in cells} | {unlabelled(cell) for cell in cells}
    return all(name.lstrip("-") in names or name.lstrip("-").lower() in names for name in wanted)


def _numeric(cell: str) -> bool:
    return number(cell, comma=True) is not None


def _labelled(name: str, unit: str) -> str:
    unit = unit.strip().strip("[]()")
    return f"{name}[{unit}]" if unit and not LABEL.search(name) else name


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
    except FileNotFoundError as error:
        raise RecordingError(f"{path}: there is no such file") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise RecordingError(f"{path}: the compressed file is damaged or cut short ({error})") from error
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror}") from error
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    if found := _BINARY.search(raw):
        raise RecordingError(f"{path}: is not a text table (byte {found.start()} is {raw[found.start()]:#04x})")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _refuse_torn_rows(sheet: Sheet) -> None:
    width = len(sheet.header)
    for i, row in enumerate(sheet.rows):
        if len(row) == width or (len(row) == width + 1 and not row[-1].strip()):
            continue
        line = sheet.first + i
        last = i == len(sheet.rows) - 1
        cause = "the file is cut short in its last row" if last and len(row) < width else "the row is torn"
        raise RecordingError(f"{sheet.source}, line {line}: {cause}: {len(row)} columns where the header has {width}")


def number(cell: str, *, comma: bool) -> float | None:
    """The number in a cell, NaN for a blank one, None for what is no number."""
    cell = cell.strip()
    try:
        return float(cell)
    except ValueError:
        pass
    if cell.lower() in _BLANK:
        return float("nan")
    try:
        return float(cell.replace(",", ".")) if comma and cell.count(",") == 1 else None
    except ValueError:
        return None
