"""The twin of a Phidget Bridge, seen from inside: what both generations share."""

from collections.abc import Sequence

from otolith.drivers.board import TWIN
from otolith.drivers.calibration import Linear
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import TimedFault
from otolith.drivers.phidget_bridge.codec.converter import PRODUCT, TOP, VENDOR
from otolith.drivers.twinning import Sampled, Schedule, Sent
from otolith.drivers.twinning.descriptors import IN, device_descriptor


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
        self.device_descriptor = device_descriptor(VENDOR, PRODUCT, bcd_device)
        self.configuration_descriptor = configuration_descriptor

    def delivered(self) -> list[tuple[float, ...]]:
        """All that left whole, but for the first: after switching on it is not valid yet, and drivers drop it."""
        return [self.counts(sample) for sample in self.sent if sample.intact][1:]

    def counts(self, sample: Sent) -> tuple[float, ...]:
        """A sample as ``Batch.counts`` shows it: codes, unless the generation sends something else."""
        return tuple(map(float, sample.codes))
