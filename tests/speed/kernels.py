"""The real-time kernels against what a user would write instead. Times are per sample."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal
from tests.speed.harness import Absent, Call, Goal, Race, benchmark

from otolith.dsp import _cop, _wrench
from otolith.dsp._stream import CopStream
from otolith.dsp.filters import butter_lowpass
from otolith.dsp.plates.levers import plate_levers
from otolith.dsp.reference import cop as reference

Array = NDArray[np.float64]

X, Y = np.array([-216.5, 216.5, -216.5, 216.5]), np.array([119.0, 119.0, -119.0, -119.0])
BLOCK = 1_000_000
CACHED = 8192
"""Samples whose loads, force and CoP fit into a second-level cache: 458 KB."""


def standing(n: int) -> Array:
    return np.random.default_rng(1).uniform(100.0, 300.0, (n, 4))


def our_cop(loads: Array) -> Call:
    n = len(loads)
    force, cop = np.empty(n), np.empty((n, 2), order="F" if loads.flags.f_contiguous else "C")
    return lambda: _cop.cells(loads, X, Y, 20.0, force, cop)


def numpy_cop(loads: Array) -> Call:
    arms = np.column_stack([X, Y])

    def call() -> Array:
        force = loads.sum(axis=1)
        cop: Array = loads @ arms
        cop /= force[:, None]
        cop[force < 20.0] = np.nan
        return cop

    return call


def triad(n: int) -> Call:
    """STREAM's triad, a = b + s c, compiled."""
    try:
        from numba import njit  # noqa: PLC0415 - a peer, and slow to import
    except ImportError as error:
        raise Absent("numba is not installed: pip install 'otolith[bench]'") from error

    def loop(a: Array, b: Array, c: Array) -> None:
        for i in range(len(a)):
            a[i] = b[i] + 3.0 * c[i]

    compiled: Any = njit(loop)
    a, b, c = np.empty(n), np.ones(n), np.ones(n)
    return lambda: compiled(a, b, c)


@benchmark("CoP, 4 cells, 1e6 rows", peer="numpy", goal=Goal(faster=6.0))
def cop_block() -> Race:
    loads = standing(BLOCK)
    return Race(our_cop(loads), numpy_cop(loads), BLOCK, BLOCK)


@benchmark("CoP, 4 cells, 1e6 by columns", peer="numpy")
def cop_columns() -> Race:
    loads = np.asfortranarray(standing(BLOCK))
    return Race(our_cop(loads), numpy_cop(loads), BLOCK, BLOCK)


@benchmark("CoP, 4 cells, 1e6 rows", peer="triad, same bytes", goal=Goal(within=1.5))
def cop_against_memory() -> Race:
    """A row moves 32 B in and 24 B out, 24 B more to fetch the lines it writes; the triad 32 B an element."""
    return Race(our_cop(standing(BLOCK)), triad(BLOCK * 80 // 32), BLOCK, BLOCK)


@benchmark("CoP, 4 cells, rows in L2", peer="numpy", goal=Goal(faster=6.0))
def cop_cached() -> Race:
    loads = standing(CACHED)
    return Race(our_cop(loads), numpy_cop(loads), CACHED, CACHED)


@benchmark("CoP, 4 cells, columns in L2", peer="numpy", goal=Goal(faster=6.0))
def cop_cached_columns() -> Race:
    loads = np.asfortranarray(standing(CACHED))
    return Race(our_cop(loads), numpy_cop(loads), CACHED, CACHED)


@benchmark("6 components, calibration, CoP, Tz", peer="numpy twin", goal=Goal(faster=5.0))
def six_components() -> Race:
    n = 100_000
    rng = np.random.default_rng(1)
    signals, columns, offset = rng.normal(5.0, 1.0, (n, 6)), rng.normal(0.0, 100.0, (6, 6)), np.array([1.0, 2.0, -40.0])
    wrench, cop, free_moment = np.empty((n, 6)), np.empty((n, 2)), np.empty(n)

    def peer() -> tuple[Array, Array]:
        return reference.wrenches(signals @ columns, offset, 20.0)

    return Race(lambda: _wrench.calibrated(signals, columns, offset, 20.0, wrench, cop, free_moment), peer, n, n)


class Streaming:
    """The whole real-time path at one block size."""

    def __init__(self, block: int) -> None:
        self.sos = butter_lowpass(4, 10.0, 1000.0)
        self.stream = CopStream(X, Y, [0.1] * 4, [2000.0] * 4, rate=1000.0, sos=self.sos, window=1000)
        self.counts = standing(block) * 10.0 + 2000.0
        self.out = np.empty((block, 4)), np.empty(block), np.empty((block, 2)), np.empty((block, 2))

    def run(self) -> int:
        return self.stream.run(self.counts, *self.out)


def sample_by_sample(samples: int) -> Call:
    """What a script does: scipy's sosfilt on one sample at a time, its state carried."""
    sos = signal.butter(4, 10.0, fs=1000.0, output="sos")
    trace = np.random.default_rng(1).normal(0.0, 5.0, (samples, 1, 2))

    def call() -> None:
        state = np.zeros((len(sos), 2, 2))
        for sample in trace:
            _, state = signal.sosfilt(sos, sample, axis=0, zi=state)

    return call


class WrenchStreaming(Streaming):
    """The same for two plates of six components, crosstalk and all, with what each plate bears."""

    def __init__(self, block: int) -> None:
        super().__init__(block)
        rng = np.random.default_rng(1)
        self.levers = np.hstack([plate_levers(x, 0.0, 10.0, 40.0) for x in (-250.0, 250.0)])
        self.matrix = np.eye(12) + rng.normal(0.0, 0.02, (12, 12))
        self.counts = 500.0 + rng.uniform(100.0, 300.0, (block, 12))
        self.arms = np.stack([self.levers[2], -self.levers[4], self.levers[3]])
        self.stream = CopStream(
            self.arms[1], self.arms[2], self.matrix, [500.0] * 12, weight=self.arms[0], rate=1000.0, sos=self.sos,
            window=1000,
        )  # fmt: skip
        self.out = np.empty((block, 12)), np.empty(block), np.empty((block, 2)), np.empty((block, 2))
        self.parts = np.empty((block, 2, 3))

    def run(self) -> int:
        unloaded = super().run()
        _wrench.parts(self.out[0], self.arms, 20.0, self.parts)
        return unloaded

    def numpy(self) -> None:
        """Matrix, CoP, plates and filter in blocks; no rolling sway, which numpy has not."""
        loads = (self.counts - 500.0) @ self.matrix.T
        wrench = loads @ self.levers.T
        cop, _ = reference.wrenches(wrench, np.zeros(3), 20.0)
        reference.parts(loads, self.levers, 20.0)
        signal.sosfilt(self.sos, cop, axis=0)


@benchmark("streaming path, two 6-component plates, blocks of 1000", peer="numpy and sosfilt, without sway")
def streaming_wrenches() -> Race:
    ours = WrenchStreaming(1000)
    return Race(ours.run, ours.numpy, 1000, 1000)


@benchmark("streaming path, two 6-component plates, blocks of 8", peer="numpy and sosfilt, without sway")
def streaming_wrench_reports() -> Race:
    ours = WrenchStreaming(8)
    return Race(ours.run, ours.numpy, 8, 8)


@benchmark("streaming path, blocks of 1000", peer="sosfilt by sample", goal=Goal(faster=250.0))
def streaming() -> Race:
    return Race(Streaming(1000).run, sample_by_sample(50), 1000, 50)


@benchmark("streaming path, blocks of 100", peer="sosfilt by sample", goal=Goal(faster=250.0))
def streaming_small() -> Race:
    return Race(Streaming(100).run, sample_by_sample(50), 100, 50)


@benchmark("streaming path, blocks of 8", peer="sosfilt by sample")
def streaming_reports() -> Race:
    return Race(Streaming(8).run, sample_by_sample(50), 8, 50)


@benchmark("streaming path, blocks of 1000", peer="sosfilt alone, blocks of 1000")
def streaming_against_blocks() -> Race:
    sos = signal.butter(4, 10.0, fs=1000.0, output="sos")
    trace, state = np.random.default_rng(1).normal(0.0, 5.0, (1000, 2)), np.zeros((len(sos), 2, 2))
    return Race(Streaming(1000).run, lambda: signal.sosfilt(sos, trace, axis=0, zi=state), 1000, 1000)


class Nothing:
    """The cheapest method that takes four numbers."""

    def push(self, c0: float, c1: float, c2: float, c3: float) -> None:
        pass


@benchmark("push of one sample from Python", peer="a call that does nothing", goal=Goal(within=100 / 45))
def push() -> Race:
    """The goal is 100 ns where a call that does nothing costs 45; both loops have the same overhead."""
    stream, nothing = Streaming(1).stream, Nothing()
    rounds = range(1_000)

    def ours() -> None:
        for _ in rounds:
            stream.push(3000.0, 3001.0, 3002.0, 3003.0)

    def peer() -> None:
        for _ in rounds:
            nothing.push(3000.0, 3001.0, 3002.0, 3003.0)

    return Race(ours, peer, len(rounds), len(rounds))
