"""Whole trials against what a user would run instead. Times are per sample of the trial."""

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal
from scipy.spatial.distance import pdist
from tests.speed.harness import Absent, Goal, Race, benchmark

from otolith.dsp._dispatch import instruction_set
from otolith.dsp.density import dwell
from otolith.dsp.diffusion import mean_squared_displacement
from otolith.dsp.entropy import approximate_entropy, sample_entropy
from otolith.dsp.fractal import dfa_exponent, fluctuation, scales
from otolith.dsp.hull import diameter, hull
from otolith.dsp.metrics.metric import measure
from otolith.dsp.metrics.registry import METRICS, chosen
from otolith.dsp.recipes import quijoux_native
from otolith.dsp.spectrum import welch
from otolith.dsp.swarii import swarii
from otolith.dsp.zero_phase import zero_phase

Array = NDArray[np.float64]
TRIAL = Path(__file__).parents[2] / "drivers/replay/library/BDS00001.txt.gz"
N = 3000
"""30 s at 100 Hz."""


@lru_cache(maxsize=1)
def table() -> Array:
    with gzip.open(TRIAL, "rt") as lines:
        rows: Array = np.loadtxt(lines, skiprows=1)
    return rows


def sway(n: int = N) -> Array:
    """AP of a real trial, mm, mean removed."""
    x: Array = 10.0 * table()[:n, 7]
    x -= x.mean()
    return x


def at_1_khz() -> tuple[Array, Array]:
    """30 s of the same trial at 1 kHz, both axes."""
    t, fine = np.arange(N) / 100.0, np.arange(10 * N) / 1000.0
    ml, ap = (np.interp(fine, t, 10.0 * table()[:N, column]) for column in (8, 7))
    return ml - ml.mean(), ap - ap.mean()


def antropy() -> Any:
    try:
        import antropy as peer  # noqa: PLC0415 - a peer, and slow to import
    except ImportError as error:
        raise Absent("antropy is not installed: pip install 'otolith[bench]'") from error
    return peer


SAMPEN = Goal(faster=25.0 if "v3" in instruction_set() else 8.0)


@benchmark("sample entropy, 3000 of sway", peer="antropy (numba)", goal=SAMPEN)
def sampen_sway() -> Race:
    x, peer = sway(), antropy()
    return Race(lambda: sample_entropy(x), lambda: peer.sample_entropy(x), N, N)


@benchmark("sample entropy, 3000 of noise", peer="antropy (numba)", goal=SAMPEN)
def sampen_noise() -> Race:
    x, peer = np.random.default_rng(1).normal(size=N), antropy()
    return Race(lambda: sample_entropy(x), lambda: peer.sample_entropy(x), N, N)


@benchmark("sample entropy, 10000 of noise", peer="antropy (numba)", goal=Goal(faster=20.0))
def sampen_long() -> Race:
    x, peer = np.random.default_rng(1).normal(size=10_000), antropy()
    return Race(lambda: sample_entropy(x), lambda: peer.sample_entropy(x), 10_000, 10_000)


@benchmark("approximate entropy, 3000", peer="antropy (trees)")
def apen() -> Race:
    x, peer = sway(), antropy()
    return Race(lambda: approximate_entropy(x), lambda: peer.app_entropy(x), N, N)


@benchmark("DFA, 3000", peer="antropy, its scales", goal=Goal(faster=1.0))
def dfa() -> Race:
    x, peer = sway(), antropy()
    return Race(lambda: dfa_exponent(x), lambda: peer.detrended_fluctuation(x), N, N)


@benchmark("DFA, 3000, 30 scales", peer="numpy polyfit", goal=Goal(faster=3.0))
def dfa_numpy() -> Race:
    x, sizes = sway(), scales(N)

    def peer() -> list[float]:
        profile, out = np.cumsum(x - x.mean()), []
        for size in sizes:
            boxes, t = profile[: N // size * size].reshape(-1, size).T, np.arange(size)
            slope, level = np.polyfit(t, boxes, 1)
            out.append(float(np.sqrt(np.mean((boxes - t[:, None] * slope - level) ** 2))))
        return out

    return Race(lambda: fluctuation(x, sizes), peer, N, N)


@benchmark("displacement, 3000, 1000 lags", peer="numpy lag by lag", goal=Goal(faster=20.0))
def msd() -> Race:
    x = sway()

    def peer() -> list[Any]:
        return [np.mean((x[m:] - x[:-m]) ** 2) for m in range(1, N // 3 + 1)]

    return Race(lambda: mean_squared_displacement(x, N // 3), peer, N, N)


@benchmark("zero-phase low-pass, 3000", peer="scipy filtfilt", goal=Goal(within=1.0))
def filtfilt() -> Race:
    x = sway()
    b, a = signal.butter(4, 0.2)
    return Race(lambda: zero_phase(x, 10.0, 100.0), lambda: signal.filtfilt(b, a, x), N, N)


@benchmark("spectrum, 3000", peer="scipy welch", goal=Goal(within=1.0))
def spectrum() -> Race:
    x = sway()
    return Race(
        lambda: welch(x, 100.0, 1000, 500, nfft=N, detrend="linear"),
        lambda: signal.welch(x, 100.0, "hann", 1000, 500, N, "linear"),  # type: ignore[call-overload]  # their stubs misspell it
        N,
        N,
    )


@benchmark("planar range, 3000", peer="scipy all pairs", goal=Goal(faster=20.0))
def planar_range() -> Race:
    x, y = sway(), 10.0 * table()[:N, 8]
    points = np.column_stack([x, y])
    return Race(lambda: diameter(hull(x, y)), lambda: pdist(points).max(), N, N)


@benchmark("SWARII, 3000 to 25 Hz", peer="numpy by window", goal=Goal(faster=50.0))
def resample() -> Race:
    x, t = sway(), np.arange(N) / 100.0

    def peer() -> list[Any]:
        return [np.average(x[np.abs(t - s) < 0.04]) for s in np.arange(0.0, t[-1], 0.04)]

    return Race(lambda: swarii(t, x, x), peer, N, N)


@benchmark("dwell times, 30 s at 1 kHz", peer="us at 100 Hz", goal=Goal(within=2.0))
def density() -> Race:
    slow = np.ascontiguousarray(10.0 * table()[:N, 8]), sway()
    fast = at_1_khz()
    return Race(lambda: dwell(*fast, 3.0), lambda: dwell(*slow, 3.0), 10 * N, N)


@benchmark("report of 30 s at 1 kHz", peer="us at 100 Hz")
def report() -> Race:
    """The 72 descriptors, sample entropy and fluctuation analysis."""
    wanted = [
        *chosen("quijoux72"),
        *(METRICS[f"{key}_{axis}"] for key in ("sample_entropy", "dfa_alpha") for axis in ("ML", "AP")),
    ]
    t = np.empty(0)

    def over(ml: Array, ap: Array, rate: float) -> list[float]:
        trace = quijoux_native(t, ml, ap, rate)
        return [measure(metric, trace).value for metric in wanted]

    slow = np.ascontiguousarray(10.0 * table()[:N, 8]), sway()
    fast = at_1_khz()
    return Race(lambda: over(*fast, 1000.0), lambda: over(*slow, 100.0), 10 * N, N)
