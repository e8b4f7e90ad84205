"""The clock of the converters: 40 MHz, divided."""

from typing import Final

CLOCK: Final = 40e6
"""Hz."""
FASTEST: Final = 100e3
"""Scans per second that the pacer makes at most."""
_LONGEST: Final = 2**32 - 1


def pacer(rate: float) -> int:
    """The divisor less 1 that comes nearest to ``rate`` scans a second: 40 MHz / rate - 1.

    Raises ValueError outside what the device can do; 0 would mean an external clock.
    """
    if not CLOCK / (_LONGEST + 1) <= rate <= FASTEST:
        raise ValueError(f"a USB-1608FS-Plus samples 0.01 to {FASTEST:g} times a second, not {rate:g} times")
    return round(CLOCK / rate) - 1


def rate_of(pacer: int) -> float:
    """Scans per second that the device really makes."""
    return CLOCK / (pacer + 1)
