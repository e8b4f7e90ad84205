"""From a batch of counts to a frame with everything computed from it, in the board's reader thread."""

from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.board import BoardInfo
from otolith.drivers.calibration import Calibration, Linear, Matrix
from otolith.dsp import _wrench
from otolith.dsp._stream import CopStream
from otolith.dsp.filters import butter_lowpass
from otolith.service.bearing import Array, bearing
from otolith.service.errors import TareRefused
from otolith.service.frame import Frame
from otolith.service.grid import GridSway
from otolith.service.sections import PipelineConfig
from otolith.service.state import Grid
from otolith.service.tare import UNUSABLE, Taking, TareGates, Zero
from otolith.service.timing import Timing

FIGURES_PER_SECOND = 10
"""Of sample time; no screen shows more."""


class Pipeline:
    """Give it to ``Board.stream``. Called by one thread; ``take_zero`` and ``end`` belong to the event loop.

    Raises ValueError where the configuration does not fit the board (a cutoff beyond half its rate), or the calibration
    does not (another number of loads than its cells and plates have).
    """

    def __init__(
        self, info: BoardInfo, calibration: Calibration, config: PipelineConfig, zero: tuple[float, ...]
    ) -> None:
        self.zero = zero
        """Counts per channel in use."""
        self._board = info.id
        self._rate = info.rate
        self._has_cop = info.has_cop
        self._calibration = calibration
        self._bearing = bearing(info.cells, info.plates)
        self._arms = self._bearing.arms
        self._threshold = config.threshold_n
        self._gates = TareGates(config.tare_noise_n, config.tare_limit_n)
        self._every = max(1, round(info.rate / FIGURES_PER_SECOND))
        self._since_figures = 0
        self._taking: Taking | None = None
        self._in_stream = isinstance(calibration, Linear | Matrix)
        """The stream calibrates; any other kind gives it newtons."""
        loads = self._arms.shape[1]
        self._stream = CopStream(
            self._arms[1],
            self._arms[2],
            _gain(calibration, loads),
            self._offset(zero),
            weight=None if self._bearing.plain else self._arms[0],
            rate=info.rate,
            threshold=config.threshold_n,
            sos=butter_lowpass(config.order, config.cutoff_hz, info.rate),
            window=round(config.window_s * info.rate),
        )
        self.timing = Timing(info)
        self._uneven = GridSway(config) if info.irregular else None
        self.grid = self._uneven.grid if self._uneven else Grid(info.rate, "samples", 0.0, 0.0)
        """Of the streaming sway."""

    def __call__(self, batch: Batch) -> Frame:
        """Compute the frame; a zero that comes to be taken with it applies from the next."""
        if batch.missed:
            self._stream.gap()
        frame = self._frame(batch)
        if self._taking is not None:
            self._feed(self._taking, batch)
        return frame

    def take_zero(self, seconds: float) -> Future[Zero]:
        """Begin a tare with the next batch; the future raises TareRefused. Raises it at once while one is under way."""
        if self._taking is not None:
            raise TareRefused("a tare of this board is already under way")
        self._taking = Taking(seconds, self._rate, self._calibration, self._gates, self._arms[0])
        return self._taking.future

    def end(self, reason: str) -> None:
        """The stream has ended: a tare under way is refused. Not while the reader thread still runs."""
        taking, self._taking = self._taking, None
        if taking is not None and taking.future.set_running_or_notify_cancel():
            taking.future.set_exception(TareRefused(reason))

    def _frame(self, batch: Batch) -> Frame:
        n, k = len(batch), self._stream.cells
        loads, cop, smooth = np.empty((n, k)), np.empty((n, 2)), np.empty((n, 2))
        force = np.empty(n)
        untrusted = _untrusted(batch)
        counts = np.ascontiguousarray(batch.counts)
        given = counts if self._in_stream else self._calibration.loads(counts, self.zero)
        unloaded = self._stream.run(
            given if untrusted is None else np.where(untrusted[:, None], np.nan, given), loads, force, cop, smooth
        )
        flags = batch.flags.copy()
        if untrusted is not None:
            loads[untrusted] = self._calibration.loads(counts[untrusted], self.zero)
            force[untrusted] = loads[untrusted] @ self._arms[0]
        if unloaded:
            empty = np.isnan(cop[:, 0])
            flags[empty if untrusted is None else empty & ~untrusted] |= np.uint32(Flag.UNLOADED)
        if batch.missed and n:
            flags[0] |= np.uint32(Flag.AFTER_GAP)
        if not self._has_cop:
            cop[:] = smooth[:] = np.nan
            flags |= np.uint32(Flag.NO_COP)
        t = self.timing(batch)
        if self._uneven is not None:
            self._uneven.add(t, cop)
        sway = (self._uneven or self._stream).figures() if self._has_cop and self._figures_due(n) else None
        return Frame(
            board=self._board,
            seq=batch.seq,
            missed=batch.missed,
            t=t,
            t_arrival=batch.t_host,
            counts=counts,
            loads=loads,
            force=force,
            cop=cop,
            smooth=smooth,
            flags=flags,
            sway=sway,
            grid=None if sway is None else self.grid,
            t_device=batch.t_device,
            parts=None if self._bearing.plain else self._parts(loads, untrusted),
            sides=None if self._bearing.sides is None else loads @ self._bearing.sides.T,
        )

    def _parts(self, loads: Array, untrusted: NDArray[np.bool_] | None) -> Array:
        """What each plate bears, and where; a CoP that cannot be trusted is none."""
        parts = np.empty((len(loads), self._bearing.plates, 3))
        _wrench.parts(loads, self._arms, self._threshold, parts)
        if untrusted is not None:
            parts[untrusted, :, 1:] = np.nan
        return parts

    def _offset(self, zero: tuple[float, ...]) -> tuple[float, ...]:
        """What the stream has to subtract: it takes counts where it calibrates, and loads where it does not."""
        return zero if self._in_stream else (0.0,) * self._arms.shape[1]

    def _figures_due(self, n: int) -> bool:
        self._since_figures += n
        if self._since_figures < self._every:
            return False
        self._since_figures %= self._every
        return True

    def _feed(self, taking: Taking, batch: Batch) -> None:
        try:
            zero = taking.add(batch)
        except TareRefused as refusal:
            self._taking = None
            if taking.future.set_running_or_notify_cancel():
                taking.future.set_exception(refusal)
            return
        if zero is not None:
            self._taking = None
            if taking.future.set_running_or_notify_cancel():
                self._stream.tare(self._offset(zero.counts))
                self.zero = zero.counts
                taking.future.set_result(zero)


def _untrusted(batch: Batch) -> NDArray[np.bool_] | None:
    """Which of its samples hold no number; None where all of them do, as nearly always."""
    if not int(np.bitwise_or.reduce(batch.flags)) & UNUSABLE:
        return None
    untrusted: NDArray[np.bool_] = (batch.flags & UNUSABLE) != 0
    return untrusted


def _gain(calibration: Calibration, loads: int) -> Array:
    """What the stream multiplies by: newtons per count by load or as a matrix, 1 where it is given newtons."""
    match calibration:
        case Linear():
            return np.array(calibration.gain)
        case Matrix():
            return np.array(calibration.rows)
        case _:
            return np.ones(loads)
