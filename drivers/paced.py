"""A simulated board without a wire: batches by the sample, as fast as they are taken, in a time of their own."""

from typing import Final

import numpy as np

from otolith.drivers.batch import Batch
from otolith.drivers.board import TWIN, BoardInfo
from otolith.drivers.errors import MonikerError
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import Sim, form
from otolith.drivers.twins import make_twin, twin_cells

RATES: Final = {"btracks": 125.0, "wii": 100.0, "ofp": 1000.0}
"""Hz, where the moniker gives neither a rate nor an interval."""
BLOCK_S: Final = 0.04
"""Seconds in one batch."""


class Paced:
    """What a twin's converter would say of ``source``, without the bytes: for rehearsals in virtual time.

    ``counts`` are the twin's own codes, so its resolution and its range are real. Raises MonikerError.
    """

    def __init__(self, moniker: Sim, source: LoadSource, block_s: float = BLOCK_S) -> None:
        if moniker.board not in RATES:
            there = ", ".join(f"sim:{name}" for name in RATES)
            raise MonikerError(f"{form(moniker)}: without a wire, in virtual time, there is {there}; a station has all")
        twin = make_twin(moniker)
        rate = moniker.rate or (1e3 / moniker.interval if moniker.interval else RATES[moniker.board])
        self.info = BoardInfo(
            moniker=form(moniker),
            family=f"{moniker.board}-paced",
            model=f"{moniker.board} {TWIN}, without a wire",
            serial=moniker.serial,
            firmware="",
            unit="count",
            rate=rate,
            cells=twin_cells(moniker),
            calibration=twin.calibration,
            simulated=True,
        )
        self._source = source
        self._block = max(1, round(block_s * rate))
        self._ends = twin.BOTTOM, twin.TOP
        self._next = 0

    @property
    def t_ns(self) -> int:
        """When the next sample is due, on the board's own clock, which begins at zero."""
        return round(self._next * 1e9 / self.info.rate)

    def take(self) -> Batch:
        """The next samples."""
        n = self._block
        number = np.arange(self._next, self._next + n)
        seconds = number / self.info.rate
        codes = np.rint(self.info.calibration.counts(self._source.loads(seconds)))
        batch = Batch(
            seq=self._next,
            counts=np.clip(codes, *self._ends),
            t_host=np.rint(seconds * 1e9).astype(np.int64),
            flags=np.zeros(n, np.uint32),
        )
        self._next += n
        return batch
