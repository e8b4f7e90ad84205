"""A recording of any format on its way out: blocks of named columns, with what made them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.replay.description import Description

Array = NDArray[np.float64]
Kind = Literal["position", "force", "moment"]

UNITS: Final[dict[Kind, str]] = {"position": "mm", "force": "N", "moment": "Nm"}
TOLD: Final = {
    "ml": "centre of pressure, to the subject's right",
    "ap": "centre of pressure, forward",
    "fz": "vertical force, positive under load",
    "fml": "horizontal force, to the subject's right",
    "fap": "horizontal force, forward",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One quantity, called by its role (see ``drivers.replay.roles``)."""

    name: str
    kind: Kind
    told: str
    """For people."""

    @property
    def unit(self) -> str:
        """mm, N, or Nm."""
        return UNITS[self.kind]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """``n`` consecutive samples, oldest first; what is missing is missing before the first of them."""

    index: int
    """Of the first sample on the even grid of the recording, lost ones counted."""
    t: Array
    """``(n,)`` seconds since the first sample, by the board's own clock where it has one."""
    values: Array
    """``(n, k)`` in the order of the columns; NaN where there is no number."""
    flags: NDArray[np.uint32]
    """``(n,)``, see ``drivers.batch.Flag``."""
    missed: int

    def __len__(self) -> int:
        return len(self.t)


@dataclass(frozen=True, slots=True)
class Samples:
    """A recording that can be read from its beginning as often as one likes; never whole in memory if it is long."""

    source: str
    description: Description
    columns: tuple[Column, ...]
    total: int
    """Samples that the blocks hold, for a progress bar."""
    length: int
    """Places on the even grid: the samples, and the lost ones between them."""
    blocks: Callable[[], Iterator[Block]]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns, in order."""
        return tuple(column.name for column in self.columns)
