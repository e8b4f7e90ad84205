"""From a batch of counts to a frame with everything computed from it, in the board's reader thread."""

from concurrent.futures import Future

import numpy as np

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.board import BoardInfo
from otolith.drivers.calibration import Calibration, Linear
from otolith.dsp._stream import CopStream
from otolith.dsp.filters import butter_lowpass
from otolith.service.errors import TareRefused
from otolith.service.frame import Frame
from otolith.service.sections import PipelineConfig
from otolith.service.tare import UNUSABLE, Taking, TareGates, Zero

FIGURES_PER_SECOND = 10
"""Of sample time; no screen shows more."""


class Pipeline:
    """Give it to ``Board.stream``. Called by one thread; ``take_zero`` and ``end`` belong to the event loop.

    Raises ValueError where the configuration does not fit the board (a cutoff beyond half its rate).
    """

    def __init__(
        self, info: BoardInfo, calibration: Calibration, config: PipelineConfig, zero: tuple[float, ...]
    ) -> None:
        self.zero = zero
        """Counts per cell in use."""
        self._board = info.id
        self._rate = info.rate
        self._calibration = calibration
        self._gates = TareGates(config.tare_noise_n, config.tare_limit_n)
        self._every = max(1, round(info.rate / FIGURES_PER_SECOND))
        self._since_figures = 0
        self._taking: Taking | None = None
        self._stream = CopStream(
            [cell.x for cell in info.cells],
            [cell.y for cell in info.cells],
            calibration.gain if isinstance(calibration, Linear) else (1.0,) * len(info.cells),
            self._offset(zero),
            rate=info.rate,
            threshold=config.threshold_n,
            sos=butter_lowpass(config.order, config.cutoff_hz, info.rate),
            window=round(config.window_s * info.rate),
        )

    def __call__(self, batch: Batch) -> Frame:
        """Compute the frame; a zero that comes to be taken with it applies from the next."""
        if batch.missed:
            self._stream.gap()
        frame = self._frame(batch)
        if self._taking is not None:
            self._feed(self._taking, batch)
        return frame

    def take_zero(self, seconds: float, *, use: bool = True) -> Future[Zero]:
        """Begin a tare with the next batch; the future raises TareRefused. Raises it at once while one is under way.

        ``use=False`` measures a zero and leaves the one in use as it is.
        """
        if self._taking is not None:
            raise TareRefused("a tare of this board is already under way")
        self._taking = Taking(seconds, self._rate, self._calibration, self._gates, use=use)
        return self._taking.future

    def end(self, reason: str) -> None:
        """The stream has ended: a tare under way is refused. Not while the reader thread still runs."""
        taking, self._taking = self._taking, None
        if taking is not None and taking.future.set_running_or_notify_cancel():
            taking.future.set_exception(TareRefused(reason))

    def _frame(self, batch: Batch) -> Frame:
        n, k = batch.counts.shape
        loads, cop, smooth = np.empty((n, k)), np.empty((n, 2)), np.empty((n, 2))
        force = np.empty(n)
        untrusted = (batch.flags & UNUSABLE) != 0
        counts = np.ascontiguousarray(batch.counts)
        given = counts if isinstance(self._calibration, Linear) else self._calibration.loads(counts, self.zero)
        unloaded = self._stream.run(
            np.where(untrusted[:, None], np.nan, given) if untrusted.any() else given, loads, force, cop, smooth
        )
        flags = batch.flags.copy()
        if untrusted.any():
            loads[untrusted] = self._calibration.loads(counts[untrusted], self.zero)
            force[untrusted] = loads[untrusted].sum(axis=1)
        if unloaded:
            flags[np.isnan(cop[:, 0]) & ~untrusted] |= np.uint32(Flag.UNLOADED)
        if batch.missed and n:
            flags[0] |= np.uint32(Flag.AFTER_GAP)
        return Frame(
            board=self._board,
            seq=batch.seq,
            missed=batch.missed,
            t=batch.t_host,
            counts=counts,
            loads=loads,
            force=force,
            cop=cop,
            smooth=smooth,
            flags=flags,
            sway=self._stream.figures() if self._figures_due(n) else None,
            t_device=batch.t_device,
        )

    def _offset(self, zero: tuple[float, ...]) -> tuple[float, ...]:
        """What the stream has to subtract: it takes counts of a straight line, and newtons of any other calibration."""
        return zero if isinstance(self._calibration, Linear) else (0.0,) * len(zero)

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
                if taking.use:
                    self._stream.tare(self._offset(zero.counts))
                    self.zero = zero.counts
                taking.future.set_result(zero)
