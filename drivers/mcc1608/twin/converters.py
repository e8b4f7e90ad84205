"""A simulated device's converters: what its maker found out about them, and loads straight to their codes."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from otolith.drivers.calibration import Calibration, Linear, Matrix
from otolith.drivers.mcc1608.codec.memory import Converter, Memory
from otolith.drivers.mcc1608.codec.numbers import INPUTS, RANGES


def factory(serial: int) -> Memory:
    """Slopes up to 0.4 % from 1, intercepts up to 31 codes; other ones for other serials. Exact in float32."""
    pairs = tuple(
        (float(np.float32(1.0 + 1e-4 * ((serial + 7 * index) % 81 - 40))), float((serial + 13 * index) % 63 - 31))
        for index in range(INPUTS * len(RANGES))
    )
    return Memory(pairs, datetime(2026, 1, 2, 3, 4, 5))  # noqa: DTZ001 - as the memory has it


def per_code(calibration: Calibration, converters: Sequence[Converter]) -> Calibration:
    """The calibration of volts, made one of the codes of these converters. Raises TypeError for another kind."""
    gain = np.array([converter.gain for converter in converters])
    zero = np.array([converter.zero for converter in converters]) + np.array(calibration.zero) / gain
    match calibration:
        case Linear():
            return Linear(tuple((np.array(calibration.gain) * gain).tolist()), tuple(zero.tolist()), calibration.source)
        case Matrix():
            rows = (np.array(calibration.rows) * gain).tolist()
            return Matrix(tuple(map(tuple, rows)), tuple(zero.tolist()), calibration.source)
    raise TypeError(f"plates have no {type(calibration).__name__}")
