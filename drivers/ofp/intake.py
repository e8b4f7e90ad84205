"""What happens to a packet in the reader thread: bytes to batches, and an account of it all."""

from functools import cache
from typing import Final

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.batching import Batcher
from otolith.drivers.counters import Counters, patience
from otolith.drivers.errors import BoardTimeout, ReportError
from otolith.drivers.ofp.codec.numbers import PACKET, Status
from otolith.drivers.ofp.codec.packet import Packet, decode

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
        self._batcher = Batcher(round(GATHER / period))
        self._counters = counters
        self._patience = round(patience(period) * 1e9)
        self._heard: int | None = None
        self._refusal = "all are of an earlier stream"

    def take(self, packet: bytes, t_host: int) -> list[Batch]:
        """Batches that this packet completes.

        Raises BoardTimeout when packets come, but for ``patience`` none that brings a sample.
        """
        self._counters.reports += 1
        if self._heard is None:
            self._heard = t_host
        try:
            batches = self._read(decode(packet[:PACKET]), t_host)
        except ReportError as error:
            batches = []
            self._counters.malformed += 1
            self._refusal = str(error)
        if t_host - self._heard > self._patience:
            raise BoardTimeout(f"the plate sends packets, but none that can be used: {self._refusal}")
        return batches

    def flush(self) -> list[Batch]:
        """The samples that wait for a full batch, at the end of the stream."""
        return self._batcher.flush()

    def _read(self, packet: Packet, t_host: int) -> list[Batch]:
        if packet.tag != self._tag:
            return []
        if len(packet.scans[0]) != self._channels:
            raise ReportError(f"a packet of {len(packet.scans[0])} channels; this plate has {self._channels}")
        missed = (packet.sequence - self._next) % _WRAP
        if missed >= _WRAP // 2:
            raise ReportError(f"packet {packet.sequence} came after those before {self._next}: twice, or late")
        self._next = (packet.sequence + len(packet.scans)) % _WRAP
        self._heard = t_host
        self._counters.samples += len(packet.scans)
        self._counters.missed += missed
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
