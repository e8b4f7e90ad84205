"""The twin of a Phidget Bridge, seen from inside: what both generations share."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.calibration import Linear
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import TimedFault
from otolith.drivers.phidget_bridge.codec.converter import CHANNELS, PRODUCT, TOP, TWIN, VENDOR, ratio
from otolith.drivers.phidget_bridge.links import GAIN
from otolith.drivers.twin import IN, PACKET, Sampler


class Bridge(Sampler):
    """``calibration`` maps 24-bit codes to newtons."""

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
        super().__init__(
            source,
            calibration,
            span=(0, TOP),
            device_descriptor=device_descriptor(bcd_device),
            configuration_descriptor=configuration_descriptor,
            strings={1: "Phidgets Inc.", 2: f"PhidgetBridge 4-Input {TWIN}", 3: serial},
            seed=seed,
            skew=skew,
            faults=faults,
        )

    def expected(self, unit: str) -> NDArray[np.float64]:
        """All but the first: after switching on it is not valid yet, and drivers drop it."""
        codes = [sample.codes for sample in self.sent if sample.intact][1:]
        if unit == "count":
            return np.array(codes, dtype=np.float64).reshape(-1, CHANNELS)
        return np.array([[ratio(code, GAIN) for code in row] for row in codes]).reshape(-1, CHANNELS)


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
