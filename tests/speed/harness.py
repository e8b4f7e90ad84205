"""How a race is run: ours and a peer in turns, in one process, the best of several laps each."""

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter_ns

NOISE = 0.15
"""A goal counts as missed only beyond this allowance: shared machines differ by that much from minute to minute."""
LAPS = 9
"""At least so many each; more as long as the race is within its time."""
RACE_NS = 800_000_000
LAP_NS = 2_000_000
"""A lap repeats its call for about this long: less than a scheduler's turn, so that the best lap was left alone."""

Call = Callable[[], object]


class Absent(Exception):
    """A peer that is not installed here; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Race:
    """Two ways to the same numbers. ``samples`` is what one call handles, so that times compare per sample."""

    ours: Call
    peer: Call
    samples: int
    peer_samples: int


@dataclass(frozen=True, slots=True)
class Goal:
    """What the ratio of times has to be."""

    faster: float | None = None
    """Peer's time over ours, at least."""
    within: float | None = None
    """Our time over the peer's, at most."""

    def met(self, speedup: float) -> bool:
        """Whether a measured ``speedup`` (peer over ours) meets the goal, allowing for noise."""
        fast = self.faster is None or speedup >= self.faster * (1 - NOISE)
        near = self.within is None or 1 / speedup <= self.within * (1 + NOISE)
        return fast and near

    def __str__(self) -> str:
        if self.faster is not None:
            return f"≥ {self.faster:g}x"
        return f"≤ {self.within:.3g} of it" if self.within is not None else "-"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A race that has a name, a peer and a goal; ``prepare`` sets it up and is not timed."""

    name: str
    peer: str
    goal: Goal
    prepare: Callable[[], Race]


@dataclass(frozen=True, slots=True)
class Result:
    """What came out, in nanoseconds per sample."""

    name: str
    peer: str
    goal: str
    ours_ns: float
    peer_ns: float
    speedup: float
    met: bool


_REGISTER: list[Benchmark] = []


def benchmark(name: str, *, peer: str, goal: Goal | None = None) -> Callable[[Callable[[], Race]], Callable[[], Race]]:
    """Enter a function that returns a :class:`Race` into the programme."""

    def enter(prepare: Callable[[], Race]) -> Callable[[], Race]:
        _REGISTER.append(Benchmark(name, peer, goal or Goal(), prepare))
        return prepare

    return enter


def programme() -> Iterator[Benchmark]:
    """Every benchmark entered so far."""
    return iter(_REGISTER)


def run(entry: Benchmark) -> Result:
    """Prepare and run one race. Raises :class:`Absent` where its peer is not installed."""
    race = entry.prepare()
    ours_calls, peer_calls = _calls(race.ours), _calls(race.peer)
    gc.collect()
    gc.disable()
    try:
        laps: list[tuple[float, float]] = []
        start = perf_counter_ns()
        while len(laps) < LAPS or perf_counter_ns() - start < RACE_NS:
            laps.append((_lap(race.ours, ours_calls), _lap(race.peer, peer_calls)))
    finally:
        gc.enable()
    ours = min(lap[0] for lap in laps) / race.samples
    peer = min(lap[1] for lap in laps) / race.peer_samples
    speedup = peer / ours
    return Result(entry.name, entry.peer, str(entry.goal), ours, peer, speedup, entry.goal.met(speedup))


def _lap(call: Call, calls: int) -> float:
    start = perf_counter_ns()
    for _ in range(calls):
        call()
    return (perf_counter_ns() - start) / calls


def _calls(call: Call) -> int:
    """How often to call in a lap; the first calls also warm caches and compilers."""
    call()
    return max(1, round(LAP_NS / max(_lap(call, 1), 1.0)))
