"""The twin of a U6."""

from collections.abc import Sequence

from otolith.drivers.analogue.wiring import Wiring
from otolith.drivers.errors import ReportError
from otolith.drivers.labjack.codec import u6
from otolith.drivers.labjack.twin.lowlevel import NO_CONFIG, NO_LIST, LowLevelTwin, own
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import TimedFault


class U6Twin(LowLevelTwin):
    """A U6, not the Pro."""

    product = u6.PRODUCT
    name = "U6"
    variant = 4

    def __init__(
        self,
        source: LoadSource,
        wiring: Wiring,
        *,
        serial: int = 100001,
        seed: int = 0,
        skew: float = 0.0,
        faults: Sequence[TimedFault] = (),
    ) -> None:
        memory = own(u6.nominal_memory(), serial)
        super().__init__(source, wiring, memory, serial=serial, seed=seed, skew=skew, faults=faults)

    def configure(self, command: bytes) -> int:
        """See ``LowLevelTwin``."""
        try:
            setup = u6.decode_setup(command)
        except ReportError:
            return NO_CONFIG
        if any(one.channel >= u6.CHANNELS for one in setup.inputs):
            return NO_LIST
        error = self.take(len(setup.inputs), setup.samples, setup.pace)
        if not error:
            scale = u6.scale(self.memory, tuple(one.gain for one in setup.inputs))
            self.wire_up([one.channel for one in setup.inputs], scale)
        return error
