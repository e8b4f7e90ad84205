import pytest

from otolith.drivers.batch import Batch
from otolith.drivers.counters import Counters
from otolith.drivers.errors import BoardTimeout
from otolith.drivers.phidget_bridge.codec import ZERO, hid
from otolith.drivers.phidget_bridge.intake import Intake
from otolith.drivers.phidget_bridge.scans import HidScanner

MS = 1_000_000


def intake(period: float = 0.008) -> tuple[Intake, Counters]:
    counters = Counters()
    return Intake(HidScanner(hid.Setting(), 18, discard=0), period, counters), counters


def wire(code: int) -> bytes:
    return hid.encode(hid.Report(hid.Setting(), 15, 0, (ZERO + code,) * 4))


def samples(batches: list[Batch]) -> list[float]:
    return [float(row[0]) - ZERO for batch in batches for row in batch.counts]


def test_a_report_that_comes_twice_at_once_is_one_sample() -> None:
    take, counters = intake()
    got = [batch for i in range(20) for batch in take.take(wire(i), 8 * MS * i)]
    got += take.take(wire(19), 8 * MS * 19 + MS)
    got += take.take(wire(20), 8 * MS * 20)
    assert samples(got) == list(range(21))
    assert counters.malformed == 1


def test_a_sample_that_reads_the_same_at_its_own_time_is_kept() -> None:
    take, counters = intake()
    got = [batch for i in range(40) for batch in take.take(wire(min(i, 20)), 8 * MS * i)]
    assert samples(got) == [min(i, 20) for i in range(40)]
    assert counters.malformed == 0


def test_samples_that_really_repeat_are_kept_in_a_burst_too() -> None:
    """A simulated weight reads the same for ever."""
    take, _ = intake()
    assert samples([batch for i in range(100) for batch in take.take(wire(7), 1000 * i)]) == [7.0] * 100


def test_at_a_kilohertz_nothing_is_taken_for_a_repetition() -> None:
    take, _ = intake(0.001)
    times = [MS * i for i in range(20)]
    got = [batch for i, t in enumerate(times) for batch in take.take(wire(i), t)]
    got += take.take(wire(19), times[-1] + 1000)
    got += take.flush()
    assert samples(got) == [*range(20), 19]


def test_reports_that_never_bring_a_sample_are_silence_with_a_reason() -> None:
    take, counters = intake()
    for i in range(20):
        take.take(wire(i), 8 * MS * i)
    for i in range(20, 145):
        take.take(bytes(18), 8 * MS * i)
    with pytest.raises(BoardTimeout, match="none that can be used: a 1046_0 samples every 8 to 1000 ms"):
        take.take(bytes(18), 8 * MS * 145)
    assert counters.malformed == 126


def test_what_waits_for_a_full_batch_is_flushed() -> None:
    take, _ = intake(0.001)
    got = [batch for i in range(7) for batch in take.take(wire(i), MS * i)]
    assert [len(batch) for batch in got] == [5]
    assert samples(take.flush()) == [5, 6]
