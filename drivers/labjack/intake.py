"""What happens to a transfer in the reader thread: bytes to packets, packets to scans, scans to batches of volts."""

from typing import Final

import numpy as np

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.batching import Batcher
from otolith.drivers.counters import Counters, patience
from otolith.drivers.errors import BoardRefused, BoardTimeout, ReportError
from otolith.drivers.labjack.codec.reasons import reason
from otolith.drivers.labjack.codec.scale import TOP, Scale
from otolith.drivers.labjack.plan import Packing
from otolith.drivers.labjack.scans import Run, Scans

ENDS: Final = (0, TOP)
"""Codes at which the converter is at its end."""
MANY: Final = 1 << 16
"""Scans: more than any transfer holds, so that each makes one batch, and one more for each gap."""


class Intake:
    """One stream from its first packet to its last. Not for two threads at once."""

    def __init__(self, packing: Packing, scale: Scale, rate: float, counters: Counters) -> None:
        self.backlog = 0.0
        """The fullest that the device's buffer has been, 0 to 1."""
        self._packing = packing
        self._scale = scale
        self._scans = Scans(packing.layout)
        self._batcher = Batcher(MANY)
        self._counters = counters
        self._patience = round(patience(packing.layout.scans / rate) * 1e9)
        self._heard: int | None = None
        self._refusal = "they bring no scans"

    def take(self, transfer: bytes, t_host: int) -> list[Batch]:
        """Batches that this transfer completes.

        Raises BoardTimeout when packets come, but for ``patience`` none that can be used; BoardRefused where the
        device reports that it cannot go on, BoardLost where nobody can tell any more what is missing.
        """
        if self._heard is None:
            self._heard = t_host
        batches: list[Batch] = []
        for raw in self._packing.split(transfer):
            self._counters.reports += 1
            try:
                batches += self._read(raw, t_host)
            except ReportError as error:
                self._counters.malformed += 1
                self._refusal = str(error)
        batches += self._batcher.flush()  # nothing waits for the next transfer: this one took its time already
        if t_host - self._heard > self._patience:
            raise BoardTimeout(f"the LabJack sends packets, but none that can be used: {self._refusal}")
        return batches

    def _read(self, raw: bytes, t_host: int) -> list[Batch]:
        packet = self._packing.decode(raw, self._packing.layout.samples)
        if packet.error:
            raise BoardRefused(f"the LabJack cannot go on: {reason(packet.error)}")
        runs = self._scans.feed(packet)
        self._heard = t_host
        self.backlog = max(self.backlog, packet.backlog)
        return [batch for run in runs for batch in self._gather(run, t_host)]

    def _gather(self, run: Run, t_host: int) -> list[Batch]:
        self._counters.samples += len(run.codes)
        self._counters.missed += run.missed
        flags = np.where(np.isin(run.codes, ENDS).any(axis=1), Flag.SATURATED, 0)
        batches: list[Batch] = []
        for index, row in enumerate(self._scale.volts(run.codes).tolist()):
            batches += self._batcher.add(row, t_host, int(flags[index]), run.missed if index == 0 else 0)
        return batches
