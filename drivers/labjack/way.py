"""What a model has to know for the driver, and what all models do alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from otolith.drivers.analogue.wiring import Input
from otolith.drivers.errors import BoardRefused
from otolith.drivers.labjack.codec.scale import Scale
from otolith.drivers.wire import UsbWire

VENDOR: Final = 0x0CD5
INTERFACE: Final = 0
OUT: Final = 0x01
REPLIES: Final = 0x82
STREAM: Final = 0x83
"""Endpoints, all bulk, of the U3, the U6 and the T7 (exodriver, labjackusb.h)."""
PLAUSIBLE: Final = 0.1
"""How far a factory calibration may be from the nominal one, relatively; real ones are within a percent or so."""
_ZERO: Final = 655.0
"""Codes that a nominal centre of 0 may be off: a hundredth of the range."""


@dataclass(frozen=True, slots=True)
class Who:
    """What a device says of itself."""

    model: str
    serial: str
    firmware: str


class Way(Protocol):
    """A device that was asked who it is, and told what to stream."""

    @property
    def who(self) -> Who:
        """Who it is."""
        ...

    @property
    def rate(self) -> float:
        """Scans per second, as its own clock counts them: the nearest to what was asked for."""
        ...

    @property
    def scale(self) -> Scale:
        """Volts of its codes, one column per input."""
        ...

    async def start(self, wire: UsbWire) -> None:
        """Have scans sent, nothing of an earlier stream among them; raises DriverError."""
        ...

    async def stop(self, wire: UsbWire) -> None:
        """Have none sent, whether or not some are; raises DriverError."""
        ...


def gain_index(span: float, ranges: Sequence[float], one: Input, model: str) -> int:
    """The finest of the ``ranges`` (volts, descending) that holds a span; BoardRefused where none does."""
    fitting = [index for index, limit in enumerate(ranges) if span <= limit]
    if not fitting:
        raise BoardRefused(
            f"input {one.number} of the {model} takes {ranges[0]:g} V at most, and the plate's outputs reach {span:g} V"
        )
    return fitting[-1]


def check_pair(one: Input, channels: int, model: str) -> None:
    """BoardRefused where there is no such input, or no such differential one."""
    if one.number >= channels:
        raise BoardRefused(f"the {model} has analogue inputs 0 to {channels - 1}, and no {one.number}")
    if one.minus is not None and (one.number % 2 or one.minus != one.number + 1):
        raise BoardRefused(
            f"differential inputs of the {model} are pairs such as 0 and 1, 2 and 3, not {one.number} and {one.minus}"
        )


def check_scale(scale: Scale, nominal: Scale) -> Scale:
    """The factory calibration, where it can be one; BoardRefused where it is erased or damaged."""
    found, ideal = (np.array([one.centre, one.above, one.below]) for one in (scale, nominal))
    if not (np.abs(found - ideal) <= PLAUSIBLE * np.abs(ideal) + _ZERO * (ideal == 0.0)).all():
        raise BoardRefused(
            f"the factory calibration in this LabJack's memory is erased or damaged: {found.tolist()}; its maker can"
            " restore it"
        )
    return scale
