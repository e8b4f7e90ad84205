"""Streaming sway of a board that samples unevenly: resampled first, so that rates and windows mean what they say."""

import numpy as np
from numpy.typing import NDArray

from otolith.dsp._filter import filter_block
from otolith.dsp._resample import SwariiStream
from otolith.dsp._sway import SwayWindow
from otolith.dsp.filters import butter_lowpass, steady_state
from otolith.dsp.sway import Sway
from otolith.service.sections import PipelineConfig
from otolith.service.state import Grid

Array = NDArray[np.float64]


class GridSway:
    """CoP at uneven times in, sway on an even grid out: SWARII, then the causal filter. For one thread.

    Grid times without a sample near them hold nobody: they take their place in the window and break the path.
    Raises ValueError where the cutoff does not fit the grid.
    """

    def __init__(self, config: PipelineConfig) -> None:
        rate, window = config.grid_hz, config.grid_window_s
        self.grid = Grid(rate, "swarii", window, window / 2.0 + 1.0 / rate)
        self._swarii = SwariiStream(rate, window)
        self._sos = butter_lowpass(config.order, config.cutoff_hz, rate)
        self._rest = steady_state(self._sos)
        self._state = np.full((len(self._sos), 2, 2), np.nan)
        self._sway = SwayWindow(round(config.window_s * rate), rate=rate)
        self._origin: int | None = None
        self._first = 0.0
        """The grid's first time, seconds after the origin."""
        self._next = 0
        """The grid's next place."""

    def add(self, t: NDArray[np.int64], cop: Array) -> Array:
        """Take samples at ``t`` (ns, increasing), ``cop`` ``(n, 2)`` mm; the grid's new rows ``(m, 2)``, filtered."""
        if len(t) == 0:
            return np.empty((0, 2))
        if self._origin is None:
            self._origin = int(t[0])
        seconds = np.asarray((t - self._origin) * 1e-9, dtype=np.float64)
        rows = self._placed(self._swarii.run(seconds, np.ascontiguousarray(cop)), float(seconds[-1]))
        filter_block(self._sos, self._rest, self._state, rows, rows)
        self._sway.run(rows)
        return rows

    def figures(self) -> Sway:
        """Of the newest window."""
        return self._sway.figures()

    def _placed(self, found: Array, now: float) -> Array:
        """Rows at every place of the grid that is over, NaN where nothing was found."""
        if self._next == 0:
            if len(found) == 0:
                return np.empty((0, 2))
            self._first = float(found[0, 0])
        places = np.rint((found[:, 0] - self._first) * self.grid.rate_hz).astype(np.int64) - self._next
        found, places = found[places >= 0], places[places >= 0]
        over = int((now - self.grid.latency_s - self._first) * self.grid.rate_hz) - self._next
        count = max(over, int(places[-1]) + 1 if len(places) else 0, 0)
        self._next += count
        skipped = max(0, count - self._sway.window - len(places))
        rows = np.full((count - skipped, 2), np.nan)
        kept = places >= skipped
        rows[places[kept] - skipped] = found[kept, 1:]
        return rows
