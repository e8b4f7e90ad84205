"""One board in a terminal: figures, loads and the newest seconds of the stabilogram."""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from otolith.api.cli.braille import braille
from otolith.api.traces import figures_of
from otolith.dsp.sway import Sway
from otolith.service.frame import Frame
from otolith.service.state import BoardPhase, BoardState

TRAIL_SECONDS: Final = 20.0
COLUMNS, ROWS = 36, 18
SPANS_MM: Final = (5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0)
BAR: Final = 24

Points = NDArray[np.float64]


@dataclass(slots=True)
class BoardView:
    """Takes frames in, shows the newest."""

    newest: Frame | None = None
    sway: Sway | None = None
    _trail: deque[tuple[NDArray[np.int64], Points]] = field(default_factory=deque)

    def add(self, frames: Iterable[Frame]) -> None:
        """Take frames of one board, in order."""
        for frame in frames:
            self._trail.append((frame.t, frame.smooth))
            self.newest = frame
            self.sway = frame.sway or self.sway
        while self._trail and self._trail[0][0][-1] < self._trail[-1][0][-1] - TRAIL_SECONDS * 1e9:
            self._trail.popleft()

    def figures(self) -> dict[str, object]:
        """The newest sample, for programs."""
        if self.newest is None:
            return {"cop_mm": None, "force_n": None, "loads_n": None, "sway": None}
        return {
            "cop_mm": self.newest.smooth[-1].tolist(),
            "force_n": float(self.newest.force[-1]),
            "loads_n": self.newest.loads[-1].tolist(),
            "sway": figures_of(self.sway) if self.sway else None,
        }

    def line(self, board: BoardState) -> str:
        """One line, where there is no terminal to draw on."""
        if self.newest is None:
            return f"{board.id} {board.phase}: {board.reason or 'no data yet'}"
        x, y = self.newest.smooth[-1]
        rate = board.health.rate_hz if board.health else math.nan
        where = f"CoP {x:.1f} {y:.1f} mm" if board.has_cop else "no CoP"
        return f"{board.id} {board.phase} {rate:.1f} Hz  {self.newest.force[-1]:.1f} N  {where}"

    def panel(self, board: BoardState) -> RenderableType:
        """Everything, drawn."""
        title = f"{board.model or board.moniker}{'  SIMULATED' if board.simulated else ''}"
        colour = "green" if board.phase is BoardPhase.STREAMING else "red"
        figures = Group(self._health(board), self._loads(board), self._sway())
        return Panel(
            Columns([self._stabilogram(board), figures], padding=(0, 2)),
            title=title,
            subtitle=board.reason or f"{board.phase}; Ctrl-C ends",
            border_style=colour,
        )

    def _stabilogram(self, board: BoardState) -> RenderableType:
        points = np.concatenate([points for _, points in self._trail]) if self._trail else np.empty((0, 2))
        points = points[np.isfinite(points).all(axis=1)]
        if not len(points):
            why = "nobody on the board" if board.has_cop else "this board measures force only: it has no CoP"
            return Text("\n".join(braille(points, 1.0, COLUMNS, ROWS)) + f"\n{why}")
        centred = points - (points.max(axis=0) + points.min(axis=0)) / 2
        extent = float(np.abs(centred).max())
        span = next((span for span in SPANS_MM if span > extent), SPANS_MM[-1])
        return Text("\n".join(braille(centred, span, COLUMNS, ROWS)) + f"\n{2 * span:.0f} mm across, forward is up")

    def _health(self, board: BoardState) -> RenderableType:
        table = _figures()
        health = board.health
        if health is not None:
            table.add_row("rate", f"{health.rate_hz:.1f} Hz")
            table.add_row("jitter", f"{health.jitter_ms:.2f} ms")
            table.add_row("lost", str(health.lost))
            table.add_row("latency p99", f"{health.latency_p99_ms:.1f} ms")
        return table

    def _loads(self, board: BoardState) -> RenderableType:
        table = _figures()
        if self.newest is None:
            return table
        parts, force = self.newest.parts, float(self.newest.force[-1])
        what, loads = ("cell", self.newest.loads[-1]) if parts is None else ("plate", parts[-1, :, 0])
        if board.has_cop:
            x, y = self.newest.smooth[-1]
            table.add_row("CoP", f"{x:7.1f} right {y:7.1f} forward mm")
        table.add_row("force", f"{force:7.1f} N")
        for number, load in enumerate(loads):
            share = min(max(float(load) / force, 0.0), 1.0) if force > 0 else 0.0
            table.add_row(f"{what} {number}", f"{load:7.1f} N {'█' * round(share * BAR)}")
        return table

    def _sway(self) -> RenderableType:
        table = _figures()
        if self.sway is not None:
            table.add_row("window", f"{self.sway.seconds:.0f} s")
            table.add_row("mean velocity", f"{self.sway.mean_velocity:.1f} mm/s")
            table.add_row("95 % ellipse", f"{self.sway.prediction_ellipse_area:.0f} mm²")
        return table


def _figures() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    return table
