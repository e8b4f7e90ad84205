import asyncio
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from otolith.drivers.batch import Flag
from otolith.drivers.board import Board
from otolith.drivers.errors import BoardBusy, BoardRefused, RecordingError
from otolith.drivers.monikers import Replay, form
from otolith.drivers.opening import open_board
from otolith.drivers.phidget_bridge.geometry import btracks_cells
from otolith.drivers.replay.journal_head import JournalHead
from otolith.drivers.replay.journal_writer import JournalWriter
from otolith.drivers.replay.library import FOLDER
from otolith.drivers.rig.tape import Tape, record

BDS = Replay(
    str(FOLDER / "BDS00001.txt.gz"),
    speed=math.inf,
    columns="t=Time[s],fz=Fz[N],ml=COPy[cm],ap=COPx[cm]",
    units="cm",
)


async def whole(board: Board) -> Tape:
    return await record(board, lambda _: False, 30.0)


async def test_a_recording_comes_out_as_it_went_in() -> None:
    async with await open_board(form(BDS)) as board:
        tape = await whole(board)
        info = board.info
    assert (info.family, info.serial, info.rate, info.unit) == ("replay", "BDS00001", 100.0, "N")
    assert info.simulated
    assert len(tape) == 6000
    assert tape.misnumbered() == []
    x, y = (np.array([getattr(cell, axis) for cell in info.cells]) for axis in "xy")
    force = tape.counts.sum(axis=1)
    assert force[0] == pytest.approx(539.066061)
    assert (tape.counts @ x / force)[0] == pytest.approx(9.98673)
    assert (tape.counts @ y / force)[0] == pytest.approx(-79.88789)
    assert (info.calibration.loads(tape.counts) == tape.counts).all()


async def test_at_unlimited_speed_times_are_the_recording_s_own() -> None:
    async with await open_board(form(BDS)) as board:
        tape = await whole(board)
    t = np.concatenate([batch.t_host for batch in tape.batches])
    np.testing.assert_allclose(np.diff(t) * 1e-9, 0.01, rtol=1e-6)
    device = np.concatenate([batch.t_device for batch in tape.batches if batch.t_device is not None])
    assert (device[0], device[-1]) == (0.01, 60.0)


async def test_gaps_are_gaps_again(tmp_path: Path) -> None:
    rows = [(i / 100.0, 1.0, 2.0, 600.0 + i) for i in range(50) if not 20 <= i < 23]
    text = "t,ml,ap,fz\n" + "".join(f"{t},{a},{b},{'' if f == 640.0 else f}\n" for t, a, b, f in rows)
    path = tmp_path / "a trial.csv"
    path.write_text(text)
    async with await open_board(form(Replay(str(path), speed=math.inf, units="mm"))) as board:
        tape = await whole(board)
    assert tape.misnumbered() == []
    assert tape.missed == 4
    assert len(tape) == 46
    gaps = [(batch.seq, batch.missed, int(batch.flags[0])) for batch in tape.batches if batch.missed]
    assert gaps == [(23, 3, Flag.AFTER_GAP), (41, 1, Flag.AFTER_GAP)]
    assert np.isfinite(tape.counts).all()


@pytest.fixture
async def journal(tmp_path: Path) -> tuple[Path, NDArray[np.float64]]:
    """A second of a board, and its loads in newtons."""
    path = tmp_path / "trial.mcap"
    async with await open_board("sim:btracks?load=recording:BDS00004&turn=90&interval=16") as board:
        tape = await record(board, lambda tape: len(tape) >= 30, 30.0)
        info = board.info
    head = JournalHead(
        station="s",
        id="1",
        started="2026-01-01T00:00:00+00:00",
        monotonic_ns=int(tape.batches[0].t_host[0]),
        board=info,
        calibration=info.calibration,
        zero=info.calibration.zero,
        versions={},
    )
    writer = JournalWriter(path, head)
    for batch in tape.batches:
        writer.append(batch)
    writer.close()
    return path, info.calibration.loads(tape.counts)


async def test_a_journal_comes_out_as_the_board_that_it_recorded(journal: tuple[Path, NDArray[np.float64]]) -> None:
    path, loads = journal
    async with await open_board(form(Replay(str(path), speed=math.inf))) as board:
        tape = await whole(board)
        assert board.info.cells == btracks_cells(turn=90)
        assert board.info.rate == 62.5
    np.testing.assert_allclose(tape.counts, loads, rtol=1e-12)


async def test_it_starts_again_where_it_is_told_to() -> None:
    looped = Replay(BDS.path, speed=math.inf, columns=BDS.columns, units="cm", loop=True)
    async with await open_board(form(looped)) as board:
        tape = await record(board, lambda tape: len(tape) > 13000, 30.0)
    assert tape.misnumbered() == []
    np.testing.assert_array_equal(tape.counts[:6000], tape.counts[6000:12000])


async def test_closing_ends_a_stream_that_waits_for_its_time() -> None:
    slow = Replay(BDS.path, speed=0.01, columns=BDS.columns, units="cm")
    board = await open_board(form(slow))
    streaming = asyncio.create_task(whole(board))
    await asyncio.sleep(0)
    await board.aclose()
    tape = await streaming
    assert tape.error is None


async def test_one_reader_at_a_time() -> None:
    async with await open_board(form(BDS)) as board:
        first = board.batches()
        await anext(first)
        with pytest.raises(BoardBusy):
            await anext(board.batches())
        with pytest.raises(BoardRefused):
            await board.identify()
        assert board.statistics().samples == 100


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    path = tmp_path / "cut.txt.gz"
    path.write_bytes(Path(BDS.path).read_bytes()[:100_000])
    return path


async def test_a_cut_recording_is_refused_at_the_door(cut: Path) -> None:
    with pytest.raises(RecordingError, match=r"cut\.txt\.gz"):
        await open_board(form(Replay(str(cut), columns=BDS.columns, units="cm")))


async def test_a_force_alone_is_no_board(tmp_path: Path) -> None:
    path = tmp_path / "force.csv"
    path.write_text("t,fz\n0.0,1\n0.1,2\n0.2,2\n")
    with pytest.raises(RecordingError, match="a board needs a CoP"):
        await open_board(form(Replay(str(path))))
