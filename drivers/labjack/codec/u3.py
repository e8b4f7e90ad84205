"""The U3, low-voltage and high-voltage (LabJack U3 datasheet, 2.6 and 5.2; exodriver, LabJackPython)."""

import struct
from dataclasses import dataclass
from typing import Final

from otolith.drivers.errors import ReportError
from otolith.drivers.labjack.codec.commands import STREAM_CONFIG
from otolith.drivers.labjack.codec.frame import extended, words_of
from otolith.drivers.labjack.codec.pace import FASTEST, Pace
from otolith.drivers.labjack.codec.scale import Scale

PRODUCT: Final = 3
HIGH_VOLTAGE: Final = 18
"""``Config.variant`` of a U3-HV."""
CHANNELS: Final = 16
"""FIO0 to FIO7, then EIO0 to EIO7."""
HIGH: Final = 4
"""The first so many inputs of a U3-HV are +-10 V and nothing else."""
SINGLE_ENDED: Final = 31
"""The negative channel that is none."""
BLOCKS: Final = 5
"""Of calibration memory: low voltage; outputs; temperature and references; slopes, then offsets of the high inputs."""
BLOCKS_LOW: Final = 3
"""Those that every U3 has."""
NOMINAL: Final = (
    (3.7231e-5, 0.0, 7.4463e-5, -2.44),
    (51.717, 0.0, 51.717, 0.0),
    (1.3021e-2, 2.44, 3.66, 3.3),
    (3.14e-4,) * 4,
    (-10.3,) * 4,
)
"""By block (datasheet 5.4): single-ended slope and offset, differential ones, ..."""
CONFIG_IO: Final = 0x0B
_MASK: Final = 0x0D
"""Write the pin offset, which FIO are analogue, which EIO are."""
_OFFSET: Final = 0x40
"""The pin offset of timers that it has after power-up."""
_48_MHZ: Final = 0x08
_DIVIDED: Final = 0x04
_FRONT: Final = struct.Struct("<BBxBH")
_IO: Final = struct.Struct("<BxBBBB")


@dataclass(frozen=True, slots=True)
class Input:
    """An analogue input against ground, or against another low-voltage one."""

    channel: int
    negative: int = SINGLE_ENDED

    @property
    def pins(self) -> tuple[int, ...]:
        """The lines that have to be analogue for it."""
        return (self.channel,) if self.negative == SINGLE_ENDED else (self.channel, self.negative)


@dataclass(frozen=True, slots=True)
class Setup:
    """StreamConfig."""

    inputs: tuple[Input, ...]
    pace: Pace
    samples: int
    """In a packet, 1 to 25."""
    resolution: int = 0
    """0 (finest, at most 2500 samples a second in all) to 3."""


def encode_setup(setup: Setup) -> bytes:
    """The command."""
    pace = setup.pace
    scan = _48_MHZ * (pace.clock == FASTEST) | _DIVIDED * pace.divided | setup.resolution
    front = _FRONT.pack(len(setup.inputs), setup.samples, scan, pace.interval)
    return extended(STREAM_CONFIG, front + b"".join(bytes([one.channel, one.negative]) for one in setup.inputs))


def decode_setup(raw: bytes) -> Setup:
    """The inverse of :func:`encode_setup`; ReportError."""
    words = words_of(raw, STREAM_CONFIG)
    if len(words) < _FRONT.size or len(words) != _FRONT.size + 2 * words[0]:
        raise ReportError(f"a stream of {words[:1].hex()} channels in {len(words)} bytes")
    _, samples, scan, interval = _FRONT.unpack_from(words)
    inputs = zip(words[_FRONT.size :: 2], words[_FRONT.size + 1 :: 2], strict=True)
    pace = Pace(FASTEST if scan & _48_MHZ else 4e6, bool(scan & _DIVIDED), interval)
    return Setup(tuple(Input(*pair) for pair in inputs), pace, samples, scan & 3)


def resolution(samples: float) -> int:
    """The finest resolution index for so many samples per second in all; 3 for what is too fast for all (3.2)."""
    limits = (2500.0, 10_000.0, 20_000.0)
    return sum(samples > limit for limit in limits)


def encode_pins(pins: tuple[int, ...]) -> bytes:
    """ConfigIO: make these lines analogue, and all others digital."""
    lines = sum(1 << pin for pin in set(pins))
    return extended(CONFIG_IO, _IO.pack(_MASK, _OFFSET, 0, lines & 0xFF, lines >> 8))


def decode_pins(raw: bytes) -> int:
    """The lines that are analogue, one bit each, by the answer to ConfigIO or by the command; ReportError."""
    words = words_of(raw, CONFIG_IO)
    if len(words) != _IO.size:
        raise ReportError(f"a configuration of {_IO.size} bytes was due, not of {len(words)}")
    *_, low, high = _IO.unpack(words)
    return int(low | high << 8)


def encode_pins_set(lines: int) -> bytes:
    """The answer to ConfigIO."""
    return extended(CONFIG_IO, _IO.pack(0, _OFFSET, 0, lines & 0xFF, lines >> 8))


def scale(memory: tuple[tuple[float, ...], ...], inputs: tuple[Input, ...], *, high: bool) -> Scale:
    """Volts of codes by calibration memory; ``high`` for a U3-HV."""
    lines = [_line(memory, one, high=high) for one in inputs]
    slopes = tuple(slope for slope, _ in lines)
    return Scale(centre=tuple(-offset / slope if slope else 0.0 for slope, offset in lines), above=slopes, below=slopes)


def _line(memory: tuple[tuple[float, ...], ...], one: Input, *, high: bool) -> tuple[float, float]:
    if high and one.channel < HIGH:
        return memory[3][one.channel], memory[4][one.channel]
    return memory[0][:2] if one.negative == SINGLE_ENDED else memory[0][2:]  # type: ignore[return-value]  # two each
