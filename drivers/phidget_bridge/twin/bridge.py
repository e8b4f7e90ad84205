"""The twin of a Phidget Bridge, seen from inside: what both generations share."""

from collections.abc import Sequence
from typing import Final

from otolith.drivers.board import TWIN
from otolith.drivers.calibration import Linear
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import TimedFault
from otolith.drivers.phidget_bridge.codec.converter import PRODUCT, TOP, VENDOR
from otolith.drivers.twinning import Sampled, Schedule, Sent

IN: Final = 0x81
PACKET: Final = 64


class Bridge(Sampled):
    """A bridge as a gadget; ``calibration`` maps 24-bit codes to newtons."""

    TOP = TOP

    def __init__(
        self,
        source: LoadSource,
        calibration: Linear,
        *,
        serial: str = "100001",
        bcd_device: int,
        configuration_descriptor: bytes,
        seed: int = 0,
        skew: float = 0.0,
        faults: Sequence[TimedFault] = (),
    ) -> None:
        super().__init__(source, calibration, seed=seed, schedule=Schedule(skew), faults=faults, endpoint=IN)
        self.strings = {1: "Phidgets Inc.", 2: f"PhidgetBridge 4-Input {TWIN}", 3: serial}
        self.device_descriptor = device_descriptor(bcd_device)
        self.configuration_descriptor = configuration_descriptor

    def delivered(self) -> list[tuple[float, ...]]:
        """All that left whole, but for the first: after switching on it is not valid yet, and drivers drop it."""
        return [self.counts(sample) for sample in self.sent if sample.intact][1:]

    def counts(self, sample: Sent) -> tuple[float, ...]:
        """A sample as ``Batch.counts`` shows it: codes, unless the generation sends something else."""
        return tuple(map(float, sample.codes))


def device_descriptor(bcd_device: int) -> bytes:
    """USB 2.0 full speed, class in the interface, strings 1 to 3, one configuration."""
    words = [word.to_bytes(2, "little") for word in (VENDOR, PRODUCT, bcd_device)]
    return bytes([18, 1, 0x00, 0x02, 0, 0, 0, 8]) + b"".join(words) + bytes([1, 2, 3, 1])


def configuration(interface_class: int, class_descriptor: bytes, interval: int) -> bytes:
    """One interface with one interrupt IN endpoint, polled every ``interval`` ms; 500 mA from the bus."""
    interface = bytes([9, 4, 0, 0, 1, interface_class, 0, 0, 0])
    endpoint = bytes([7, 5, IN, 3, PACKET, 0, interval])
    body = interface + class_descriptor + endpoint
    return bytes([9, 2, *(9 + len(body)).to_bytes(2, "little"), 1, 1, 0, 0x80, 250]) + body
