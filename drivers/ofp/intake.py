"""What happens to a packet in the reader thread: bytes to batches, and an account of it all."""

from functools import cache
from typing import Final

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.batching import Batcher
from otolith.drivers.counters import Counters, patience
from otolith.drivers.errors import BoardTimeout, ReportError
from otolith.drivers.ofp.codec.numbers import PACKET, VALUES, Status
from otolith.drivers.ofp.codec.packet import Packet, decode
from otolith.drivers.ofp.codec.train import coupled

GATHER: Final = 0.005
"""Seconds of samples in a batch: a hop into the event loop costs more than a sample."""
_WRAP: Final = 1 << 32
_FLAGS: Final = {
    Status.SATURATED: Flag.SATURATED,
    Status.LOW_SUPPLY: Flag.CHANNEL_ERROR,
    Status.CHANNEL_ERROR: Flag.CHANNEL_ERROR,
    Status.TEST_PATTERN: Flag.INVALID,
    Status.TARED: Flag.INVALID,
    Status.INVALID: Flag.INVALID,
}
"""Values of a test pattern, or tared behind our back, are no loads. OVERRUN is seen in the sequence."""


class Intake:
    """One stream from its first packet to its last. Not for two threads at once.

    Packets with another tag belong to an earlier stream and are nothing. A packet whose number has passed already is
    refused: it came again, or late; its samples were counted as missed then, and stay so.
    """

    def __init__(self, channels: int, tag: int, period: float, counters: Counters) -> None:
        self._channels = channels
        self._tag = tag
        self._next = 0
        gathered = max(1, round(GATHER / period))
        self.length = PACKET * max(1, gathered // (VALUES // channels))
        """Bytes of a batch, which may as well come in one transfer."""
        self._batcher = Batcher(gathered)
        self._counters = counters
        self._patience = round(patience(period) * 1e9)
        self._heard: int | None = None
        self._refusal = "all are of an earlier stream"

    def take(self, packets: bytes, t_host: int) -> list[Batch]:
        """Batches that these packets complete, one or several of them in one piece.

        Raises BoardTimeout when packets come, but for ``patience`` none that brings a sample.
        """
        if self._heard is None:
            self._heard = t_host
        batches = self._take(packets, t_host)
        if t_host - self._heard > self._patience:
            raise BoardTimeout(f"the plate sends packets, but none that can be used: {self._refusal}")
        return batches

    def flush(self) -> list[Batch]:
        """The samples that wait for a full batch, at the end of the stream."""
        return self._batcher.flush()

    def _take(self, packets: bytes, t_host: int) -> list[Batch]:
        if len(packets) > PACKET and (train := coupled(packets, self._channels, self._tag, self._next)):
            self._counters.reports += len(packets) // PACKET
            self._heard = t_host
            self._account(len(train.scans), 0)
            return self._batcher.block(train.scans, t_host, flags_of(train.status), train.clock)
        batches: list[Batch] = []
        for at in range(0, max(len(packets), 1), PACKET):
            batches += self._open(packets[at : at + PACKET], t_host)
        return batches

    def _account(self, scans: int, missed: int) -> None:
        self._next = (self._next + missed + scans) % _WRAP
        self._counters.samples += scans
        self._counters.missed += missed

    def _open(self, packet: bytes, t_host: int) -> list[Batch]:
        self._counters.reports += 1
        try:
            return self._read(decode(packet), t_host)
        except ReportError as error:
            self._counters.malformed += 1
            self._refusal = str(error)
            return []

    def _read(self, packet: Packet, t_host: int) -> list[Batch]:
        if packet.tag != self._tag:
            return []
        if len(packet.scans[0]) != self._channels:
            raise ReportError(f"a packet of {len(packet.scans[0])} channels; this plate has {self._channels}")
        missed = (packet.sequence - self._next) % _WRAP
        if missed >= _WRAP // 2:
            raise ReportError(f"packet {packet.sequence} came after those before {self._next}: twice, or late")
        self._heard = t_host
        self._account(len(packet.scans), missed)
        return self._gather(packet, t_host, missed)

    def _gather(self, packet: Packet, t_host: int, missed: int) -> list[Batch]:
        flags = flags_of(packet.status)
        batches: list[Batch] = []
        for index, scan in enumerate(packet.scans):
            at = (packet.clock + index * packet.period) * 1e-6
            batches += self._batcher.add(scan, t_host, flags, missed if index == 0 else 0, at)
        return batches


@cache
def flags_of(status: Status) -> int:
    """Why such samples are not to be trusted; 0 where they are."""
    flags = 0
    for bit, flag in _FLAGS.items():
        if status & bit:
            flags |= flag
    return flags
