"""Samples on an even grid, for formats that have a rate and no times: what is missing becomes rows without a number."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.batch import Flag
from otolith.drivers.errors import RecordingError
from otolith.service.samples import Array, Block, Samples

FILL: Final = 16384
"""Rows without a number that are made at a time."""
LOST: Final = 10_000_000
"""Samples in a gap that no disk is filled for; more than a day at 100 Hz."""
MISSING: Final = np.uint32(Flag.INVALID)


def refuse_uneven(samples: Samples, format_name: str) -> None:
    """Raises RecordingError where the samples have times that a rate cannot say."""
    uneven = samples.description.irregular
    if uneven:
        raise RecordingError(
            f"{samples.source}: {uneven}; {format_name} holds samples at an even rate only."
            " Convert it to xdf, parquet or csv, which keep every time"
        )


def filled(block: Block) -> Iterator[tuple[Array, NDArray[np.uint32]]]:
    """Values and flags of a block, with rows for what is missing before it. Raises RecordingError."""
    if block.missed > LOST:
        raise RecordingError(f"{block.missed} samples are missing at {block.t[0]:.3f} s: is a time wrong?")
    left = block.missed
    while left:
        n = min(left, FILL)
        yield np.full((n, block.values.shape[1]), np.nan), np.full(n, MISSING, dtype=np.uint32)
        left -= n
    yield block.values, block.flags
