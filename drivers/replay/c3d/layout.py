"""Where the analogue samples lie in a C3D file, and how to make numbers of them. No I/O."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.c3d.encoding import Encoding
from otolith.drivers.replay.c3d.parameters import BLOCK, Parameters

Array = NDArray[np.float64]
T = TypeVar("T")

KEY = 0x50
"""The second byte of every C3D file."""
SATURATED = 0xFFFF
"""The most frames that 16 bits can announce; LONG_FRAMES and TRIAL hold the true number."""
POINT_WORDS = 4
"""x, y, z, and residual with cameras."""
AGREEMENT = 1e-3
"""Part by which two statements of one rate may differ."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The data section: ``frames`` frames of ``points`` points, then ``samples`` samples of ``channels`` channels."""

    encoding: Encoding
    start: int
    """Byte of the first frame."""
    frames: int
    points: int
    channels: int
    samples: int
    """Analogue samples per frame."""
    floats: bool
    """Samples are floating-point numbers, not 16-bit integers."""

    @property
    def item(self) -> int:
        """Bytes of a sample."""
        return 4 if self.floats else 2

    @property
    def stride(self) -> int:
        """Bytes of a frame."""
        return (self.points * POINT_WORDS + self.channels * self.samples) * self.item

    def raw(self, data: memoryview, channel: int, *, unsigned: bool) -> Array:
        """``(frames x samples,)`` numbers of a channel, from 0, before any scaling; only they are held in memory."""
        kind = self.encoding.float_type if self.floats else self.encoding.int_type
        first = self.start + (self.points * POINT_WORDS + channel) * self.item
        strides = (self.stride, self.channels * self.item)
        words = np.ndarray((self.frames, self.samples), kind, data, first, strides).ravel()
        if self.floats:
            return self.encoding.reals(words)
        return (words.astype(np.int32) & 0xFFFF if unsigned else words).astype(np.float64)


def layout(data: memoryview, parameters: Parameters) -> Layout:
    """Read the header by the light of the parameters, which come first where both speak (c3d.org user guide).

    Raises RecordingError where they contradict each other, or the file is shorter than they say.
    """
    encoding = parameters.encoding
    points = _or(parameters.count("POINT:USED"), encoding.word(data, 2))
    samples = encoding.word(data, 18)
    channels = _or(parameters.count("ANALOG:USED"), encoding.word(data, 4) // max(samples, 1))
    scale = _or(parameters.number("POINT:SCALE"), encoding.real(data, 12))
    block = _or(parameters.count("POINT:DATA_START"), encoding.word(data, 16))
    if channels and encoding.word(data, 4) != channels * samples:
        raise RecordingError(
            f"byte 4: the header has {encoding.word(data, 4)} analogue values a frame, but {samples} samples"
            f" (byte 18) of {channels} channels (ANALOG:USED) make {channels * samples}"
        )
    found = Layout(encoding, (block - 1) * BLOCK, _frames(data, parameters), points, channels, samples, scale < 0)
    if found.start < BLOCK:
        raise RecordingError(f"POINT:DATA_START puts the samples in block {block}, which is the header")
    _refuse_short(found, len(data))
    return found


def _refuse_short(found: Layout, size: int) -> None:
    needed = found.start + found.frames * found.stride
    if needed > size:
        whole = max(size - found.start, 0) // max(found.stride, 1)
        raise RecordingError(
            f"the file is cut short: it announces {found.frames} frames and ends, at byte {size} of {needed},"
            f" after {whole} whole ones"
        )


def _frames(data: memoryview, parameters: Parameters) -> int:
    """How many frames there are; the header's 16 bits are not enough for long trials."""
    encoding = parameters.encoding
    first, last = encoding.word(data, 6), encoding.word(data, 8)
    announced = parameters.count("POINT:FRAMES")
    if SATURATED not in (last, announced):
        if last < first:
            raise RecordingError(f"byte 6: the header runs from frame {first} to frame {last}")
        return last - first + 1
    if (long := parameters.count("POINT:LONG_FRAMES")) is not None:
        return long
    ends = [parameters.numbers(f"TRIAL:ACTUAL_{end}_FIELD", unsigned=True) for end in ("START", "END")]
    if all(len(end) == 2 for end in ends):  # noqa: PLR2004  # low and high word
        start, stop = (int(low + 65536 * high) for low, high in ends)
        return max(stop - start + 1, 0)
    return last - first + 1 if last >= first else int(announced or 0)


def sample_rate(data: memoryview, parameters: Parameters, samples: int) -> float:
    """Analogue samples per second, in which the rates of points and of samples must agree. Raises RecordingError."""
    encoding = parameters.encoding
    frames = parameters.number("POINT:RATE") or encoding.real(data, 20)
    counted, said = frames * samples, parameters.number("ANALOG:RATE") or 0.0
    if not said > 0.0:
        said = counted
    if not 0.0 < said < np.inf:
        raise RecordingError("neither ANALOG:RATE nor POINT:RATE is a rate: give --rate")
    if counted > 0.0 and abs(counted - said) > AGREEMENT * said:
        raise RecordingError(
            f"ANALOG:RATE is {said:g} Hz, but {samples} samples a frame at POINT:RATE {frames:g} Hz make {counted:g} Hz"
        )
    return said


def _or(value: T | None, otherwise: T) -> T:
    return otherwise if value is None else value
