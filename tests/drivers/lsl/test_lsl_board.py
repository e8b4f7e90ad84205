"""Streams of the Lab Streaming Layer as boards: what was sent arrives, once, at its time, in newtons."""

import builtins
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from otolith.drivers.batch import Flag
from otolith.drivers.board import Board
from otolith.drivers.errors import BoardBusy, BoardLost, BoardNotFound, BoardRefused, BoardTimeout
from otolith.drivers.lsl import library
from otolith.drivers.lsl.board import LslBoard
from otolith.drivers.lsl.chart import chart
from otolith.drivers.lsl.outlet import Outlet
from otolith.drivers.opening import open_board
from otolith.drivers.rig.tape import Tape, record

Array = NDArray[np.float64]
Offered = Callable[..., tuple[Outlet, str]]
TOLERANCE = 1e-3
"""Seconds; liblsl measures the distance of two clocks over the network, even where they are one."""


def times(n: int, rate: float = 125.0) -> NDArray[np.int64]:
    return time.monotonic_ns() + np.rint(np.arange(n) / rate * 1e9).astype(np.int64)


async def until_lost(board: Board, outlet: Outlet, samples: int) -> Tape:
    """All samples, and then the stream's end."""

    def enough(tape: Tape) -> bool:
        if len(tape) >= samples:
            outlet.close()
        return False

    return await record(board, enough, 30.0)


async def test_every_sample_arrives_once_at_its_time_and_a_gap_is_a_gap(offered: Offered) -> None:
    outlet, name = offered("load1 load2 load3 load4 flags", units="N")
    t = times(400)
    t[250:] += 40_000_000
    values = np.column_stack([np.arange(1600.0).reshape(400, 4), np.zeros(400)])
    values[250, 4] = Flag.AFTER_GAP
    values[300, 4] = Flag.SATURATED
    async with await open_board(f"lsl:name={name}") as board:
        assert [(cell.x, cell.y) for cell in board.info.cells] == [(200, 300), (200, -300), (-200, -300), (-200, 300)]
        assert (board.info.family, board.info.rate, board.info.unit, board.info.simulated) == ("lsl", 125.0, "N", True)
        for rows in np.split(np.arange(400), 16):
            outlet.push(values[rows], t[rows])
        tape = await until_lost(board, outlet, 400)
    assert isinstance(tape.error, BoardLost)
    np.testing.assert_array_equal(tape.counts, values[:, :4])
    assert tape.misnumbered() == []
    assert [(batch.seq, batch.missed) for batch in tape.batches if batch.missed] == [(255, 5)]
    device = np.concatenate([batch.t_device for batch in tape.batches if batch.t_device is not None])
    np.testing.assert_allclose(device, t * 1e-9, atol=TOLERANCE)
    assert int(tape.flags[300]) == Flag.SATURATED


async def test_a_cop_in_other_units_stands_on_cells_of_ours(offered: Offered) -> None:
    outlet, name = offered("COPx COPy Fz", units="cm,cm,kN", described=False)
    values = np.array([[1.0, -2.0, 0.7], [np.nan, np.nan, 0.004], [3.0, 4.0, np.nan]])
    async with await open_board(f"lsl:name={name}?columns=ml=COPy,ap=-COPx,fz=Fz") as board:
        outlet.push(values, times(3))
        tape = await until_lost(board, outlet, 3)
    x, y = (np.array([getattr(cell, axis) for cell in board.info.cells]) for axis in "xy")
    force = tape.counts.sum(axis=1)
    np.testing.assert_allclose(force, [700.0, 4.0, 0.0])
    np.testing.assert_allclose((tape.counts[0] @ x / 700.0, tape.counts[0] @ y / 700.0), (-20.0, -10.0))
    assert tape.flags.tolist() == [0, 0, Flag.INVALID]


async def test_a_wrench_in_newton_metres_is_a_plate(offered: Offered) -> None:
    outlet, name = offered("fx1 fy1 fz1 mx1 my1 mz1", units="N,N,N,Nm,Nm,Nm", described=False)
    async with await open_board(f"lsl:name={name}") as board:
        outlet.push(np.array([[1.0, 2.0, 700.0, 0.5, -0.25, 0.125]]), times(1))
        tape = await until_lost(board, outlet, 1)
        assert len(board.info.plates) == 1
    np.testing.assert_allclose(tape.counts, [[1.0, 2.0, 700.0, 500.0, -250.0, 125.0]])


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ("a b", "say which column is which, as in columns="),
        ("load1 load2", "cannot be a board: it needs a CoP"),
        ("ml ap", "names no unit: give units="),
        ("fx1 fy1 fz1 mx1 my1 mz1 fx2 fy2 fz2 mx2 my2 mz2", "does not say where they stand"),
    ],
)
def test_channels_that_are_no_board_are_refused_in_words(labels: str, words: str) -> None:
    named = labels.split()
    with pytest.raises(BoardRefused, match=words):
        chart("a stream", named, [""] * len(named))


async def test_a_refused_stream_is_let_go(offered: Offered) -> None:
    _, name = offered("a b", described=False)
    with pytest.raises(BoardRefused, match=f"the stream '{name}': say which column is which"):
        await open_board(f"lsl:name={name}")


async def test_text_and_a_stream_without_a_rate_are_refused(offered: Offered) -> None:
    _, name = offered("ml ap", units="mm", irregular="as it comes", described=False)
    with pytest.raises(BoardRefused, match="names no rate; say about how fast, with rate="):
        await open_board(f"lsl:name={name}")
    async with await open_board(f"lsl:name={name}?rate=50") as board:
        assert board.info.rate == 50.0
    pylsl = library.liblsl()
    markers = pylsl.StreamOutlet(pylsl.StreamInfo(f"{name} m", "Markers", 1, 0.0, "string", f"{name} m"))
    with pytest.raises(BoardRefused, match="holds text"):
        await open_board(f"lsl:name={name} m")
    del markers


async def test_one_that_is_not_there_and_two_of_one_name(offered: Offered) -> None:
    _, name = offered("ml ap", units="mm")
    with pytest.raises(BoardNotFound, match=f"no stream lsl:name=nobody; there are, .*{name}"):
        await open_board("lsl:name=nobody")
    offered("ml ap", units="mm")
    with pytest.raises(BoardNotFound, match="could be several streams; say which"):
        await open_board("lsl:type=Test")


async def test_silence_is_told_and_one_reader_at_a_time(offered: Offered) -> None:
    _, name = offered("ml ap", units="mm")
    async with await open_board(f"lsl:name={name}") as board:
        with pytest.raises(BoardRefused, match="no light to blink with"):
            await board.identify()
        assert isinstance(board, LslBoard)
        board._streaming = True
        with pytest.raises(BoardBusy):
            await anext(board.batches())
        board._streaming = False
        with pytest.raises(BoardTimeout, match="the stream is there and silent"):
            await anext(board.batches())


async def test_without_pylsl_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("pylsl"):
            raise ImportError("No module named 'pylsl'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setattr("otolith.drivers.lsl.finding.liblsl", library.liblsl.__wrapped__)
    with pytest.raises(BoardRefused, match=r"pip install 'otolith\[lsl\]'"):
        await open_board("lsl:name=any")
