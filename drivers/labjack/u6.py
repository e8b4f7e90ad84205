"""How a U6 is met and streamed."""

from dataclasses import dataclass

from otolith.drivers.analogue.wiring import Input
from otolith.drivers.errors import BoardRefused
from otolith.drivers.labjack import talk
from otolith.drivers.labjack.codec import commands, u6
from otolith.drivers.labjack.codec.scale import Scale
from otolith.drivers.labjack.way import Who, check_pair, check_scale, gain_index
from otolith.drivers.wire import UsbWire

NAME = "U6"
FASTEST = 50_000.0
"""Samples per second of all channels together, at the resolution and the range used here (datasheet, table 3.2.1)."""


@dataclass(frozen=True, slots=True)
class U6:
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


async def meet(wire: UsbWire, inputs: tuple[Input, ...], rate: float, samples: int) -> U6:
    """A U6 at the other end of the wire, stopped and told what to stream; raises DriverError."""
    await talk.stop(wire)
    config = await talk.asked(wire, commands.ASK_CONFIG, commands.decode_config)
    if config.product != u6.PRODUCT:
        raise BoardRefused(f"this LabJack says that it is no U6 but product {config.product}")
    wanted = tuple(map(_input, inputs))
    gains = tuple(one.gain for one in wanted)
    memory = await talk.memory(wire, range(u6.BLOCKS))
    scale = check_scale(u6.scale(memory, gains), u6.scale(u6.nominal_memory(), gains))
    setup = u6.Setup(wanted, talk.paced(rate), samples)
    await talk.told(wire, u6.encode_setup(setup))
    name = "U6-Pro" if config.variant == u6.PRO else NAME
    return U6(Who(name, str(config.serial), commands.version(config.firmware)), setup.pace.rate, scale)


def _input(one: Input) -> u6.Input:
    check_pair(one, u6.CHANNELS, NAME)
    return u6.Input(one.number, gain_index(one.span, u6.RANGES, one, NAME), one.minus is not None)
