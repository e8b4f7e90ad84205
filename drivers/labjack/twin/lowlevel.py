"""What the twins of the U3 and the U6 share: their commands, and the stream that they start."""

from abc import abstractmethod
from collections.abc import Sequence
from random import Random
from typing import ClassVar, Final

from otolith.drivers.analogue.wiring import Wiring
from otolith.drivers.errors import ReportError
from otolith.drivers.labjack.codec import commands
from otolith.drivers.labjack.codec.frame import COMMAND, REFUSED
from otolith.drivers.labjack.codec.frame import words_of as words
from otolith.drivers.labjack.codec.pace import Pace
from otolith.drivers.labjack.codec.packet import MOST, WRAP, Packet, encode
from otolith.drivers.labjack.codec.reasons import NOT_RUNNING
from otolith.drivers.labjack.scans import Layout
from otolith.drivers.labjack.twin.device import LabJackTwin
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import TimedFault

BUFFER: Final = 984
"""Samples; "typically", and as few as 512 in short packets (U6 datasheet 3.2)."""
SPREAD: Final = 0.005
"""How far the calibrations of two twins are apart, relatively."""
RUNNING: Final = 48
NO_LIST: Final = 49
NO_CONFIG: Final = 50
NO_SIZE: Final = 56
NO_BLOCK: Final = 26

Memory = tuple[tuple[float, ...], ...]


def own(nominal: Memory, serial: int) -> Memory:
    """The calibration of one device: each number a little off the nominal one, always the same for a serial."""
    random = Random(serial)  # noqa: S311 - not a secret
    return tuple(tuple(value * (1.0 + random.uniform(-SPREAD, SPREAD)) for value in block) for block in nominal)


class LowLevelTwin(LabJackTwin):
    """A U3 or a U6. ``memory`` is its calibration, as the bytes on the wire give it."""

    variant: ClassVar[int]
    """VersionInfo."""

    def __init__(
        self,
        source: LoadSource,
        wiring: Wiring,
        memory: Memory,
        *,
        serial: int,
        seed: int = 0,
        skew: float = 0.0,
        faults: Sequence[TimedFault] = (),
    ) -> None:
        super().__init__(source, wiring, seed=seed, skew=skew, faults=faults)
        self.memory = tuple(commands.decode_block(commands.encode_block(block)) for block in memory)
        self.config = commands.Config(
            firmware=(1, 43),
            bootloader=(6, 15),
            hardware=(2, 0),
            serial=serial,
            product=self.product,
            rest=bytes(15) + bytes([self.variant]),
        )
        self._stream: tuple[float, Layout] | None = None

    def encode(self, packet: Packet) -> bytes:
        """StreamData."""
        return encode(packet)

    def power_up(self) -> None:
        """As before, and nothing configured."""
        self._stream = None
        super().power_up()

    def answer(self, command: bytes) -> bytes:
        """See ``LabJackTwin``."""
        if command == commands.START:
            return commands.encode_done(commands.STARTED, self._start())
        if command == commands.STOP:
            error = 0 if self.streaming else NOT_RUNNING
            if not error:
                self.halt()
            return commands.encode_done(commands.STOPPED, error)
        number = command[3] if len(command) > 3 and command[1] == COMMAND else 0  # noqa: PLR2004 - where its number is
        try:
            content = words(command, number)
        except ReportError:
            return REFUSED
        return self.obey(number, command, content)

    def obey(self, number: int, command: bytes, content: bytes) -> bytes:
        """The answer to an extended command whose checksums are right; B8 B8 to one that a twin does not know."""
        match number:
            case commands.CONFIG:
                return commands.encode_config(self.config)
            case commands.READ_CAL:
                return self._read(content[1])
            case commands.STREAM_CONFIG:
                return commands.encode_error(number, RUNNING if self.streaming else self.configure(command))
            case _:
                return REFUSED

    @abstractmethod
    def configure(self, command: bytes) -> int:
        """Take a StreamConfig, with :meth:`take`; returns an error code."""

    def take(self, channels: int, samples: int, pace: Pace) -> int:
        """The part of a StreamConfig that is alike; returns an error code."""
        if not 1 <= samples <= MOST:
            return NO_SIZE
        if not channels or not pace.interval:
            return NO_LIST
        self._stream = pace.rate, Layout(channels, samples, WRAP, dummy=True)
        return 0

    def _read(self, block: int) -> bytes:
        if block >= len(self.memory):
            return commands.encode_block((0.0,) * commands.VALUES, NO_BLOCK)
        return commands.encode_block(self.memory[block])

    def _start(self) -> int:
        if self.streaming:
            return RUNNING
        if self._stream is None:
            return NO_CONFIG
        self.run(*self._stream, BUFFER)
        return 0
