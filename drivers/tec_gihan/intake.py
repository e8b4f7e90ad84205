"""What happens to a packet in the reader thread: bytes to blocks, blocks to batches, and an account of it all.

A block has neither header nor checksum. But each is asked for, and the chip tells when nothing more waits: so a block
is right when exactly its bytes came between the question and the silence after it, and anything else is thrown away
whole.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.counters import Counters, patience
from otolith.drivers.errors import BoardTimeout, ReportError
from otolith.drivers.ftdi.chip import data_of
from otolith.drivers.interval import Interval
from otolith.drivers.tec_gihan.codec import block
from otolith.drivers.tec_gihan.codec.numbers import BOTTOM, TOP

LATE: Final = 0.5
"""Seconds, beyond two blocks' worth, after which a block that was asked for does not come any more."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The end of a fetch: the next block can be asked for. The batch of this one, where it was whole."""

    batch: Batch | None


class Intake:
    """One stream from its first packet to its last. Not for two threads at once."""

    def __init__(self, samples: int, plates: int, rate: float, counters: Counters) -> None:
        self._samples = samples
        self._plates = plates
        self._size = block.size(samples, plates)
        self._counters = counters
        self._interval = Interval(samples / rate)
        self._late = round((2.0 * samples / rate + LATE) * 1e9)
        self._patience = round((patience(samples / rate) + 2.0 * self._late * 1e-9) * 1e9)
        self._bytes = bytearray()
        self._complaint = ""
        self._asked: int | None = None
        self._heard: int | None = None
        self._came = 0
        self._seq = 0
        self._missed = 0
        self._refusal = "none brings a whole block"

    def take(self, packet: bytes, t_host: int) -> Fetched | None:
        """What this packet ends. Raises BoardTimeout where packets come, but for long none that makes a block."""
        self._counters.reports += 1
        self._asked = t_host if self._asked is None else self._asked
        self._heard = t_host if self._heard is None else self._heard
        try:
            data = data_of(packet)
        except ReportError as error:
            self._complaint, data = str(error), b"?"
        self._bytes += data
        self._came = t_host if data else self._came
        over = not data and len(self._bytes) >= self._size
        if over or t_host - self._asked > self._late:
            return self._end(t_host)
        return None

    def _end(self, t_host: int) -> Fetched:
        """Judge what came since the block was asked for."""
        raw, complaint = bytes(self._bytes), self._complaint
        self._bytes.clear()
        self._complaint, self._asked = "", None
        if len(raw) == 2 * self._size and raw[: self._size] == raw[self._size :]:
            self._counters.malformed += 1  # the same block twice
            raw = raw[: self._size]
        lost = self._interval.arrived(self._came or t_host) * self._samples
        self._missed += lost
        self._counters.missed += lost
        try:
            codes = None if complaint else block.decode(raw, self._samples, self._plates)
        except ReportError as error:
            codes, complaint = None, str(error)
        if codes is None:
            self._spoilt(complaint, t_host)
            return Fetched(None)
        self._heard = t_host
        return Fetched(self._batch(codes))

    def _spoilt(self, reason: str, t_host: int) -> None:
        self._counters.malformed += 1
        self._counters.missed += self._samples
        self._missed += self._samples
        self._refusal = reason
        if self._heard is not None and t_host - self._heard > self._patience:
            raise BoardTimeout(f"the force plate controller sends packets, but none that can be used: {reason}")

    def _batch(self, codes: block.Codes) -> Batch:
        ends = (codes >= TOP) | (codes <= BOTTOM)
        flags = np.where(ends.any(axis=1), np.uint32(Flag.SATURATED), np.uint32(0))
        flags[0] |= np.uint32(Flag.AFTER_GAP if self._missed else 0)
        self._seq += self._missed
        times = np.full(len(codes), self._came, dtype=np.int64)
        batch = Batch(self._seq, codes.astype(np.float64), times, flags, None, self._missed)
        self._seq += len(codes)
        self._missed = 0
        self._counters.samples += len(codes)
        return batch


def bytes_per_second(rate: float, plates: int) -> float:
    """That a stream needs."""
    return rate * block.size(1, plates)
