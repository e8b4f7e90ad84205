"""Named columns of numbers, wherever they come from: what every tabular format is before its columns get a role."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from numpy import float64
from numpy.typing import NDArray

Column = NDArray[float64]


class Grid(Protocol):
    """``n`` rows under named columns; a name may end in its unit, as in ``COPx[cm]``."""

    @property
    def source(self) -> str:
        """The file's path."""

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""

    def __len__(self) -> int: ...

    def numbers(self, column: int) -> Column:
        """``(n,)`` values of a column, NaN for a blank. Raises RecordingError where it holds something else."""

    def where(self, row: int) -> str:
        """A row as the file's reader would find it: ``line 17``."""


@dataclass(frozen=True, slots=True)
class Block:
    """The grid of a binary format; columns are fetched when they are asked for."""

    source: str
    header: tuple[str, ...]
    rows: int
    fetch: Callable[[int], Column]
    """Column number to its ``(rows,)`` values."""

    def __len__(self) -> int:
        return self.rows

    def numbers(self, column: int) -> Column:
        """Values of a column."""
        return self.fetch(column)

    def where(self, row: int) -> str:
        """Rows are counted from 1."""
        return f"row {row + 1}"


def labelled(name: str, unit: str | None) -> str:
    """``name[unit]``, where there is a unit and the name does not say it already."""
    return f"{name}[{unit}]" if unit and not name.endswith(("]", ")")) else name
