"""What happens to a packet in the reader thread: bytes to scans, scans to batches of volts, and an account of it."""

from collections.abc import Sequence
from typing import Final

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.batching import Batcher
from otolith.drivers.counters import Counters, patience
from otolith.drivers.errors import BoardTimeout, ReportError
from otolith.drivers.interval import Interval
from otolith.drivers.mcc1608.codec.memory import Converter
from otolith.drivers.mcc1608.codec.numbers import INPUTS, TOP
from otolith.drivers.mcc1608.codec.unrolling import Unroller
from otolith.drivers.mcc1608.setting import Setting
from otolith.drivers.repetition import Repetition

GATHER: Final = 0.005
"""Seconds of samples in a batch, in whole packets: a hop into the event loop costs more than a sample."""


class UselessPackets(BoardTimeout):
    """Packets come, but none that can be used."""


class Intake:
    """One stream from its first packet to its last, over as many scans as it takes. Not for two threads at once.

    Nothing on the wire numbers the samples; the clock (``Interval``) finds those that are missing.
    """

    def __init__(self, setting: Setting, converters: Sequence[Converter], counters: Counters) -> None:
        period = 1.0 / setting.rate
        self.heard: int | None = None
        """When the newest packet came, ns."""
        self._setting = setting
        self._converters = converters
        self._unroller = Unroller(INPUTS, immediate=setting.immediate)
        self._interval = Interval(period)
        self._repetition = Repetition(period)  # at high rates 16 bits do read the same for a whole packet
        self._gather = max(1, round(GATHER / period / setting.scans))
        self._gathered = 0
        self._batcher = Batcher(self._gather * setting.scans)
        self._counters = counters
        self._patience = round(patience(setting.scans * period) * 1e9)
        self._used: int | None = None
        self._refusal = "they bring no scans"
        self._anew = False

    def restarted(self) -> None:
        """The scan was started again: the next packet is its first."""
        self._anew = True
        self._used = None

    def take(self, packet: bytes, t_host: int) -> list[Batch]:
        """Batches that this packet completes.

        Raises UselessPackets when packets come, but for ``patience`` none that brings a sample.
        """
        self.heard = t_host
        self._counters.reports += 1
        if self._used is None:
            self._used = t_host
        batches = self._read(packet, t_host)
        if t_host - self._used > self._patience:
            raise UselessPackets(f"the DAQ sends packets, but none that can be used: {self._refusal}")
        return batches

    def flush(self) -> list[Batch]:
        """The samples that wait for a full batch, at the end of the stream."""
        return self._batcher.flush()

    def _read(self, packet: bytes, t_host: int) -> list[Batch]:
        try:
            scans = self._scans(packet, t_host)
        except ReportError as error:
            self._counters.malformed += 1
            self._refusal = str(error)
            return []
        batches = [
            batch
            for later, scan in zip(range(len(scans))[::-1], scans, strict=True)
            for batch in self._add(scan, t_host, later)
        ]
        self._gathered += 1
        if self._gathered >= self._gather:
            self._gathered = 0
            batches += self._batcher.flush()  # a gap within a packet must not keep samples waiting for the next one
        return batches

    def _scans(self, packet: bytes, t_host: int) -> list[tuple[int, ...]]:
        if packet and not any(packet):
            raise ReportError("every input reads 0, as converters without power do")
        if self._repetition.seen(packet, t_host):
            raise ReportError("it came twice")
        return self._unroller.feed(packet)

    def _add(self, scan: Sequence[int], t_host: int, later: int) -> list[Batch]:
        """A scan that came with so many ``later`` ones."""
        missed = 0
        if self._anew:
            self._anew = False
            missed = self._interval.resumed(t_host - round(later * 1e9 / self._setting.rate))
        missed += self._interval.arrived(t_host)
        codes = [scan[number] for number in self._setting.inputs]
        self._used = t_host
        self._counters.samples += 1
        self._counters.missed += missed
        flags = Flag.SATURATED if 0 in codes or TOP in codes else 0
        volts = [converter.volts(code) for converter, code in zip(self._converters, codes, strict=True)]
        return self._batcher.add(volts, t_host, flags, missed)
