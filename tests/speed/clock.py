"""``python -m tests.speed.clock``: how well the regressed clock tells when samples were taken; simulated arrivals.

Errors are standard deviations of sample times against the truth, so without the constant part of the way, after half
a minute of learning.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from otolith.drivers.batch import Batch
from otolith.drivers.board import BoardInfo, Cell
from otolith.drivers.calibration import Linear
from otolith.service.timing import Timing

SECONDS, LEARNT = 120, 30
CASES = (
    # rate Hz, drift ppm, mean exponential delay ms, samples a report
    (125.0, 0.0, 1.0, 1),
    (125.0, 200.0, 1.0, 1),
    (125.0, -200.0, 1.0, 1),
    (1000.0, 200.0, 1.0, 1),
    (1000.0, 200.0, 1.0, 2),
    (1000.0, -200.0, 5.0, 2),
    (1000.0, 200.0, 1.0, 100),
)


def main() -> None:
    """Print the table."""
    given = ("Hz", "drift ppm", "jitter ms", "a report")
    table = Table(*given, "raw error ms", "error ms", "told ppm", "residual ms", "jumps")
    for rate, ppm, jitter, together in CASES:
        table.add_row(f"{rate:g}", f"{ppm:g}", f"{jitter:g}", str(together), *_figures(rate, ppm, jitter, together))
    Console(width=110).print(table)


def _figures(rate: float, ppm: float, jitter: float, together: int) -> list[str]:
    n = round(SECONDS * rate)
    true = 1e9 * np.arange(n) / rate / (1.0 + ppm * 1e-6)
    newest = np.minimum(np.arange(n) // together * together + together - 1, n - 1)
    late = np.random.default_rng(1).exponential(jitter * 1e6, n)
    host = np.maximum.accumulate(np.rint(true[newest] + late[newest])).astype(np.int64)
    timing = Timing(_board(rate))
    times = np.concatenate([timing(batch) for batch in _batches(host, max(1, round(0.005 * rate)))])
    after = round(LEARNT * rate)
    state = timing.state()
    assert state is not None
    raw, error = (float(np.std((found - true)[after:])) / 1e6 for found in (host, times))
    return [f"{raw:.3f}", f"{error:.4f}", f"{state.skew_ppm:.1f}", f"{state.residual_ms:.3f}", str(state.jumps)]


def _board(rate: float) -> BoardInfo:
    kind = Linear((1.0,), (0.0,), "nominal")
    return BoardInfo("sim:", "sim", "simulated", "1", "", "count", rate, (Cell("A", 0, 0),), kind, simulated=True)


def _batches(host: NDArray[np.int64], size: int) -> Iterator[Batch]:
    for at in range(0, len(host), size):
        part = host[at : at + size]
        yield Batch(at, np.zeros((len(part), 1)), part, np.zeros(len(part), np.uint32))


if __name__ == "__main__":
    main()
