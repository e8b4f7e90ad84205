"""The journal: exact when whole; torn or damaged, every good block and an honest account of the rest."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from mcap.reader import make_reader
from mcap.writer import Writer

from otolith.drivers.batch import Batch
from otolith.drivers.errors import RecordingError, ReportError
from otolith.drivers.replay import block, journal_head
from otolith.drivers.replay.journal import Gap, Journal
from otolith.drivers.replay.journal_head import JournalHead, JournalTare
from otolith.drivers.replay.journal_writer import JournalWriter


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    n, k = draw(st.integers(0, 9)), draw(st.integers(1, 8))
    floats = st.floats(width=64, allow_nan=True)
    return Batch(
        draw(st.integers(0, 2**63)),
        draw(hnp.arrays(np.float64, (n, k), elements=floats)),
        draw(hnp.arrays(np.int64, n, elements=st.integers(-(2**63), 2**63 - 1))),
        draw(hnp.arrays(np.uint32, n)),
        draw(st.none() | hnp.arrays(np.float64, n, elements=floats)),
        draw(st.integers(0, 2**32)),
        draw(st.none() | hnp.arrays(np.int64, n, elements=st.integers(-(2**63), 2**63 - 1))),
    )


def same(a: Batch, b: Batch) -> bool:
    """Bit for bit."""
    clocks = (a.t_device is None) == (b.t_device is None) and (a.t is None) == (b.t is None)
    if clocks and a.t_device is not None and b.t_device is not None:
        clocks = a.t_device.tobytes() == b.t_device.tobytes()
    if clocks and a.t is not None and b.t is not None:
        clocks = a.t.tobytes() == b.t.tobytes()
    columns = all(
        np.array_equal(x, y, equal_nan=True)
        for x, y in ((a.counts, b.counts), (a.t_host, b.t_host), (a.flags, b.flags))
    )
    return (a.seq, a.missed, a.counts.shape) == (b.seq, b.missed, b.counts.shape) and clocks and columns


@given(batches())
def test_a_block_decodes_to_what_was_encoded(batch: Batch) -> None:
    assert same(block.decode(block.encode(batch)), batch)


@given(batches(), st.data())
def test_any_changed_bit_of_a_block_is_noticed(batch: Batch, data: st.DataObject) -> None:
    encoded = bytearray(block.encode(batch))
    bit = data.draw(st.integers(0, 8 * len(encoded) - 1))
    encoded[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ReportError):
        block.decode(bytes(encoded))


@given(batches(), st.data())
def test_a_torn_block_is_noticed(batch: Batch, data: st.DataObject) -> None:
    encoded = block.encode(batch)
    with pytest.raises(ReportError):
        block.decode(encoded[: data.draw(st.integers(0, len(encoded) - 1))])


def test_a_block_has_these_bytes() -> None:
    """Golden: the format of files that exist."""
    batch = Batch(5, np.array([[1.0, -2.0]]), np.array([7]), np.array([16], np.uint32), None, 3)
    expected = (
        "4f74426b 01 00 0200 01000000 40000000 0500000000000000 0300000000000000"
        "0700000000000000 000000000000f03f 00000000000000c0 10000000"
    )
    encoded = block.encode(batch)
    assert encoded[:-4] == bytes.fromhex(expected)
    assert len(encoded) == 64
    timed = block.encode(replace(batch, t=np.array([6])))
    longer = expected.replace("01 00 0200 01000000 40", "02 00 0200 01000000 48").replace(
        "00000000000000c0 ", "00000000000000c0 0600000000000000 "
    )
    assert timed[:-4] == bytes.fromhex(longer)


def test_a_journal_from_before_regressed_times_is_read(
    tmp_path: Path, head: JournalHead, batch: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_head, "FORMAT", "otolith-journal/1")
    writer = JournalWriter(tmp_path / "old.mcap", head)
    writer.append(batch(0, 8))
    writer.close()
    [old] = Journal(tmp_path / "old.mcap").batches()
    assert same(old, batch(0, 8))
    assert old.t is None


def test_a_whole_journal_gives_back_everything(tmp_path: Path, head: JournalHead, batch: Callable[..., Batch]) -> None:
    path = tmp_path / "a.mcap"
    sent = [batch(0, 8), batch(8, 1, device_clock=True), batch(12, 5, missed=3)]
    tare = JournalTare(8, "2026-01-01T00:00:01Z", "someone", (12.0, 22.0), 0.25)
    writer = JournalWriter(path, head)
    writer.append(sent[0])
    writer.tare(tare, 5_000)
    writer.append(sent[1])
    writer.append(sent[2])
    assert (writer.seq, writer.samples) == (16, 14)
    assert writer.close() == path.stat().st_size
    journal = Journal(path)
    assert journal.head == head
    assert journal.tares == (tare,)
    assert all(same(a, b) for a, b in zip(journal.batches(), sent, strict=True))
    recovery = journal.recovery
    assert (recovery.complete, recovery.torn, recovery.damaged) == (True, 0, 0)
    assert (recovery.blocks, recovery.samples) == (3, 14)
    assert recovery.gaps == (Gap(9, 3, "board"),)


def test_loads_use_the_zero_that_was_in_use(tmp_path: Path, head: JournalHead, batch: Callable[..., Batch]) -> None:
    writer = JournalWriter(tmp_path / "a.mcap", head)
    writer.append(batch(0, 2))
    writer.append(batch(2, 2))
    writer.tare(JournalTare(2, "2026-01-01T00:00:01Z", "someone", (1.0, 2.0), 0.1), 0)
    writer.close()
    first, second = (loads for _, loads in Journal(tmp_path / "a.mcap").loads())
    np.testing.assert_allclose(first[:, 0], [(0 - 11.0) * 0.5, (1 - 11.0) * 0.5])
    np.testing.assert_allclose(second[:, 0], [(2 - 1.0) * 0.5, (3 - 1.0) * 0.5])


def test_any_mcap_reader_can_open_it(written: Callable[..., Path]) -> None:
    with written(3).open("rb") as file:
        reader = make_reader(file)
        summary = reader.get_summary()
        messages = [(channel.topic, message.sequence) for _, channel, message in reader.iter_messages()]
    assert summary is not None
    assert summary.statistics is not None
    assert summary.statistics.message_count == 3
    assert messages == [("/batch", 0), ("/batch", 8), ("/batch", 16)]


def _cut(written: Callable[..., Path], size: int) -> Path:
    path = written()
    path.write_bytes(path.read_bytes()[:size])
    return path


@pytest.mark.parametrize("lost", [1, 7, 40, 200, 333, 1000, 1999])
def test_a_torn_journal_gives_every_block_that_is_whole(written: Callable[..., Path], lost: int) -> None:
    size = written().stat().st_size
    journal = Journal(_cut(written, size - lost))
    numbers = [int(count) for batch in journal.batches() for count in batch.counts[:, 0]]
    assert numbers == list(range(journal.recovery.samples))
    assert journal.recovery.samples % 8 == 0
    assert journal.recovery.gaps == ()


def test_every_length_of_a_torn_journal_is_read_or_refused(written: Callable[..., Path]) -> None:
    path = written(3)
    recovered = []
    for size in reversed(range(path.stat().st_size)):
        os.truncate(path, size)
        try:
            recovered.append(Journal(path).recovery.samples)
        except RecordingError:
            recovered.append(-1)
    assert recovered == sorted(recovered, reverse=True)
    assert set(recovered) == {-1, 0, 8, 16, 24}


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_changed_bit_costs_at_most_one_block(twenty: tuple[Path, bytes, int], place: float, bit: int) -> None:
    path, data, first = twenty
    at = first + int(place * (len(data) - first))
    broken = bytearray(data)
    broken[at] ^= 1 << bit
    path.write_bytes(broken)
    journal = Journal(path)
    numbers = [int(count) for batch in journal.batches() for count in batch.counts[:, 0]]
    lost = sorted(set(range(160)) - set(numbers))
    assert len(numbers) == len(set(numbers))
    assert numbers == sorted(numbers)
    assert len(lost) in (0, 8)
    if lost and lost[-1] != 159:
        assert journal.recovery.gaps == (Gap(lost[0], 8, "file"),) or lost[0] == 0
        missed = [batch.missed for batch in journal.batches()]
        assert sum(missed) == (8 if lost[0] else 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "cannot be read"),
        (b"time;Fz\n0;700\n" * 50, "not the beginning of an MCAP file"),
        (b"\x89MCAP0\r\n", "before its head"),
        (b"\x89MCAP0\r\n" + bytes(range(200)), "before its head"),
    ],
)
def test_a_foreign_file_is_refused_with_its_name(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "foreign.mcap"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=words) as refusal:
        Journal(path)
    assert str(path) in str(refusal.value)


def test_a_foreign_mcap_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "foreign.mcap"
    with path.open("wb") as file:
        writer = Writer(file, use_chunking=False)
        writer.start()
        channel = writer.register_channel("/other", "json", 0)
        writer.add_message(channel, 0, b"{}", 0)
        writer.finish()  # type: ignore[no-untyped-call]  # the library leaves it unannotated
    with pytest.raises(RecordingError, match="not a journal of ours"):
        Journal(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.mcap", tmp_path):
        with pytest.raises(RecordingError, match="cannot be read"):
            Journal(path)


def test_a_damaged_head_is_told_as_such(written: Callable[..., Path]) -> None:
    path = written()
    path.write_bytes(path.read_bytes().replace(b'"serial":"7"', b'"serial":"8"'))
    with pytest.raises(RecordingError, match="checksum of its head"):
        Journal(path)


def test_an_existing_file_is_never_written_over(written: Callable[..., Path], head: JournalHead) -> None:
    path = written()
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        JournalWriter(path, head)
    assert path.read_bytes() == before
