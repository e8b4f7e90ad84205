"""A simulated device's converters: what its maker found out about them, and loads straight to their codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.calibration import Calibration
from otolith.drivers.mcc1608.codec.memory import Converter, Memory
from otolith.drivers.mcc1608.codec.numbers import INPUTS, RANGES

Array = NDArray[np.float64]


def factory(serial: int) -> Memory:
    """Slopes up to 0.4 % from 1, intercepts up to 31 codes; other ones for other serials. Exact in float32."""
    pairs = tuple(
        (float(np.float32(1.0 + 1e-4 * ((serial + 7 * index) % 81 - 40))), float((serial + 13 * index) % 63 - 31))
        for index in range(INPUTS * len(RANGES))
    )
    return Memory(pairs, datetime(2026, 1, 2, 3, 4, 5))  # noqa: DTZ001 - as the memory has it


@dataclass(frozen=True, slots=True)
class Coded:
    """The calibration of volts as one of the codes of these converters; see ``Calibration``.

    Where there are more inputs than loads it is the volts that are the smallest, so that they are the same on any DAQ.
    """

    volts: Calibration
    converters: tuple[Converter, ...]

    @property
    def zero(self) -> tuple[float, ...]:
        """Codes at no load."""
        return tuple(map(float, self._codes(np.array(self.volts.zero))))

    @property
    def source(self) -> str:
        """That of the volts."""
        return self.volts.source

    def loads(self, counts: Array, zero: Sequence[float] | None = None) -> Array:
        """Of codes ``(n, k)``."""
        return self.volts.loads(self._volts(counts), None if zero is None else self._volts(np.array(zero)).tolist())

    def counts(self, loads: Array) -> Array:
        """Codes ``(n, k)`` before rounding."""
        return self._codes(self.volts.counts(loads))

    def _volts(self, codes: Array) -> Array:
        volts: Array = (codes - [one.zero for one in self.converters]) * [one.gain for one in self.converters]
        return volts

    def _codes(self, volts: Array) -> Array:
        codes: Array = volts / [one.gain for one in self.converters] + [one.zero for one in self.converters]
        return codes
