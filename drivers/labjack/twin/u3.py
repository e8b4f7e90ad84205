"""The twin of a U3-HV."""

from collections.abc import Sequence

from otolith.drivers.analogue.wiring import Wiring
from otolith.drivers.errors import ReportError
from otolith.drivers.labjack.codec import u3
from otolith.drivers.labjack.twin.lowlevel import NO_CONFIG, NO_LIST, LowLevelTwin, own
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import TimedFault

ALWAYS: int = 0x000F
"""Lines that are analogue whatever one says: the high-voltage inputs."""


class U3Twin(LowLevelTwin):
    """A U3-HV. An input whose line was not made analogue is not in its list of channels."""

    product = u3.PRODUCT
    name = "U3"
    variant = u3.HIGH_VOLTAGE

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
        super().__init__(source, wiring, own(u3.NOMINAL, serial), serial=serial, seed=seed, skew=skew, faults=faults)
        self.analogue = ALWAYS

    def power_up(self) -> None:
        """As before, and all other lines digital."""
        self.analogue = ALWAYS
        super().power_up()

    def obey(self, number: int, command: bytes, content: bytes) -> bytes:
        """ConfigIO too."""
        if number != u3.CONFIG_IO:
            return super().obey(number, command, content)
        self.analogue = u3.decode_pins(command) | ALWAYS
        return u3.encode_pins_set(self.analogue)

    def configure(self, command: bytes) -> int:
        """See ``LowLevelTwin``."""
        try:
            setup = u3.decode_setup(command)
        except ReportError:
            return NO_CONFIG
        pins = [pin for one in setup.inputs for pin in one.pins]
        if any(pin >= u3.CHANNELS or not self.analogue >> pin & 1 for pin in pins):
            return NO_LIST
        error = self.take(len(setup.inputs), setup.samples, setup.pace)
        if not error:
            scale = u3.scale(self.memory, setup.inputs, high=self.variant == u3.HIGH_VOLTAGE)
            self.wire_up([one.channel for one in setup.inputs], scale)
        return error
