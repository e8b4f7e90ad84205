"""The three ways in which C3D files write numbers: Intel, DEC (VAX) and SGI/MIPS. No I/O."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Words = NDArray[Any]
"""Elements of :attr:`Encoding.float_type`, which depends on the file."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """Byte order of 16-bit integers, and the form of 32-bit floating-point numbers."""

    name: str
    order: Literal["<", ">"]
    vax: bool = False
    """Floats are VAX F_floating: two 16-bit words, the more significant one first, each with its low byte first."""

    def word(self, data: memoryview, at: int) -> int:
        """The unsigned 16-bit integer at a byte."""
        return int.from_bytes(data[at : at + 2], "little" if self.order == "<" else "big")

    def real(self, data: memoryview, at: int) -> float:
        """The floating-point number at a byte."""
        return float(self.reals(np.frombuffer(data, self.float_type, 1, at))[0])

    @property
    def int_type(self) -> np.dtype[np.int16]:
        """Of signed integers as they stand in the file."""
        return np.dtype(f"{self.order}i2")

    @property
    def float_type(self) -> np.dtype[Any]:
        """Of floating-point numbers as they stand in the file; what :meth:`reals` takes."""
        return np.dtype("<u4") if self.vax else np.dtype(f"{self.order}f4")

    def reals(self, words: Words) -> Array:
        """Words of :attr:`float_type` as numbers, exactly; what is no number becomes NaN."""
        if self.vax:
            return _vax(words.astype(np.uint32))
        with np.errstate(invalid="ignore"):  # signalling NaN
            plain: Array = words.astype(np.float64)
        return plain


def _vax(words: NDArray[np.uint32]) -> Array:
    """VAX F_floating (VAX Architecture Reference Manual): (-1)^s x 0.1f x 2^(e - 128); e = 0 is zero, or reserved."""
    bits = (words >> np.uint32(16)) | (words << np.uint32(16))
    exponent = (bits >> np.uint32(23)) & np.uint32(0xFF)
    fraction = (bits & np.uint32(0x7FFFFF)).astype(np.float64) / 2.0**24 + 0.5
    negative = bits >> np.uint32(31) != 0
    size = np.ldexp(fraction, exponent.astype(np.int32) - 128)
    nothing = np.where(negative, np.nan, 0.0)
    return np.where(exponent == 0, nothing, np.where(negative, -size, size))


ENCODINGS: Final = {84: Encoding("Intel", "<"), 85: Encoding("DEC", "<", vax=True), 86: Encoding("SGI/MIPS", ">")}
"""By the processor type, the fourth byte of the parameter section."""
