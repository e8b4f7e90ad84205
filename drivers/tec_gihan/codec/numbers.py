"""What the controller can be set to."""

from enum import StrEnum
from typing import Final

NAME: Final = "FORCEPLATE CONTROLLER"
"""In the product string of its FTDI chip."""
BAUD: Final = 1_000_000
BITS: Final = 10
"""On the line for each byte: start, eight, stop."""
AXES: Final = 6
WIDTH: Final = 2
"""Bytes of a value, int16."""
FULL_SCALE: Final = 30_000
"""Counts at full scale."""
TOP: Final = 32_767
BOTTOM: Final = -32_768
"""Counts at which a channel is at its end."""
MOST_PLATES: Final = 20

RATES: Final = {
    "10K": 10_000.0,
    "5K": 5_000.0,
    "2.5K": 2_500.0,
    "1K": 1_000.0,
    "500": 500.0,
    "250": 250.0,
    "240": 240.0,
    "120": 120.0,
}
"""Samples per second, by the word in ``SPS_``."""
_BLOCKS: Final = {"240": 24, "120": 12}
RANGES: Final = ("3kN", "6kN", "10kN")
"""In the order of GETFS."""
NOMINAL: Final = (
    (1500.0, 1500.0, 3000.0, 300.0, 300.0, 200.0),
    (3000.0, 3000.0, 6000.0, 600.0, 600.0, 400.0),
    (5000.0, 5000.0, 10000.0, 1000.0, 1000.0, 600.0),
)
"""Full scale by range, N and N m; what a plate says of itself with GETFS goes before it."""


class State(StrEnum):
    """What STATE answers."""

    IDLE = "IDLE"
    EXT = "EXT"
    LEVEL = "LEVEL"
    MEASURE = "MEASURE"
    ZERO = "ZERO"
    SLEEP = "SLEEP"
    EIGHT = "8AX"
    TWELVE = "12AX"
    """Measuring in the modes of raw channels."""


def samples_in_block(word: str) -> int:
    """By the word of the rate."""
    return _BLOCKS.get(word, 100)
