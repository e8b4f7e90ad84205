"""The models that can be driven."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from otolith.drivers.analogue.wiring import Input
from otolith.drivers.labjack import t7, talk, u3, u6
from otolith.drivers.labjack.codec import packet
from otolith.drivers.labjack.codec import t7 as t7_codec
from otolith.drivers.labjack.codec import u3 as u3_codec
from otolith.drivers.labjack.codec import u6 as u6_codec
from otolith.drivers.labjack.codec.packet import Packet
from otolith.drivers.labjack.plan import Packing, samples_in_packet
from otolith.drivers.labjack.scans import Layout
from otolith.drivers.labjack.way import Way
from otolith.drivers.wire import UsbWire


@dataclass(frozen=True, slots=True)
class Model:
    """One model, before any device of it was asked."""

    name: str
    product: int
    """USB product id."""
    most: int
    """Samples in a packet."""
    wrap: int
    whole: bool
    """Packets hold whole scans, and dropped scans precede the packet that tells of them."""
    fastest: float
    """Samples per second of all channels together."""
    size: Callable[[int], int]
    """Bytes of a packet of so many samples."""
    decode: Callable[[bytes, int], Packet]
    meet: Callable[[UsbWire, tuple[Input, ...], float, int], Awaitable[Way]]
    """A device, told to stream these inputs at a rate in packets of so many samples; raises DriverError."""
    serial: Callable[[UsbWire], Awaitable[str]]
    """Ask a device for its serial number alone; raises DriverError."""
    example: str | None = None
    """The example of a plate that hangs on a twin where nothing is said, if another than everybody's."""

    def packing(self, channels: int, rate: float) -> Packing:
        """How its streams of so many channels are packed."""
        samples = samples_in_packet(rate, channels, self.most, whole=self.whole)
        return Packing(Layout(channels, samples, self.wrap, not self.whole), self.size(samples), self.decode)


U6: Final = Model(
    name=u6.NAME,
    product=u6_codec.PRODUCT,
    most=packet.MOST,
    wrap=packet.WRAP,
    whole=False,
    fastest=u6.FASTEST,
    size=packet.size,
    decode=packet.decode,
    meet=u6.meet,
    serial=talk.serial,
)
U3: Final = Model(
    name=u3.NAME,
    product=u3_codec.PRODUCT,
    most=packet.MOST,
    wrap=packet.WRAP,
    whole=False,
    fastest=u3.FASTEST,
    size=packet.size,
    decode=packet.decode,
    meet=u3.meet,
    serial=talk.serial,
    example="four-cells",
)
T7: Final = Model(
    name=t7.NAME,
    product=t7_codec.PRODUCT,
    most=t7_codec.MOST,
    wrap=t7_codec.WRAP,
    whole=True,
    fastest=t7.FASTEST,
    size=t7_codec.size,
    decode=t7_codec.decode,
    meet=t7.meet,
    serial=t7.serial,
)
MODELS: Final = (U3, U6, T7)
