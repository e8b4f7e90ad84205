"""Every number of the wire that has a name."""

from enum import IntEnum, IntFlag
from typing import Final

VENDOR: Final = 0x09DB
PRODUCT: Final = 0x00EA
INTERFACE: Final = 0
ENDPOINT: Final = 0x81
"""Bulk IN."""
IN: Final = 0xC0
OUT: Final = 0x40
"""Vendor requests to the device."""

INPUTS: Final = 8
PACKET: Final = 64
"""Bytes of a packet in block mode: 32 samples."""
FIFO: Final = 32_768
"""Samples that the device can keep."""
SERIAL: Final = 8
"""Characters of a serial number."""
ZERO: Final = 32_768
"""Code of 0 V."""
TOP: Final = 65_535


class Request(IntEnum):
    """``bRequest``."""

    AIN = 0x10
    """wValue input, wIndex range: one u16 code. Stalls during a scan."""
    SCAN_START = 0x11
    SCAN_STOP = 0x12
    SCAN_CONFIG = 0x14
    """Eight range numbers, read or written. Stalls during a scan."""
    SCAN_CLEAR = 0x15
    """Empties the FIFO."""
    COUNTER = 0x20
    """u32 events read; written, it is set to 0."""
    MEMORY = 0x30
    """wValue address of the calibration memory."""
    BLINK = 0x41
    """One byte: how often."""
    RESET = 0x42
    STATUS = 0x44
    """u16 read; written, errors are forgotten."""
    SERIAL = 0x48


class Option(IntFlag):
    """Of a scan. Bits 2 to 4 are the trigger, 0 none."""

    IMMEDIATE = 1 << 0
    """A packet for each scan, however short; overruns beyond some 100 Hz."""
    PACER_OUT = 1 << 1
    """The SYNC pin says when samples are taken."""
    COUNTING = 1 << 5
    """Test pattern: every sample is the number of samples before it."""
    NO_STALL = 1 << 7
    """An overrun does not halt the endpoint."""


TRIGGER: Final = 0b11100


class Status(IntFlag):
    """What the device says of its scan."""

    RUNNING = 1 << 1
    OVERRUN = 1 << 2


RANGES: Final = (10.0, 5.0, 2.5, 2.0, 1.25, 1.0, 0.625, 0.3125)
"""Volts, plus or minus, by range number. The source converts range 7 with 0.325, a slip by its own table."""
