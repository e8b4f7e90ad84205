"""Scenarios of a BTrackS board (Phidget Bridge 1046), both firmware generations."""

import asyncio

import numpy as np
import pytest

from otolith.drivers.batch import Flag
from otolith.drivers.errors import BoardLost, BoardNotFound, BoardTimeout
from otolith.drivers.monikers import parse

FAMILIES = ["btracks-0", "btracks-1"]
pytestmark = pytest.mark.parametrize("family", FAMILIES)


def rate(family: str) -> int:
    return {"btracks-0": 125, "btracks-1": 1000}[family]


def same(delivered, sent) -> None:
    """Every sample once, in order, bit for bit."""
    assert len(delivered) <= len(sent)
    np.testing.assert_array_equal(delivered, sent[: len(delivered)])


async def test_says_who_it_is(bench, family):
    plugged = bench.plug(family, serial="4711")
    board = await plugged.open()
    info = board.info
    assert (info.family, info.serial, info.rate, info.simulated) == ("phidget_bridge", "4711", rate(family), True)
    assert info.id == "phidget-bridge-4711"
    assert [cell.name for cell in info.cells] == ["FR", "BR", "BL", "FL"]
    assert info.moniker == plugged.moniker


async def test_streams_every_sample_once_and_in_order(bench, family, record, seconds):
    plugged = bench.plug(family)
    board = await plugged.open()
    tape = await record(board, lambda tape: len(tape) >= seconds * rate(family))
    tape.check_numbering()
    same(tape.counts, plugged.sent(board))
    assert len(tape) >= seconds * rate(family)
    assert not tape.flags.any()
    seen = board.statistics()
    assert (seen.missed, seen.malformed, seen.overruns) == (0, 0, 0)


async def test_unplugged_it_is_lost_and_replugged_it_is_back(bench, family, record):
    plugged = bench.plug(family)
    board = await plugged.open()
    watching = record(board, lambda tape: False)
    while board.statistics().samples < 20:
        await asyncio.sleep(0.01)
    sent = plugged.sent(board)
    await plugged.unplug()
    tape = await watching
    assert isinstance(tape.error, BoardLost)
    same(tape.counts[: len(sent)], sent)
    with pytest.raises(BoardNotFound, match="exported there: nothing"):
        await plugged.open()
    await board.aclose()
    await plugged.replug()
    again = await plugged.open()
    tape = await record(again, lambda tape: len(tape) >= 20)
    same(tape.counts, plugged.sent(again))


async def test_a_stalled_endpoint_is_cleared_and_loses_nothing(bench, family, record):
    plugged = bench.plug(family)
    board = await plugged.open()
    watching = record(board, lambda tape: len(tape) >= 60)
    while board.statistics().samples < 20:
        await asyncio.sleep(0.01)
    plugged.twin.inject("stall")
    tape = await watching
    same(tape.counts, plugged.sent(board))
    assert board.statistics().missed == 0


@pytest.mark.parametrize("fault", ["garbage", "torn", "short", "long", "drop"])
async def test_a_spoilt_report_costs_at_most_itself(bench, family, record, fault):
    plugged = bench.plug(family, seed="3")
    board = await plugged.open()
    spoils = 3

    def enough(tape) -> bool:
        """As many samples and losses as there were sent, or so many more that a loss would have shown."""
        return len(tape) >= 100 + rate(family) * 1.5

    watching = record(board, enough)
    while board.statistics().samples < 50:
        await asyncio.sleep(0.01)
    for _ in range(spoils):
        plugged.twin.inject(fault)
    tape = await watching
    tape.check_numbering()
    sent = plugged.sent(board)
    lost = len({tuple(row) for row in sent[: len(tape)]} - {tuple(row) for row in tape.counts})
    assert lost <= spoils
    destroyed = spoils if fault in ("torn", "short", "drop") else 0
    assert tape.missed == destroyed + lost
    if not lost:
        same(tape.counts, sent)
    if fault == "garbage":
        assert board.statistics().malformed >= spoils


async def test_a_repeated_report_is_no_sample(bench, family, record):
    """At 25 Hz, as a repetition is told from a sample by its content and by coming before its time."""
    plugged = bench.plug(family, interval="40")
    board = await plugged.open()
    watching = record(board, lambda tape: len(tape) >= 50)
    while board.statistics().samples < 25:
        await asyncio.sleep(0.01)
    for _ in range(3):
        plugged.twin.inject("repeat")
    tape = await watching
    same(tape.counts, plugged.sent(board))
    assert board.statistics().malformed >= 3
    assert tape.missed == 0


async def test_a_frozen_board_is_silent_and_can_be_read_again(bench, family, record):
    plugged = bench.plug(family)
    board = await plugged.open()
    watching = record(board, lambda tape: False)
    while board.statistics().samples < 20:
        await asyncio.sleep(0.01)
    plugged.twin.inject("freeze")
    tape = await watching
    assert isinstance(tape.error, BoardTimeout)
    assert "sent nothing" in str(tape.error)
    same(tape.counts, plugged.sent(board))
    plugged.twin.clear()
    tape = await record(board, lambda tape: len(tape) >= 20)
    assert tape.error is None
    assert tape.missed == 0


async def test_what_a_board_slept_through_is_counted(bench, family, record):
    plugged = bench.plug(family)
    board = await plugged.open()
    watching = record(board, lambda tape: tape.missed > 0)
    while board.statistics().samples < 50:
        await asyncio.sleep(0.01)
    plugged.twin.inject("freeze")
    await asyncio.sleep(0.2)
    plugged.twin.clear()
    tape = await watching
    tape.check_numbering()
    same(tape.counts, plugged.sent(board))
    indices = [sample.index for sample in plugged.twin.sent]
    assert tape.missed == sum(np.diff(indices) - 1) > 0


async def test_a_board_that_sends_zeros_is_silent(bench, family, record):
    plugged = bench.plug(family)
    board = await plugged.open()
    watching = record(board, lambda tape: False)
    while board.statistics().samples < 20:
        await asyncio.sleep(0.01)
    plugged.twin.inject("zero")
    tape = await watching
    assert isinstance(tape.error, BoardTimeout)
    assert "none that can be used" in str(tape.error)
    assert board.statistics().malformed > 0


async def test_saturation_is_flagged_on_every_sample_of_it(bench, family, record):
    plugged = bench.plug(family)
    board = await plugged.open()
    watching = record(board, lambda tape: bool(tape.flags[-1] & Flag.SATURATED))
    while board.statistics().samples < 20:
        await asyncio.sleep(0.01)
    plugged.twin.inject("saturate")
    tape = await watching
    full = (2**24 - 1) if board.info.unit == "count" else (2**23 - 1) / 2**23 / 128
    np.testing.assert_array_equal((tape.flags & Flag.SATURATED) != 0, (tape.counts == full).all(axis=1))


@pytest.mark.parametrize("ppm", ["200", "-200"])
async def test_a_skewed_clock_loses_nothing(bench, family, record, seconds, ppm):
    plugged = bench.plug(family, skew=ppm)
    board = await plugged.open()
    tape = await record(board, lambda tape: len(tape) >= seconds * rate(family))
    same(tape.counts, plugged.sent(board))
    assert tape.missed == 0


async def test_two_boards_do_not_mix(bench, family, record):
    first = bench.plug(family, load="recording:BDS00001", serial="1")
    second = bench.plug(family, load="recording:BDS00004", serial="2")
    boards = [await first.open(), await second.open()]
    tapes = await asyncio.gather(*(record(board, lambda tape: len(tape) >= rate(family)) for board in boards))
    for plugged, board, tape in zip((first, second), boards, tapes, strict=True):
        same(tape.counts, plugged.sent(board))
        assert board.info.serial == str(parse(board.info.moniker).busid)[-1]
