"""What happens to a packet while a stream runs: bytes to batches, and an account of it all."""

from typing import Final

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.batching import Batcher
from otolith.drivers.counters import Counters, patience
from otolith.drivers.errors import BoardTimeout, ReportError
from otolith.drivers.vernier.go_link.codec.packet import MOST, Answers, Command, Measurement, Part, decode
from otolith.drivers.vernier.go_link.codec.records import FULL, State, decode_status
from otolith.drivers.vernier.numbering import UP, Numbering

ENDS: Final = (-FULL, FULL - 1)
"""Counts at which the converter is at its end."""
LOSSES: Final = State.FIFO_OVERFLOW | State.CONVERSION_LOST | State.PACKET_LOST
"""Faults that cost samples which no counter tells of."""


class Intake:
    """One stream from its first packet to its last. Not for two threads at once.

    ``t_device`` counts the samples, lost ones included, in periods. A lost packet had as many samples as the next one.
    """

    def __init__(self, period: float, counters: Counters) -> None:
        self.told = 0
        """Samples since the device was last asked for its status; whoever asks makes this 0."""
        self._period = period
        self._counters = counters
        self._numbering = Numbering(UP)
        self._answers = Answers()
        self._batcher = Batcher(MOST)
        self._patience = round(patience(period) * 1e9)
        self._next = 0
        self._state = State(0)
        self._unseen = 0
        """Samples that the device says it has lost."""
        self._heard: int | None = None
        self._refusal = "none brings a value"

    def take(self, raw: bytes, t_host: int) -> list[Batch]:
        """Batches that this packet completes.

        Raises BoardTimeout when packets come, but for ``patience`` none that brings a sample.
        """
        self._counters.reports += 1
        if self._heard is None:
            self._heard = t_host
        try:
            batches = self._read(raw, t_host)
        except ReportError as error:
            batches = []
            self._counters.malformed += 1
            self._refusal = str(error)
        if t_host - self._heard > self._patience:
            raise BoardTimeout(f"the Go!Link sends packets, but none that can be used: {self._refusal}")
        return batches

    def _read(self, raw: bytes, t_host: int) -> list[Batch]:
        packet = decode(raw)
        if isinstance(packet, Part):
            self._note(packet)
            return []
        lost = self._numbering.lost(packet.counter) or 0
        self._heard = t_host
        missed, self._unseen = lost * len(packet.values) + self._unseen, 0
        return self._gather(packet, t_host, missed)

    def _note(self, part: Part) -> None:
        """An answer to STATUS may bring bad news: at least one sample is missing before the next."""
        whole = self._answers.feed(part)
        if whole and whole.command == Command.STATUS and not whole.failed:
            state = decode_status(whole.data).state
            self._unseen += bool(state & ~self._state & LOSSES)
            self._state |= state

    def _gather(self, packet: Measurement, t_host: int, missed: int) -> list[Batch]:
        self._counters.samples += len(packet.values)
        self.told += len(packet.values)
        self._counters.missed += missed
        self._next += missed
        done: list[Batch] = []
        for value in packet.values:
            at = self._next * self._period
            flags = Flag.SATURATED * (value in ENDS)
            done += self._batcher.add((float(value),), t_host, flags, missed, at)
            self._next, missed = self._next + 1, 0
        return done + self._batcher.flush()
