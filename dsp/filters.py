"""Causal low-pass filters as second-order sections: designed in closed form, started at rest."""

import numpy as np
from numpy.typing import NDArray

MAX_ORDER = 12
"""Beyond, the coefficients of a low cutoff lose their digits."""

Sections = NDArray[np.float64]
"""``(s, 6)`` rows ``b0 b1 b2 1 a1 a2``, as scipy writes them."""


def butter_lowpass(order: int, cutoff: float, rate: float) -> Sections:
    """Butterworth low-pass by the bilinear transform with pre-warping (Butterworth 1930; Oppenheim & Schafer, ch. 7).

    ``cutoff`` (-3 dB) and ``rate`` in Hz. Sections go from the most to the least damped, the gain in the first,
    as scipy orders them. Raises ValueError where no such filter exists.
    """
    _refuse_design(order, cutoff, rate)
    k = np.tan(np.pi * cutoff / rate)
    damping = 2.0 * np.sin(np.pi * (2 * np.arange(order // 2, 0, -1) - 1) / (2 * order))
    rows = [_real_section(k)] if order % 2 else []
    rows += [_pair_section(k, d) for d in damping]
    gain = float(np.prod([row[0] for row in rows]))
    sos = np.array([[1.0, row[1] / row[0], row[2] / row[0], *row[3:]] for row in rows])
    sos[0, :3] *= gain
    return sos


def steady_state(sos: Sections) -> NDArray[np.float64]:
    """State ``(s, 2)`` in which the filter answers a constant input of 1 without a transient.

    Start a stream with this times its first sample. Transposed direct form II: z1 = b2 u - a2 y, z0 = b1 u - a1 y + z1.
    """
    state = np.empty((len(sos), 2))
    level = 1.0
    for row, (b0, b1, b2, _, a1, a2) in zip(state, checked(sos), strict=True):
        if 1.0 + a1 + a2 == 0.0:
            raise ValueError("a filter with a pole at 0 Hz (an integrator) has no steady state to start from")
        out = level * (b0 + b1 + b2) / (1.0 + a1 + a2)
        row[1] = b2 * level - a2 * out
        row[0] = b1 * level - a1 * out + row[1]
        level = out
    return state


def group_delay(sos: Sections, frequency: float, rate: float) -> float:
    """Delay of slow changes around ``frequency``, in seconds: -d(phase)/d(omega) (Oppenheim & Schafer, eq. 5.5)."""
    turns = np.exp(-2j * np.pi * frequency / rate * np.arange(3))
    lags = np.arange(3) * turns
    samples = sum(
        (row[:3] @ lags / (row[:3] @ turns) - row[3:] @ lags / (row[3:] @ turns)).real for row in checked(sos)
    )
    return float(samples) / rate


def checked(sos: Sections) -> Sections:
    """The sections as a C-contiguous float64 ``(s, 6)`` array with every a0 = 1, or ValueError."""
    sections = np.ascontiguousarray(sos, dtype=np.float64)
    if sections.shape != (max(len(sections), 1), 6):
        raise ValueError(f"second-order sections have the shape (s, 6), not {sections.shape}")
    if not np.isfinite(sections).all() or not (sections[:, 3] == 1.0).all():
        raise ValueError("second-order sections are finite, with a0 = 1 in the fourth column")
    return sections


def _refuse_design(order: int, cutoff: float, rate: float) -> None:
    if not 1 <= order <= MAX_ORDER:
        raise ValueError(f"the order of a Butterworth filter is 1 to {MAX_ORDER} here, not {order}")
    if not (np.isfinite(rate) and rate > 0):
        raise ValueError(f"the sample rate must be a positive number of Hz, not {rate}")
    if not 0 < cutoff < rate / 2:
        raise ValueError(
            f"a low-pass cutoff must lie between 0 and half the sample rate: {cutoff} Hz does not fit into "
            f"0 to {rate / 2} Hz; lower the cutoff or raise the rate"
        )


def _real_section(k: float) -> list[float]:
    b = k / (1.0 + k)
    return [b, b, 0.0, 1.0, (k - 1.0) / (k + 1.0), 0.0]


def _pair_section(k: float, damping: float) -> list[float]:
    norm = 1.0 + damping * k + k * k
    b = k * k / norm
    return [b, 2.0 * b, b, 1.0, 2.0 * (k * k - 1.0) / norm, (1.0 - damping * k + k * k) / norm]
