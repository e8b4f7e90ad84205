"""Welch's power spectral density (Welch 1967), with the options that published sway spectra need."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Detrend = Literal["constant", "linear"]


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """One-sided power spectral density."""

    frequency: NDArray[np.float64]
    """``(m,)`` Hz, evenly spaced."""
    density: NDArray[np.float64]
    """``(m,)`` unit² / Hz."""

    def band(self, low: float, high: float) -> "Spectrum":
        """The lines from ``low`` to ``high`` Hz, both included."""
        keep = (self.frequency >= low) & (self.frequency <= high)
        return Spectrum(self.frequency[keep], self.density[keep])

    def moment(self, k: int) -> float:
        """Sum of frequency^k x density over the lines; without the line spacing."""
        return float(np.sum(self.frequency**k * self.density))


def welch(
    x: NDArray[np.float64],
    rate: float,
    segment: int,
    overlap: int,
    *,
    nfft: int | None = None,
    detrend: Detrend = "constant",
) -> Spectrum:
    """Mean of the periodograms of overlapping segments: periodic Hann window, density scaling, one side.

    ``x`` ``(n,)``; ``segment`` and ``overlap`` in samples; each segment is detrended and zero padded to ``nfft``.
    Equal to ``scipy.signal.welch(x, rate, "hann", segment, overlap, nfft, detrend)``.
    """
    segment = min(segment, len(x))
    if not 0 <= overlap < segment:
        raise ValueError(f"segments of {segment} samples cannot overlap by {overlap}")
    nfft = segment if nfft is None else max(nfft, segment)
    pieces = np.lib.stride_tricks.sliding_window_view(x, segment)[:: segment - overlap]
    window = _hann(segment)
    power = np.abs(np.fft.rfft(_flat(pieces, detrend) * window, nfft)) ** 2
    density: NDArray[np.float64] = power.mean(axis=0) / (rate * float(np.sum(window * window)))
    density[1 : None if nfft % 2 else -1] *= 2.0
    frequency: NDArray[np.float64] = np.arange(nfft // 2 + 1, dtype=np.float64) * (1.0 / (nfft * (1.0 / rate)))
    return Spectrum(frequency, density)


def _flat(pieces: NDArray[np.float64], detrend: Detrend) -> NDArray[np.float64]:
    level: NDArray[np.float64] = pieces - pieces.mean(axis=1, keepdims=True)
    if detrend == "constant":
        return level
    n = pieces.shape[1]
    ramp = np.arange(n) - (n - 1) / 2.0
    slope: NDArray[np.float64] = np.sum(level * ramp, axis=1) / np.sum(ramp * ramp)
    level -= slope[:, None] * ramp
    return level


@lru_cache(maxsize=16)
def _hann(n: int) -> NDArray[np.float64]:
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(n) / n)
    window.setflags(write=False)
    return window
