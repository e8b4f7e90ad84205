"""How a U3 is met and streamed."""

from dataclasses import dataclass

from otolith.drivers.analogue.wiring import Input
from otolith.drivers.errors import BoardRefused
from otolith.drivers.labjack import talk
from otolith.drivers.labjack.codec import commands, u3
from otolith.drivers.labjack.codec.scale import Scale
from otolith.drivers.labjack.way import Who, check_scale, gain_index
from otolith.drivers.wire import UsbWire

NAME = "U3"
FASTEST = 50_000.0
"""Samples per second of all channels together, at the coarsest resolution (datasheet, 3.2)."""
HIGH_RANGE = (10.0,)
LOW_RANGE = (2.44,)
"""Volts: 0 to that against ground, so that what is negative reads as saturated; plus or minus that differentially."""


@dataclass(frozen=True, slots=True)
class U3:
    """See ``Way``."""

    who: Who
    rate: float
    scale: Scale

    async def start(self, wire: UsbWire) -> None:
        """See ``Way``."""
        await talk.start(wire)

    async def stop(self, wire: UsbWire) -> None:
        """See ``Way``."""
        await talk.stop(wire)


async def meet(wire: UsbWire, inputs: tuple[Input, ...], rate: float, samples: int) -> U3:
    """A U3 at the other end of the wire, stopped and told what to stream; raises DriverError."""
    await talk.stop(wire)
    config = await talk.asked(wire, commands.ASK_CONFIG, commands.decode_config)
    if config.product != u3.PRODUCT:
        raise BoardRefused(f"this LabJack says that it is no U3 but product {config.product}")
    high = config.variant == u3.HIGH_VOLTAGE
    name = "U3-HV" if high else "U3-LV"
    wanted = tuple(_input(one, name, high=high) for one in inputs)
    memory = await talk.memory(wire, range(u3.BLOCKS if high else u3.BLOCKS_LOW))
    scale = check_scale(u3.scale(memory, wanted, high=high), u3.scale(u3.NOMINAL, wanted, high=high))
    await _make_analogue(wire, wanted, high=high)
    setup = u3.Setup(wanted, talk.paced(rate), samples, u3.resolution(rate * len(wanted)))
    await talk.told(wire, u3.encode_setup(setup))
    return U3(Who(name, str(config.serial), commands.version(config.firmware)), setup.pace.rate, scale)


async def _make_analogue(wire: UsbWire, inputs: tuple[u3.Input, ...], *, high: bool) -> None:
    pins = tuple(pin for one in inputs for pin in one.pins)
    always = range(u3.HIGH) if high else ()
    lines = await talk.asked(wire, u3.encode_pins((*pins, *always)), u3.decode_pins)
    digital = [pin for pin in pins if not lines >> pin & 1]
    if digital:
        raise BoardRefused(f"the U3 did not make these inputs analogue: {', '.join(map(str, digital))}")


def _input(one: Input, name: str, *, high: bool) -> u3.Input:
    if max(one.number, one.minus or 0) >= u3.CHANNELS:
        raise BoardRefused(f"the {name} has analogue inputs 0 to {u3.CHANNELS - 1}, and no {one.number}")
    of_high = [number for number in (one.number, one.minus) if high and number is not None and number < u3.HIGH]
    if of_high and one.minus is not None:
        raise BoardRefused(f"inputs 0 to 3 of the U3-HV are against ground, and input {of_high[0]} is not")
    gain_index(one.span, HIGH_RANGE if of_high else LOW_RANGE, one, name)
    return u3.Input(one.number, u3.SINGLE_ENDED if one.minus is None else one.minus)
