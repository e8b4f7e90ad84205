"""What Prometheus scrapes: health of every stream, read when asked; latency, counted as it happens."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from otolith.api.broker import Bus
from otolith.service.hub import Policy
from otolith.service.state import BoardPhase, BoardState, ClockState, StreamHealth
from otolith.service.station import Station

LATENCY_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.05, 0.1, 0.5)
"""Seconds; 15 ms is the budget."""
TAP_FRAMES = 256

Reading = Callable[[StreamHealth], float]

GAUGES: dict[str, tuple[str, Reading]] = {
    "otolith_board_rate_hertz": ("Samples per second", lambda health: health.rate_hz),
    "otolith_board_jitter_seconds": ("Standard deviation of arrival", lambda health: health.jitter_ms / 1e3),
}
CLOCK_GAUGES: dict[str, tuple[str, Callable[[ClockState], float]]] = {
    "otolith_board_clock_residual_seconds": (
        "Root mean square distance of arrivals from the regressed clock",
        lambda clock: clock.residual_ms / 1e3,
    ),
    "otolith_board_clock_skew_ppm": ("How much faster the board's clock runs", lambda clock: clock.skew_ppm),
}
COUNTERS: dict[str, tuple[str, Reading]] = {
    "otolith_board_samples": ("Samples received", lambda health: health.samples),
    "otolith_board_lost_samples": ("Samples known to be lost", lambda health: health.lost),
    "otolith_board_malformed_reports": ("Reports refused by the codec", lambda health: health.malformed),
    "otolith_board_overruns": ("Batches dropped before the pipeline", lambda health: health.overruns),
}


class StationCollector(Collector):
    """The station's own figures as metric families."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def collect(self) -> Iterator[Metric]:
        """Read the station once."""
        boards = self._station.boards()
        yield GaugeMetricFamily("otolith_ready", "Whether the station is ready", float(self._station.state().ready))
        yield _streaming(boards)
        for name, (text, reading) in GAUGES.items():
            yield _filled(GaugeMetricFamily(name, text, labels=["board"]), boards, reading)
        for name, (text, reading) in COUNTERS.items():
            yield _filled(CounterMetricFamily(name, text, labels=["board"]), boards, reading)
        yield from _clocks(boards)
        yield _recorded(boards)
        yield from self._hub()

    def _hub(self) -> Iterator[Metric]:
        statistics = self._station.frames.statistics()
        yield CounterMetricFamily("otolith_frames", "Frames published in the station", statistics.published)
        taps = GaugeMetricFamily("otolith_taps", "Subscriptions to the frames", labels=["tap"])
        queued = GaugeMetricFamily("otolith_tap_queued_frames", "Frames that wait for a subscriber", labels=["tap"])
        dropped = GaugeMetricFamily("otolith_tap_dropped_frames", "Frames dropped for open taps", labels=["tap"])
        for name in sorted({tap.name for tap in statistics.taps}):
            mine = [tap for tap in statistics.taps if tap.name == name]
            taps.add_metric([name], len(mine))
            queued.add_metric([name], sum(tap.queued for tap in mine))
            dropped.add_metric([name], sum(tap.dropped for tap in mine))
        yield from (taps, queued, dropped)


def _streaming(boards: Iterable[BoardState]) -> Metric:
    family = GaugeMetricFamily("otolith_board_streaming", "Whether the board streams", labels=["board"])
    for board in boards:
        family.add_metric([board.id], float(board.phase is BoardPhase.STREAMING))
    return family


def _recorded(boards: Iterable[BoardState]) -> Metric:
    family = GaugeMetricFamily("otolith_board_journal_samples", "Samples in the open journal", labels=["board"])
    for board in boards:
        if board.recording is not None:
            family.add_metric([board.id], board.recording.samples)
    return family


def _clocks(boards: Iterable[BoardState]) -> Iterator[Metric]:
    running = [(board.id, board.clock) for board in boards if board.clock is not None]
    for name, (text, reading) in CLOCK_GAUGES.items():
        gauge = GaugeMetricFamily(name, text, labels=["board"])
        for board, clock in running:
            gauge.add_metric([board], reading(clock))
        yield gauge
    jumps = CounterMetricFamily(
        "otolith_board_clock_jumps", "Jumps of the board's clock since it was connected", labels=["board"]
    )
    for board, clock in running:
        jumps.add_metric([board], clock.jumps)
    yield jumps


def _filled(family: GaugeMetricFamily | CounterMetricFamily, boards: Iterable[BoardState], reading: Reading) -> Metric:
    for board in boards:
        if board.health is not None:
            family.add_metric([board.id], reading(board.health))
    return family


class BusCollector(Collector):
    """What passed over the message bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def collect(self) -> Iterator[Metric]:
        """Read the counters once."""
        family = CounterMetricFamily("otolith_mqtt", "Messages and connections of the bus", labels=["what"])
        for what, count in self._bus.counters().items():
            family.add_metric([what], count)
        yield family


class Metrics:
    """A registry of its own, so that two stations in one process do not mix."""

    def __init__(self, station: Station, bus: Bus | None = None) -> None:
        self._station = station
        self.registry = CollectorRegistry()
        self.registry.register(StationCollector(station))
        if bus is not None:
            self.registry.register(BusCollector(bus))
        self._latency = Histogram(
            "otolith_latency_seconds",
            "USB completion of the newest sample of a frame to its reader in this process",
            ["board"],
            registry=self.registry,
            buckets=LATENCY_BUCKETS,
        )

    async def watch(self) -> None:
        """Count the latency of every frame, until the station stops or the task is cancelled."""
        with self._station.frames.tap("metrics", Policy.OLDEST, TAP_FRAMES) as tap:
            async for frame in tap:
                age_s = (self._station.clock.monotonic_ns() - int(frame.t_arrival[-1])) / 1e9
                self._latency.labels(frame.board).observe(age_s)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)
