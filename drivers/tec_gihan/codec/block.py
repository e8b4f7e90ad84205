"""A block: plate after plate, sample after sample, six int16 each, little-endian; no header, no number, no checksum."""

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.errors import ReportError
from otolith.drivers.tec_gihan.codec.numbers import AXES, WIDTH

Codes = NDArray[np.int16]


def size(samples: int, plates: int) -> int:
    """Bytes of a block."""
    return samples * plates * AXES * WIDTH


def decode(raw: bytes, samples: int, plates: int) -> Codes:
    """``(samples, 6 plates)``: Fx Fy Fz Mx My Mz of one plate beside those of the next. Raises ReportError."""
    if len(raw) != size(samples, plates):
        raise ReportError(
            f"a block of {samples} samples of {plates} plates has {size(samples, plates)} bytes, not {len(raw)}"
        )
    cube = np.frombuffer(raw, "<i2").reshape(plates, samples, AXES)
    return np.ascontiguousarray(cube.transpose(1, 0, 2).reshape(samples, plates * AXES), dtype=np.int16)


def encode(codes: Codes) -> bytes:
    """The inverse of :func:`decode`, of ``(samples, 6 plates)``."""
    samples, columns = codes.shape
    cube = codes.astype("<i2").reshape(samples, columns // AXES, AXES)
    return cube.transpose(1, 0, 2).tobytes()
