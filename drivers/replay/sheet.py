"""The cells of a text table, before anybody asks what they mean: CSV, TSV, semicolons or blanks, plain or ``.gz``."""

import gzip
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from otolith.drivers.errors import RecordingError

_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BLANK = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a file, not yet numbers; every row is as wide as the header."""

    source: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first: int
    """Line number of the first row."""
    comma: bool
    """The decimal sign is a comma."""


def read_sheet(path: Path) -> Sheet:
    """Read a file into cells. Raises RecordingError for what is empty, binary, damaged or torn."""
    lines = _text(path).splitlines()
    start = next((i for i, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), None)
    if start is None:
        raise RecordingError(f"{path}: the file is empty")
    delimiter = next((sign for sign in ("\t", ";", ",") if sign in lines[start]), None)
    cells = [tuple(cell.strip().strip('"') for cell in line.split(delimiter)) for line in lines[start:]]
    while cells and not any(cells[-1]):
        cells.pop()
    named = any(number(cell, comma=delimiter != ",") is None for cell in cells[0])
    header = cells[0] if named else tuple(str(i) for i in range(1, len(cells[0]) + 1))
    rows = tuple(cells[1:] if named else cells)
    if not rows:
        raise RecordingError(f"{path}: the file has a header and no rows")
    sheet = Sheet(str(path), header, rows, start + 1 + named, delimiter != ",")
    _refuse_torn_rows(sheet)
    return sheet


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
        if len(row) == width or (len(row) == width + 1 and not row[-1]):
            continue
        line = sheet.first + i
        last = i == len(sheet.rows) - 1
        cause = "the file is cut short in its last row" if last and len(row) < width else "the row is torn"
        raise RecordingError(f"{sheet.source}, line {line}: {cause}: {len(row)} columns where the header has {width}")


def number(cell: str, *, comma: bool) -> float | None:
    """The number in a cell, NaN for a blank one, None for what is no number."""
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
