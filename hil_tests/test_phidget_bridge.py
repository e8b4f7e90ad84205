"""Scenarios of a BTrackS board (Phidget Bridge 1046), both firmware generations."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from otolith.drivers.batch import Flag
from otolith.drivers.board import Board
from otolith.drivers.errors import BoardLost, BoardNotFound, BoardTimeout
from otolith.drivers.rig.bench import Bench
from otolith.drivers.rig.tape import Tape, record

RATE = {0: 125, 1: 1000}
PATIENCE = 30.0
"""Seconds after which a scenario has failed; none depends on how fast this machine is."""

pytestmark = pytest.mark.parametrize("rev", RATE)


def same(delivered: NDArray[np.float64], sent: NDArray[np.float64]) -> None:
    """Every sample once, in order, bit for bit; the newest may still be on their way."""
    assert 0 < len(delivered) <= len(sent)
    np.testing.assert_array_equal(delivered, sent[: len(delivered)])


def never(_: Tape) -> bool:
    return False


@dataclass(slots=True)
class Watch:
    """A stream being recorded while the scenario goes on."""

    tape: Tape
    ended: asyncio.Task[Tape]

    async def started(self, samples: int = 25) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.tape.reaches(samples)


def watching(board: Board, enough: Callable[[Tape], bool]) -> Watch:
    tape = Tape()
    return Watch(tape, asyncio.create_task(record(board, enough, PATIENCE, tape)))


async def test_says_who_it_is(bench: Bench, rev: int) -> None:
    plugged = bench.plug("btracks", rev=rev, serial=4711, turn=90)
    info = (await plugged.open()).info
    assert (info.family, info.serial, info.id) == ("phidget_bridge", "4711", "phidget-bridge-4711")
    assert (info.rate, info.unit, info.simulated) == (RATE[rev], ["count", "V/V"][rev], True)
    assert info.model == f"BTrackS (Phidget Bridge 1046_{rev})"
    assert [(cell.name, cell.x, cell.y) for cell in info.cells] == [
        ("FR", 300.0, -200.0),
        ("BR", -300.0, -200.0),
        ("BL", -300.0, 200.0),
        ("FL", 300.0, 200.0),
    ]
    assert info.moniker == plugged.moniker


async def test_streams_every_sample_once_and_in_order(bench: Bench, rev: int, seconds: float) -> None:
    plugged = bench.plug("btracks", rev=rev)
    board = await plugged.open()
    tape = await record(board, lambda tape: len(tape) >= seconds * RATE[rev], seconds + PATIENCE)
    assert tape.misnumbered() == []
    same(tape.counts, plugged.sent(board))
    assert not tape.flags.any()
    seen = board.statistics()
    assert (seen.missed, seen.malformed, seen.overruns) == (0, 0, 0)


@pytest.mark.parametrize("ppm", [200, -200])
async def test_a_skewed_clock_loses_nothing(bench: Bench, rev: int, seconds: float, ppm: int) -> None:
    plugged = bench.plug("btracks", rev=rev, skew=ppm)
    board = await plugged.open()
    tape = await record(board, lambda tape: len(tape) >= seconds * RATE[rev], seconds + PATIENCE)
    same(tape.counts, plugged.sent(board))
    assert tape.missed == 0


async def test_unplugged_it_is_lost_and_replugged_it_is_back(bench: Bench, rev: int) -> None:
    plugged = bench.plug("btracks", rev=rev)
    board = await plugged.open()
    watch = watching(board, never)
    await watch.started()
    await plugged.unplug()
    tape = await watch.ended
    assert isinstance(tape.error, BoardLost)
    same(tape.counts, plugged.sent(board))
    with pytest.raises(BoardNotFound, match="exported there: nothing"):
        await plugged.open()
    await board.aclose()
    await plugged.replug()
    again = await plugged.open()
    tape = await record(again, lambda tape: len(tape) >= 25, PATIENCE)
    same(tape.counts, plugged.sent(again))


async def test_a_stalled_endpoint_is_cleared_and_loses_nothing(bench: Bench, rev: int) -> None:
    plugged = bench.plug("btracks", rev=rev)
    board = await plugged.open()
    watch = watching(board, lambda tape: len(tape) >= 100)
    await watch.started()
    plugged.twin.inject("stall")
    tape = await watch.ended
    same(tape.counts, plugged.sent(board))
    assert tape.missed == 0


@pytest.mark.parametrize(("faults", "destroyed"), [(["torn", "short", "drop"], 3), (["garbage", "long"], 0)])
async def test_a_spoilt_report_costs_at_most_itself(bench: Bench, rev: int, faults: list[str], destroyed: int) -> None:
    """``destroyed`` samples never arrive; the others may lose at most as many reports as were spoilt.

    At 125 Hz: one loss at 1 kHz is shorter than the delays of a busy computer, and takes the clock longer to prove.
    """
    plugged = bench.plug("btracks", rev=rev, seed=3, interval=8)
    board = await plugged.open()
    watch = watching(board, lambda tape: len(tape) >= 520)
    await watch.started(250)
    for fault in faults:
        plugged.twin.inject(fault)
    tape = await watch.ended
    assert tape.misnumbered() == []
    arrived = {tuple(row) for row in tape.counts}
    assert len(arrived) == len(tape)
    victims = sum(tuple(row) not in arrived for row in plugged.sent(board)[: len(tape)])
    assert victims <= len(faults) - destroyed
    assert tape.missed == destroyed + victims
    assert board.statistics().malformed >= 1


async def test_a_repeated_report_is_no_sample(bench: Bench, rev: int) -> None:
    """At 25 Hz, as a repetition is told from a sample by its content and by coming before its time."""
    plugged = bench.plug("btracks", rev=rev, interval=40)
    board = await plugged.open()
    watch = watching(board, lambda tape: len(tape) >= 50)
    await watch.started()
    for _ in range(3):
        plugged.twin.inject("repeat")
    tape = await watch.ended
    same(tape.counts, plugged.sent(board))
    assert board.statistics().malformed == 3
    assert tape.missed == 0


async def test_a_frozen_board_is_silent_and_can_be_read_again(bench: Bench, rev: int) -> None:
    plugged = bench.plug("btracks", rev=rev)
    board = await plugged.open()
    watch = watching(board, never)
    await watch.started()
    plugged.twin.inject("freeze")
    tape = await watch.ended
    assert isinstance(tape.error, BoardTimeout)
    assert "sent nothing" in str(tape.error)
    same(tape.counts, plugged.sent(board))
    plugged.twin.clear()
    tape = await record(board, lambda tape: len(tape) >= 25, PATIENCE)
    assert (tape.error, tape.missed) == (None, 0)


async def test_what_a_board_slept_through_is_counted(bench: Bench, rev: int) -> None:
    plugged = bench.plug("btracks", rev=rev, interval=8)
    board = await plugged.open()
    watch = watching(board, lambda tape: tape.missed > 0)
    await watch.started(250)
    plugged.twin.inject("freeze")
    await asyncio.sleep(0.2)
    plugged.twin.clear()
    tape = await watch.ended
    assert tape.misnumbered() == []
    same(tape.counts, plugged.sent(board))
    skipped = np.diff([sample.index for sample in plugged.twin.sent]) - 1
    assert tape.missed == skipped.sum() > 0


async def test_a_board_that_sends_zeros_is_silent(bench: Bench, rev: int) -> None:
    plugged = bench.plug("btracks", rev=rev)
    board = await plugged.open()
    watch = watching(board, never)
    await watch.started()
    plugged.twin.inject("zero")
    tape = await watch.ended
    assert isinstance(tape.error, BoardTimeout)
    assert "none that can be used" in str(tape.error)
    assert board.statistics().malformed > 0


async def test_saturation_is_flagged_on_every_sample_of_it(bench: Bench, rev: int) -> None:
    plugged = bench.plug("btracks", rev=rev)
    board = await plugged.open()
    watch = watching(board, lambda tape: bool(tape.flags[-1] & Flag.SATURATED))
    await watch.started()
    plugged.twin.inject("saturate")
    tape = await watch.ended
    full = [2**24 - 1, (2**23 - 1) / 2**23 / 128][rev]
    np.testing.assert_array_equal((tape.flags & Flag.SATURATED) != 0, (tape.counts == full).all(axis=1))


async def test_two_boards_do_not_mix(bench: Bench, rev: int) -> None:
    plugs = [bench.plug("btracks", f"recording:BDS0000{n}", rev=rev, serial=n) for n in (1, 4)]
    boards = [await plugged.open() for plugged in plugs]
    tapes = await asyncio.gather(*(record(board, lambda tape: len(tape) >= RATE[rev], PATIENCE) for board in boards))
    assert [board.info.serial for board in boards] == ["1", "4"]
    for plugged, board, tape in zip(plugs, boards, tapes, strict=True):
        same(tape.counts, plugged.sent(board))
