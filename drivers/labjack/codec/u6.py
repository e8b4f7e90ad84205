"""The U6 and the U6-Pro (LabJack U6 datasheet, 5.2; exodriver, LabJackPython)."""

import struct
from dataclasses import dataclass
from typing import Final

from otolith.drivers.errors import ReportError
from otolith.drivers.labjack.codec.commands import STREAM_CONFIG
from otolith.drivers.labjack.codec.frame import extended, words_of
from otolith.drivers.labjack.codec.pace import FASTEST, Pace
from otolith.drivers.labjack.codec.scale import Scale

PRODUCT: Final = 6
PRO: Final = 12
"""``Config.variant`` of a U6-Pro; its second converter does not stream."""
CHANNELS: Final = 14
"""Analogue inputs AIN0 to AIN13."""
RANGES: Final = (10.0, 1.0, 0.1, 0.01)
"""Volts, by gain index."""
BLOCKS: Final = 4
"""Of calibration memory that streaming needs: slopes and offsets, then negative slopes and centres, two ranges each."""
NOMINAL: Final = (3.1580578e-4, -3.15805800e-4, 33523.0, -10.5869565220)
"""Slope, negative slope, centre and offset in V at +-10 V; smaller ranges are tenths of it, but for the centre."""
_DIFFERENTIAL: Final = 0x80
_48_MHZ: Final = 0x08
_DIVIDED: Final = 0x02
_FRONT: Final = struct.Struct("<BBBxBBH")


@dataclass(frozen=True, slots=True)
class Input:
    """An analogue input, single-ended or against its neighbour."""

    channel: int
    gain: int = 0
    """Index into ``RANGES``."""
    differential: bool = False


@dataclass(frozen=True, slots=True)
class Setup:
    """StreamConfig."""

    inputs: tuple[Input, ...]
    pace: Pace
    samples: int
    """In a packet, 1 to 25."""
    resolution: int = 1
    """1 (fastest) to 8."""
    settling: int = 0
    """0: as long as the device thinks right."""


def encode_setup(setup: Setup) -> bytes:
    """The command."""
    pace = setup.pace
    scan = _48_MHZ * (pace.clock == FASTEST) | _DIVIDED * pace.divided
    count = len(setup.inputs)
    front = _FRONT.pack(count, setup.resolution, setup.samples, setup.settling, scan, pace.interval)
    pairs = [(one.channel, _DIFFERENTIAL * one.differential | one.gain << 4) for one in setup.inputs]
    return extended(STREAM_CONFIG, front + b"".join(map(bytes, pairs)))


def decode_setup(raw: bytes) -> Setup:
    """The inverse of :func:`encode_setup`; ReportError."""
    words = words_of(raw, STREAM_CONFIG)
    if len(words) < _FRONT.size or len(words) != _FRONT.size + 2 * words[0]:
        raise ReportError(f"a stream of {words[:1].hex()} channels in {len(words)} bytes")
    _, resolution, samples, settling, scan, interval = _FRONT.unpack_from(words)
    inputs = zip(words[_FRONT.size :: 2], words[_FRONT.size + 1 :: 2], strict=True)
    return Setup(
        tuple(Input(channel, options >> 4 & 3, bool(options & _DIFFERENTIAL)) for channel, options in inputs),
        Pace(FASTEST if scan & _48_MHZ else 4e6, bool(scan & _DIVIDED), interval),
        samples,
        resolution,
        settling,
    )


def scale(memory: tuple[tuple[float, ...], ...], gains: tuple[int, ...]) -> Scale:
    """Volts of codes, one gain index per channel, by the first four blocks of calibration memory."""
    places = [divmod(gain, 2) for gain in gains]
    return Scale(
        centre=tuple(memory[2 + block][2 * at + 1] for block, at in places),
        above=tuple(memory[block][2 * at] for block, at in places),
        below=tuple(-memory[2 + block][2 * at] for block, at in places),
    )


def nominal_memory() -> tuple[tuple[float, ...], ...]:
    """What the first four blocks of calibration memory hold of an ideal device."""
    slope, negative, centre, offset = NOMINAL
    tenths = [10.0**-gain for gain in range(len(RANGES))]
    pairs = [(slope * tenth, offset * tenth) for tenth in tenths]
    backs = [(negative * tenth, centre) for tenth in tenths]
    return tuple((*row[at], *row[at + 1]) for row in (pairs, backs) for at in (0, 2))
