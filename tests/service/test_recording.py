"""Recording through a station: what is published is what is on disk, whatever happens to the disk."""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from otolith.drivers.replay.journal import Gap, Journal
from otolith.drivers.replay.journal_writer import JournalWriter
from otolith.service.clock import VirtualClock
from otolith.service.config import Config, RecordingConfig
from otolith.service.errors import RecordingRefused, UnknownRecording
from otolith.service.state import BoardPhase, RecordingState
from otolith.service.station import Station
from otolith.service.store import RecordingRow

Until = Callable[..., Awaitable[None]]
ALWAYS = RecordingConfig(mode="always", segment_s=10)


class Scene:
    """A station with one scripted board that streams."""

    def __init__(self, station: Station, bench: Any, until: Until) -> None:
        self.station = station
        self.bench = bench
        self.until = until

    async def stream(self, seconds: float, rate: int = 25) -> None:
        """One batch of one sample after the other, until all were published and taken."""
        for _ in range(round(seconds * rate)):
            await self.station.clock.advance(1 / rate)  # type: ignore[attr-defined]  # a virtual clock
            self.bench.newest().feed()
        await self.until(self.bench.newest()._inbox.empty)
        await self.until(lambda: not any(tap.queued for tap in self.station.frames.statistics().taps))

    async def acknowledged(self) -> int:
        """Wait until every sample that the board sent is on disk, in a journal that is open; how many there are.

        A segment that has just ended has no successor before the next frame, so there may have to be one more.
        """
        newest = self.bench.newest()
        async with asyncio.timeout(20):
            while (state := self.recording) is None or state.seq < newest._seq - 1:
                if state is None:
                    newest.feed()
                await asyncio.sleep(0.01)
        return int(newest._seq)

    async def ended(self, recording: str) -> RecordingRow:
        """Wait until the catalogue knows that it has ended."""
        async with asyncio.timeout(20):
            while not (row := await self.station.store.recordings.get(recording)).ended:
                await asyncio.sleep(0.01)
        return row

    @property
    def recording(self) -> RecordingState | None:
        return self.station.boards()[0].recording

    async def rows(self) -> list[RecordingRow]:
        return [*reversed((await self.station.store.recordings.list()).items)]


@pytest.fixture
def scene(clock: VirtualClock, bench: Any, config: Callable[..., Config], until: Until) -> Callable[..., Any]:
    @asynccontextmanager
    async def run(recording: RecordingConfig = ALWAYS) -> AsyncIterator[Scene]:
        bench.plug("twin:1")
        async with Station(config("twin:1", recording=recording), clock, opener=bench.open) as station:
            scene = Scene(station, bench, until)
            await until(lambda: bench.opened)
            bench.newest().feed()
            await until(lambda: station.boards()[0].phase is BoardPhase.STREAMING)
            yield scene

    return run


def read(folder: Path, row: RecordingRow) -> tuple[Journal, NDArray[np.int64]]:
    """A journal, and the number of every sample it holds."""
    journal = Journal(folder / row.path)
    numbers = [np.arange(batch.seq, batch.seq + len(batch)) for batch in journal.batches()]
    return journal, np.concatenate(numbers)


async def test_always_records_every_sample_in_segments(scene: Any, tmp_path: Path) -> None:
    async with scene() as s:
        await s.stream(40)
        sent = await s.acknowledged()
        *closed, last = await s.rows()
        assert len(closed) >= 1
        assert {row.end_reason for row in closed} == {"segment"}
        assert s.recording.samples == sent - sum(row.samples for row in closed)
        assert s.recording.id == last.id
    async with Station(s.station.config) as again:
        rows = [*reversed((await again.store.recordings.list()).items)]
    read_back = [await asyncio.to_thread(read, tmp_path / "state", row) for row in rows]
    assert np.concatenate([numbers for _, numbers in read_back]).tolist() == list(range(sent))
    assert [row.end_reason for row in rows] == ["segment"] * len(closed) + ["station-closed"]
    assert [row.samples for row in rows] == [len(numbers) for _, numbers in read_back]
    assert all(journal.recovery.complete for journal, _ in read_back)
    assert rows[0].size == (await asyncio.to_thread((tmp_path / "state" / rows[0].path).stat)).st_size


async def test_the_oldest_segments_go_and_the_one_in_use_stays(scene: Any, tmp_path: Path) -> None:
    async with scene(RecordingConfig(mode="always", segment_s=2, keep_mb=0.02)) as s:
        wanted = await s.station.start_recording("twin-1001", "me")
        for _ in range(20):
            await s.stream(1)
        kept: list[RecordingRow] = []
        async with asyncio.timeout(20):
            while not kept or kept[-1].ended is not None or sum(row.size for row in kept) > 20_000:
                await s.stream(0.04)
                rows = await s.rows()
                kept = [row for row in rows if row.mode == "always"]
        assert len(kept) <= 4
        assert wanted.id in {row.id for row in rows}
        files = await asyncio.to_thread(lambda: {path.name for path in (tmp_path / "state").rglob("*.mcap")})
        assert {Path(row.path).name for row in kept} <= files
        assert len(files) <= 6


async def test_on_demand_records_from_start_to_stop(scene: Any, tmp_path: Path) -> None:
    async with scene(RecordingConfig(mode="on_demand")) as s:
        await s.stream(1)
        assert s.recording is None
        row = await s.station.start_recording("twin-1001", "somebody")
        assert (row.mode, row.by, row.ended) == ("on_demand", "somebody", None)
        with pytest.raises(RecordingRefused, match=f"already being recorded, as {row.id}"):
            await s.station.start_recording("twin-1001", "me")
        await s.stream(2)
        s.bench.newest().feed(missed=4)
        stopped = await s.station.stop_recording(row.id, "somebody")
        assert (stopped.id, stopped.end_reason) == (row.id, "stopped")
        assert s.recording is None
        journal, numbers = await asyncio.to_thread(read, tmp_path / "state", stopped)
        assert numbers[:50].tolist() == list(range(26, 76))
        assert stopped.samples == len(numbers)
        assert journal.head.board.serial == "1001"
        assert journal.head.station == "station-1"
        with pytest.raises(RecordingRefused, match="has ended already"):
            await s.station.stop_recording(row.id, "me")
        with pytest.raises(UnknownRecording):
            await s.station.stop_recording("nothing", "me")


async def test_the_continuous_journal_has_no_stop(scene: Any) -> None:
    async with scene() as s:
        await s.stream(1)
        await s.acknowledged()
        [row] = await s.rows()
        with pytest.raises(RecordingRefused, match="continuous"):
            await s.station.stop_recording(row.id, "me")
        assert s.recording is not None


async def test_a_lost_board_ends_its_journal_and_its_return_begins_another(scene: Any, tmp_path: Path) -> None:
    async with scene() as s:
        await s.stream(1)
        s.bench.newest().feed(missed=2)
        assert await s.acknowledged() == 29
        s.bench.unplug("twin:1")
        await s.until(lambda: s.station.boards()[0].phase is BoardPhase.LOST)
        [row] = await s.rows()
        assert (row.end_reason, row.samples) == ("board-lost", 27)
        journal, _ = await asyncio.to_thread(read, tmp_path / "state", row)
        assert journal.recovery.gaps == (Gap(26, 2, "board"),)
        s.bench.plug("twin:1")
        await s.station.clock.advance(1)
        await s.until(lambda: len(s.bench.opened) > 1)
        await s.stream(1)
        await s.acknowledged()
        rows = await s.rows()
        assert len(rows) == 2
        assert rows[1].ended is None


async def test_a_tare_is_in_the_journal_at_its_sample(scene: Any, tmp_path: Path) -> None:
    async with scene(RecordingConfig(mode="always", segment_s=3)) as s:
        taring = asyncio.create_task(s.station.tare("twin-1001", "somebody"))
        await asyncio.sleep(0)
        board = s.bench.newest()
        board.feed((8.0, 0.0, 0.0, 0.0), n=125)
        tare = await taring
        await s.stream(7)
        await s.acknowledged()
        number = board.feed((8.0, 0.0, 0.0, 700.0)).seq
        await s.acknowledged()
    async with Station(s.station.config) as again:
        rows = [*reversed((await again.store.recordings.list()).items)]
    journals = [(await asyncio.to_thread(read, tmp_path / "state", row))[0] for row in rows]
    assert [(tare.seq, tare.by) for tare in journals[0].tares] == [(126, "somebody")]
    assert journals[0].head.zero == (1000.0,) * 4
    assert journals[-1].head.zero == tare.zero
    loads = await asyncio.to_thread(
        lambda: [newtons for journal in journals for batch, newtons in journal.loads() if batch.seq == number]
    )
    np.testing.assert_allclose(loads, [[[0.0, 0.0, 0.0, 700.0]]], atol=1e-9)


class FullDisk:
    """Makes journals fail as on a full disk while it is full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        self.partial = False
        self._real = os.write
        monkeypatch.setattr(os, "write", self._write)

    def _write(self, file: int, data: Any) -> int:
        if self.full:
            if self.partial and len(data) > 10:
                return int(self._real(file, bytes(data[:10])))
            raise OSError(errno.ENOSPC, "No space left on device")
        return int(self._real(file, data))


@pytest.mark.parametrize("partial", [False, True])
async def test_a_full_disk_is_a_fault_and_recording_resumes_when_there_is_room(
    scene: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, partial: bool
) -> None:
    disk = FullDisk(monkeypatch)
    disk.partial = partial
    async with scene(RecordingConfig(mode="always")) as s:
        await s.stream(2)
        await s.acknowledged()
        disk.full = True
        await s.stream(8)
        await s.until(lambda: s.recording is None)
        assert s.station.boards()[0].phase is BoardPhase.STREAMING
        assert s.recording is None
        assert any("No space left" in fault for fault in s.station.state().faults)
        disk.full = False
        await s.stream(6)
        await s.acknowledged()
        assert s.station.state().faults == ()
        rows = await s.rows()
        assert [row.end_reason for row in rows] == ["disk", ""]
        journal, numbers = await asyncio.to_thread(read, tmp_path / "state", rows[0])
        assert (journal.recovery.torn, journal.recovery.damaged) == (0, 0)
        assert numbers.tolist() == list(range(51))


async def test_a_full_disk_ends_what_was_asked_for(scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = FullDisk(monkeypatch)
    async with scene(RecordingConfig(mode="on_demand")) as s:
        row = await s.station.start_recording("twin-1001", "me")
        await s.stream(1)
        await s.acknowledged()
        disk.full = True
        await s.stream(1)
        ended = await s.ended(row.id)
        assert (ended.end_reason, ended.samples) == ("disk", 25)
        with pytest.raises(RecordingRefused, match="No space left"):
            await s.station.start_recording("twin-1001", "me")
        disk.full = False
        assert (await s.station.start_recording("twin-1001", "me")).ended is None
        assert len(await s.rows()) == 2


async def test_a_defect_of_the_journal_does_not_stop_the_board(scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(*_: object) -> None:
        raise RuntimeError("defect")

    async with scene() as s:
        await s.stream(1)
        monkeypatch.setattr(JournalWriter, "append", defect)
        await s.stream(50)
        assert s.station.boards()[0].phase is BoardPhase.STREAMING
        assert any("defect" in fault for fault in s.station.state().faults)
