"""From the converter's counts to newtons, by the plate's range switch.

The equivalent plate CMA 0364 has ``F = 1000 U - 1000`` in its range of -800 to 3500 N and ``F = 250 U - 250`` in that
of -200 to 800 N, U in volts (its manual). A real FP-BTA differs by some per cent: calibrate with known weights.
"""

from typing import Final

from otolith.drivers.calibration import Linear
from otolith.drivers.errors import MonikerError
from otolith.drivers.vernier.go_link.codec.records import Channel, volts

SLOPES: Final = {"3500": 1000.0, "800": 250.0}
"""N per V, by the upper end of the range."""
SPAN: Final = "3500"
"""The range to begin with."""
IDLE: Final = 1.0
"""Volts of an empty plate."""
CHANNEL: Final = Channel.FIVE


def nominal(span: str) -> Linear:
    """The calibration of a range; MonikerError where there is no such range."""
    if span not in SLOPES:
        raise MonikerError(f"range={span}: an FP-BTA has the ranges {', '.join(SLOPES)}")
    per_count = volts(1.0, CHANNEL) - volts(0.0, CHANNEL)
    return Linear((SLOPES[span] * per_count,), ((IDLE - volts(0.0, CHANNEL)) / per_count,), "nominal")
