"""One writer at a time: a second thread is refused while the first works without the GIL, and harms nothing."""

import threading
from collections.abc import Callable
from typing import Protocol

import numpy as np
import pytest

from otolith.dsp._clock import ClockFit
from otolith.dsp._resample import SwariiStream
from otolith.dsp._stream import CopStream
from otolith.dsp._sway import SwayWindow
from otolith.dsp.reference.sway import sway as textbook

N = 1_000_000
TRACE = np.random.default_rng(1).normal(0.0, 10.0, (N, 2))


class Kernel(Protocol):
    """Something to race for: long work, a call that is refused anyway, and a look at what came out."""

    def work(self) -> None: ...
    def intrude(self) -> None: ...
    def check(self) -> None: ...


class Stream:
    def __init__(self) -> None:
        self.stream = CopStream([-1, 1], [1, 1], [1, 1], [0, 0], rate=1000.0, window=1000)
        self.out = np.empty((N, 2)), np.empty(N), np.empty((N, 2)), np.empty((N, 2))

    def work(self) -> None:
        self.stream.run(TRACE + 200.0, *self.out)

    def intrude(self) -> None:
        self.stream.push(1.0, 2.0, 3.0, 4.0)

    def check(self) -> None:
        expected = textbook(self.out[3][-1000:], 1000.0)
        assert self.stream.figures().path_length == pytest.approx(expected.path_length, rel=1e-9)


class Window:
    def __init__(self) -> None:
        self.window = SwayWindow(1000, rate=1000.0)

    def work(self) -> None:
        self.window.run(TRACE)

    def intrude(self) -> None:
        self.window.run(np.ones((1, 3)))

    def check(self) -> None:
        expected = textbook(TRACE[-1000:], 1000.0)
        assert self.window.figures().path_length == pytest.approx(expected.path_length, rel=1e-9)


class Resampler:
    def __init__(self) -> None:
        self.rows = 0

    def work(self) -> None:
        self.stream = SwariiStream(rate=25.0, window=0.08)
        self.rows = len(self.stream.run(np.linspace(0.0, 1e-3 * (N - 1), N), TRACE))

    def intrude(self) -> None:
        self.stream.run(np.zeros(2), np.zeros((2, 2)))

    def check(self) -> None:
        assert self.rows == 24_999


class Clock:
    def __init__(self) -> None:
        self.clock, self.out = ClockFit(0.001), np.empty(N, dtype=np.int64)

    def work(self) -> None:
        self.clock.reset()
        self.clock.run(np.arange(N, dtype=np.float64), np.arange(N) * 1_000_000, self.out)

    def intrude(self) -> None:
        self.clock.run(np.zeros(2), np.zeros(1, dtype=np.int64), self.out)

    def check(self) -> None:
        assert self.clock.period == pytest.approx(0.001, rel=1e-9)


@pytest.mark.parametrize("make", [Stream, Window, Resampler, Clock])
def test_a_second_writer_is_refused_and_harms_nothing(make: Callable[[], Kernel]) -> None:
    """The intruder's call is one that is refused in any case, so that it changes nothing between two runs either."""
    kernel, refused, stop = make(), threading.Event(), threading.Event()
    kernel.work()

    def intrude() -> None:
        while not (stop.is_set() or refused.is_set()):
            with pytest.raises(ValueError, match=r".") as refusal:
                kernel.intrude()
            if "one writer at a time" in str(refusal.value):
                refused.set()

    intruder = threading.Thread(target=intrude)
    intruder.start()
    for _ in range(200):
        kernel.work()
        if refused.is_set():
            break
    stop.set()
    intruder.join(10.0)
    assert refused.is_set()
    kernel.check()
