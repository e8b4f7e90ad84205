"""What both generations of the Phidget Bridge 1046 share: identity, gains, and the converter's equation."""

from enum import Enum
from typing import Final

from otolith.drivers.errors import BoardRefused

VENDOR: Final = 0x06C2
PRODUCT: Final = 0x003B
CHANNELS: Final = 4
ALL: Final = 0x0F
"""Mask of all channels."""
ZERO: Final = 0x800000
"""Offset binary: this code is 0 V/V."""
TOP: Final = 0xFFFFFF


class Generation(Enum):
    """Firmware families, told apart by bcdDevice (version = 100 major + minor byte)."""

    GAIN_BUG = "1046_0 (gain bug)"
    HID = "1046_0"
    VENDOR = "1046_1"

    @classmethod
    def of(cls, bcd_device: int) -> "Generation":
        """Read the version; BoardRefused where nobody has described it."""
        version = 100 * (bcd_device >> 8) + (bcd_device & 0xFF)
        if 100 <= version <= 101:  # noqa: PLR2004 - libphidget22: these two need channel 0 after a gain change
            return cls.GAIN_BUG
        if 102 <= version <= 199:  # noqa: PLR2004 - libphidget22: 1046_0
            return cls.HID
        if 200 <= version <= 299:  # noqa: PLR2004 - libphidget22: 1046_1
            return cls.VENDOR
        raise BoardRefused(f"this Phidget Bridge has firmware {version}; only 100 to 299 are known")


def limit(gain: int) -> float:
    """Largest valid |V/V| at a gain: 99.5 % of the range, since the amplifier does not clamp well; all of it at 1."""
    return 1.0 if gain == 1 else 0.995 / gain


def ratio(raw: int, gain: int) -> float:
    """V/V of a 24-bit code; exact in binary floating point, since every gain is a power of two."""
    return (raw - ZERO) / ZERO / gain


def raw_code(volts_per_volt: float, gain: int) -> int:
    """The code that an ideal converter gives, clipped to its range."""
    return min(max(round(volts_per_volt * gain * ZERO) + ZERO, 0), TOP)
