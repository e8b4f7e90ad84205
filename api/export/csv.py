"""Comma-separated values (RFC 4180): one header line with units, one line a sample, every number to the last bit."""

from pathlib import Path
from typing import Final

from otolith.service.samples import Block, Samples

LINES: Final = "\r\n"
"""As the RFC has it."""


class CsvWriter:
    """``t[s],ml[mm],...,flags``. A sample that is missing has no line; a number that is missing has an empty cell.

    No cell is text but those of the header, whose names are of this program: a spreadsheet finds no formula in it.
    """

    def __init__(self, samples: Samples, path: Path) -> None:
        self._file = path.open("w", encoding="ascii", newline="")
        header = ["t[s]", *(f"{column.name}[{column.unit}]" for column in samples.columns), "flags"]
        self._file.write(",".join(header) + LINES)

    def add(self, block: Block) -> None:
        """A line each."""
        rows = zip(block.t.tolist(), block.values.tolist(), block.flags.tolist(), strict=True)
        self._file.writelines(",".join((repr(t), *map(_cell, values), str(flags))) + LINES for t, values, flags in rows)

    def close(self) -> None:
        """Nothing more is to be written."""
        self._file.close()


def _cell(value: float) -> str:
    return repr(value) if value == value else ""  # noqa: PLR0124 -- NaN is what differs from itself
