"""What happens to a report while a stream runs: bytes to batches, and an account of it all."""

from typing import Final

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.batching import Batcher
from otolith.drivers.counters import Counters, patience
from otolith.drivers.errors import BoardTimeout, ReportError
from otolith.drivers.vernier.go_direct.codec.commands import Sensor
from otolith.drivers.vernier.go_direct.codec.measurement import Kind, Notice, Values, decode
from otolith.drivers.vernier.go_direct.codec.packet import MEASUREMENT, Assembler, Packet
from otolith.drivers.vernier.numbering import Numbering

BLOCK: Final = 0.1
"""Seconds of samples in a packet, about: ten come a second, whatever the rate."""
_WHOLE: Final = 1 << 16
"""Samples in a batch at most: a packet is a batch."""


class Intake:
    """One stream of one sensor from its first report to its last. Not for two threads at once.

    The samples have no time of their own: all of a packet bear the time of its arrival, and ``t_device`` counts them,
    lost ones included, in periods.
    """

    def __init__(self, sensor: Sensor, period: float, assembler: Assembler, counters: Counters) -> None:
        self._sensor = sensor
        self._period = period
        self._assembler = assembler
        self._counters = counters
        self._numbering = Numbering()
        self._batcher = Batcher(_WHOLE)
        self._patience = round(patience(max(period, BLOCK)) * 1e9)
        self._next = 0
        self._usual = max(1, round(BLOCK / period))
        self._spoilt = 0
        """Reports since the last sample that were one once."""
        self._dropped = False
        self._before = 0
        self._heard: int | None = None
        self._refusal = "none brings a value of the sensor"

    def take(self, report: bytes, t_host: int) -> list[Batch]:
        """Batches that this report completes.

        Raises BoardTimeout when reports come, but for ``patience`` none that brings a sample.
        """
        self._counters.reports += 1
        if self._heard is None:
            self._heard = t_host
        try:
            packet = self._assembler.feed(report)
            batches = self._read(packet, t_host) if packet and packet.kind == MEASUREMENT else []
        except ReportError as error:
            batches = []
            self._counters.malformed += 1
            self._spoilt += report[1:2] == bytes([MEASUREMENT])
            self._refusal = str(error)
        if t_host - self._heard > self._patience:
            raise BoardTimeout(f"the device sends reports, but none that can be used: {self._refusal}")
        return batches

    def _read(self, packet: Packet, t_host: int) -> list[Batch]:
        news = decode(packet)
        lost = self._numbering.lost(packet.counter)
        if isinstance(news, Notice):
            self._dropped |= news.kind is Kind.DROPPED
            return []
        if self._sensor.number not in news.sensors:
            raise ReportError(f"values of the sensors {news.sensors}, which nobody asked for")
        missed = self._missed(lost, len(news.rows), t_host)
        self._heard = self._before = t_host
        self._usual, self._spoilt, self._dropped = len(news.rows), 0, False
        return self._gather(news, t_host, missed)

    def _missed(self, lost: int | None, samples: int, t_host: int) -> int:
        """Samples that never came: by number, by what could not be read, and by the clock where the device says so."""
        missed = (self._spoilt if lost is None else lost) * self._usual
        if self._dropped:
            due = round((t_host - self._before) * 1e-9 / self._period) if self._before else samples
            missed = max(missed, due - samples, 1)
        return missed

    def _gather(self, values: Values, t_host: int, missed: int) -> list[Batch]:
        column = values.sensors.index(self._sensor.number)
        self._counters.samples += len(values.rows)
        self._counters.missed += missed
        self._next += missed
        done: list[Batch] = []
        for row in values.rows:
            value = row[column]
            at = self._next * self._period
            done += self._batcher.add((value,), t_host, self._flags(value), missed, at)
            self._next, missed = self._next + 1, 0
        return done + self._batcher.flush()

    def _flags(self, value: float) -> int:
        if value != value:  # noqa: PLR0124 - NaN: how a device says that it has no value
            return Flag.INVALID
        bounded = self._sensor.least < self._sensor.most
        return Flag.SATURATED * (bounded and not self._sensor.least < value < self._sensor.most)
