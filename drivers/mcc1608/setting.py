"""How a scan is set for the plates on a DAQ: inputs, ranges, pace, and what its codes are in volts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from otolith.drivers.analogue.wiring import Input, Wiring
from otolith.drivers.errors import MonikerError, PlateError
from otolith.drivers.mcc1608.codec.memory import Converter, Memory
from otolith.drivers.mcc1608.codec.numbers import INPUTS, PACKET, RANGES, Option
from otolith.drivers.mcc1608.codec.pacer import pacer, rate_of
from otolith.drivers.mcc1608.codec.records import Scan

ALL: Final = (1 << INPUTS) - 1
"""All inputs are scanned, whatever hangs on them: then every packet holds four whole scans, leaves after four periods
at most, and one that is lost cannot turn one output into another."""
RATE: Final = 1000.0
"""Scans per second where nothing is said."""
BUSIEST: Final = 10_000.0
"""Scans per second that this driver reads: 2500 packets a second."""
SLOW: Final = 100.0
"""Scans per second up to which each has a packet of its own."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is asked of the device, and what comes of it."""

    scan: Scan
    ranges: tuple[int, ...]
    inputs: tuple[int, ...]
    """Those that plates hang on, in the order of the columns of ``Batch.counts``."""

    @property
    def rate(self) -> float:
        """Scans per second that the pacer really makes."""
        return rate_of(self.scan.pacer)

    @property
    def immediate(self) -> bool:
        """Whether each scan has a packet of its own."""
        return Option.IMMEDIATE in self.scan.options

    @property
    def scans(self) -> int:
        """In a packet."""
        return 1 if self.immediate else PACKET // (2 * INPUTS)

    def converters(self, memory: Memory) -> tuple[Converter, ...]:
        """Of the columns."""
        return tuple(memory.converter(number, self.ranges[number]) for number in self.inputs)


def setting(wiring: Wiring, rate: float | None) -> Setting:
    """For these plates; raises PlateError where the DAQ has no such input or range, MonikerError for the rate."""
    rate = RATE if rate is None else rate
    try:
        divisor = pacer(rate)
    except ValueError as error:
        raise MonikerError(str(error)) from None
    if not 1.0 <= rate <= BUSIEST:
        raise MonikerError(f"rate={rate:g}: this driver takes 1 to {BUSIEST:g} samples a second")
    options = Option.IMMEDIATE if rate <= SLOW else Option(0)
    return Setting(Scan(0, divisor, ALL, options), _ranges(wiring.inputs), tuple(each.number for each in wiring.inputs))


def _ranges(inputs: Sequence[Input]) -> tuple[int, ...]:
    """The smallest range that holds each input's span; the largest where nothing hangs."""
    ranges = [0] * INPUTS
    for each in inputs:
        if each.minus is not None:
            raise PlateError(
                f"input {each.number} less {each.minus}: a USB-1608FS-Plus has no differential inputs; leave out minus"
            )
        if each.number >= INPUTS or each.number < 0:
            raise PlateError(f"input {each.number}: a USB-1608FS-Plus has inputs 0 to {INPUTS - 1}")
        if each.span > RANGES[0]:
            raise PlateError(f"span_v = {each.span:g}: a USB-1608FS-Plus takes ±{RANGES[0]:g} V at most")
        ranges[each.number] = max(scale for scale, full in enumerate(RANGES) if full >= each.span)
    return tuple(ranges)
