"""Packets to batches, in virtual time."""

import struct
from collections.abc import Sequence

import numpy as np
import pytest

from otolith.drivers.analogue.file import LIBRARY, plates_of, read_plates
from otolith.drivers.batch import Batch, Flag
from otolith.drivers.counters import Counters
from otolith.drivers.errors import MonikerError, PlateError
from otolith.drivers.mcc1608.intake import Intake, UselessPackets
from otolith.drivers.mcc1608.setting import Setting, setting
from otolith.drivers.mcc1608.twin import factory

WIRING = read_plates(None, simulated=True)
MEMORY = factory(1)


class Line:
    """A device whose packets of four scans arrive 1 ms after they are full."""

    def __init__(self, rate: float = 1000.0) -> None:
        self.setting: Setting = setting(WIRING, rate)
        self.counters = Counters()
        self.intake = Intake(self.setting, self.setting.converters(MEMORY), self.counters)
        self.scan = 0
        self.batches: list[Batch] = []

    def send(self, packets: int, late: float = 0.001) -> None:
        for _ in range(packets):
            scans = range(self.scan, self.scan + self.setting.scans)
            self.scan = scans.stop
            codes = [(7919 * scan + 31 * channel) % 60_000 + 1000 for scan in scans for channel in range(8)]
            self.hear(struct.pack(f"<{len(codes)}H", *codes), late)

    def hear(self, packet: bytes, late: float = 0.001) -> None:
        self.batches += self.intake.take(packet, round(1e9 * (self.scan / self.setting.rate + late)))

    def sequence(self) -> list[int]:
        """Numbers of the samples that came."""
        return [batch.seq + k for batch in self.batches for k in range(len(batch))]


def codes(batch: Batch, row: int) -> Sequence[int]:
    converters = [MEMORY.converter(number, 0) for number in range(6)]
    return [round(v / one.gain + one.zero) for v, one in zip(batch.counts[row], converters, strict=True)]


def test_samples_are_volts_of_the_inputs_in_use() -> None:
    line = Line()
    line.send(5)
    assert line.sequence() == list(range(20))
    assert codes(line.batches[0], 1) == [(7919 + 31 * channel) % 60_000 + 1000 for channel in range(6)]
    assert {batch.counts.shape for batch in line.batches} == {(4, 6)}
    assert not np.concatenate([batch.flags for batch in line.batches]).any()
    assert (line.counters.reports, line.counters.samples) == (5, 20)


@pytest.mark.parametrize("lost", [1, 2, 25])
def test_lost_packets_are_found_by_the_clock(lost: int) -> None:
    line = Line()
    line.send(1000)
    line.scan += 4 * lost
    line.send(1000)
    line.batches += line.intake.flush()
    assert sum(batch.missed for batch in line.batches) == line.counters.missed == 4 * lost
    assert line.batches[-1].seq + len(line.batches[-1]) == 8000 + 4 * lost


def test_a_busy_computer_loses_nothing() -> None:
    line = Line()
    for _ in range(20):
        line.send(100)
        line.send(10, late=0.15)
    assert line.counters.missed == 0


def test_a_scan_that_was_started_again_begins_after_what_is_missing() -> None:
    line = Line()
    line.send(1000)
    line.scan += 1234
    line.intake.restarted()
    line.send(300)
    (gap,) = [batch for batch in line.batches if batch.missed]
    assert (gap.seq, gap.missed) == (4000 + 1234, 1234)
    assert gap.flags[0] == Flag.AFTER_GAP


def test_a_scan_started_again_at_once_has_lost_what_it_has_lost_and_no_more() -> None:
    line = Line()
    line.intake.restarted()
    line.send(100)
    assert line.counters.missed == 0


def test_no_sample_waits_for_another_packet() -> None:
    line = Line()
    line.intake.restarted()
    for _ in range(3):
        line.send(250)
        line.scan += 403
        line.intake.restarted()
        line.send(1)
        assert len(line.sequence()) == line.counters.samples
        assert not line.intake.flush()


def test_fast_packets_are_gathered() -> None:
    line = Line(4000.0)
    line.send(10)
    assert [len(batch) for batch in line.batches] == [20, 20]


def test_the_ends_of_the_range_are_flagged() -> None:
    line = Line()
    for code in (0, 65_535):
        line.hear(struct.pack("<32H", *([30_000] * 10 + [code] + [30_000] * 21)))
    flags = np.concatenate([batch.flags for batch in [*line.batches, *line.intake.flush()]])
    assert [int(flag) for flag in flags] == [0, Flag.SATURATED, 0, 0] * 2


def test_inputs_without_a_plate_do_not_saturate_it() -> None:
    line = Line()
    line.hear(struct.pack("<32H", *([30_000] * 6 + [0, 65_535]) * 4))
    assert not line.batches[0].flags.any()


def test_a_packet_twice_is_no_sample() -> None:
    line = Line(25.0)
    line.send(20)
    line.hear(struct.pack("<8H", *([30_000] * 8)))
    line.hear(struct.pack("<8H", *([30_000] * 8)))
    assert (line.counters.malformed, line.counters.samples) == (1, 21)


def test_quiet_inputs_that_read_the_same_for_a_packet_are_samples() -> None:
    line = Line()
    line.send(20)
    for _ in range(2):
        line.scan += 4
        line.hear(struct.pack("<32H", *([30_000] * 32)), late=-0.0039)
    assert (line.counters.malformed, line.counters.samples) == (0, 88)


def test_useless_packets_are_told_of() -> None:
    line = Line()
    line.send(10)
    for _ in range(250):
        line.scan += 4
        line.hear(bytes(64))
    line.scan += 4
    with pytest.raises(UselessPackets, match="none that can be used: every input reads 0"):
        line.hear(bytes(64))
    assert (line.counters.malformed, line.counters.samples) == (251, 40)


@pytest.mark.parametrize(
    ("rate", "pace", "scans"), [(None, 1000.0, 4), (300.0, 40e6 / 133_333, 4), (100.0, 100.0, 1), (1.0, 1.0, 1)]
)
def test_the_true_rate_is_said(rate: float | None, pace: float, scans: int) -> None:
    found = setting(WIRING, rate)
    assert (found.rate, found.scans) == (pace, scans)


@pytest.mark.parametrize("rate", [0.5, 10_001.0, 2e5])
def test_rates_that_cannot_be(rate: float) -> None:
    with pytest.raises(MonikerError, match="samples"):
        setting(WIRING, rate)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("input = 0", "input = 8"), "input 8: a USB-1608FS-Plus has inputs 0 to 7"),
        (("input = 0", "input = -1"), "input -1: a USB-1608FS-Plus has inputs 0 to 7"),
        (("input = 0", "input = {number = 0, minus = 1}"), "no differential inputs"),
        (("span_v = 5", "span_v = 12"), "span_v = 12: a USB-1608FS-Plus takes ±10 V at most"),
    ],
)
def test_plates_that_this_daq_cannot_read(change: tuple[str, str], complaint: str) -> None:
    text = (LIBRARY / "vernier-fp-bta.toml").read_text().replace(*change)
    with pytest.raises(PlateError, match=complaint):
        setting(plates_of(text.encode(), "p.toml"), None)


def test_each_input_has_the_smallest_range_that_holds_its_span() -> None:
    assert setting(read_plates("vernier-fp-bta", simulated=True), None).ranges == (1, 0, 0, 0, 0, 0, 0, 0)
    assert setting(read_plates("amti-accusway", simulated=True), None).ranges == (1, 1, 1, 1, 1, 1, 0, 0)
