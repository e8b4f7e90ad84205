"""What a board does whatever the way to it: DolphinBar, hidraw, L2CAP."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from otolith.drivers.batch import Flag
from otolith.drivers.errors import BoardLost, BoardNotFound, BoardRefused, BoardTimeout, DriverError
from otolith.drivers.loads import Constant
from otolith.drivers.rig.tape import Tape, record
from otolith.drivers.wii.board import WiiBoard
from otolith.drivers.wii.codec import reports
from otolith.drivers.wii.codec.handshake import TRIES, WAIT
from otolith.drivers.wii.twin import Manner, factory_block

PATIENCE = 30.0
GRAVITY = 9.80665


async def read(board: WiiBoard, samples: int = 8) -> Tape:
    tape = await record(board, lambda tape: len(tape) >= samples, PATIENCE)
    assert tape.error is None, tape.error
    return tape


class Watch:
    """A stream that goes on while the test does something."""

    def __init__(self, board: WiiBoard, until: Callable[[Tape], bool] = lambda _: False) -> None:
        self.tape = Tape()
        self._ended = asyncio.create_task(record(board, until, PATIENCE, self.tape))

    async def more(self, samples: int = 4) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.tape.reaches(len(self.tape) + samples)

    async def until(self, condition: Callable[[], object]) -> None:
        """Samples may be on their way that know nothing of it yet."""
        while not condition():
            await self.more(1)

    async def error(self) -> DriverError | None:
        return (await self._ended).error

    async def stop(self) -> None:
        self._ended.cancel()
        await asyncio.gather(self._ended, return_exceptions=True)


async def test_every_sample_once_and_in_order(way: Any) -> None:
    async with await way.open(turn=90) as board:
        info = board.info
        assert (info.family, info.serial) == ("wii", f"{factory_block(100001).checksum:08x}")
        assert (info.rate, info.unit, info.battery) == (100.0, "count", 0.99)
        assert info.simulated is (way.name != "hidraw")  # a nameless node cannot tell
        assert info.calibration == factory_block(100001).calibration()
        tape = await read(board, 30)
        np.testing.assert_array_equal(tape.counts, way.sent[: len(tape)])
        assert tape.misnumbered() == []
        assert (tape.missed, board.statistics().malformed) == (0, 0)


@pytest.mark.parametrize("way", ["l2cap-control"], indirect=True)
async def test_old_boards_are_spoken_to_on_the_control_channel(way: Any) -> None:
    async with await way.open() as board:
        tape = await read(board, 30)
        np.testing.assert_array_equal(tape.counts, way.sent[: len(tape)])


@pytest.mark.parametrize("manner", [manner for manner in Manner if manner is not Manner.PROMPT], ids=str)
async def test_answers_may_come_late_twice_in_disorder_or_not_at_once(way: Any, manner: Manner) -> None:
    way.twin.body.manner = manner
    async with await way.open() as board:
        assert board.info.calibration == factory_block(100001).calibration()
        tape = await read(board)
        np.testing.assert_array_equal(tape.counts, way.sent[: len(tape)])


async def test_silence_is_asked_ten_times_and_given_up(way: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (TRIES, WAIT) == (10, 0.5)
    monkeypatch.setattr("otolith.drivers.wii.board.WAIT", 0.02)
    way.twin.body.hear = lambda report: [way.said.append(report)][:0]
    with pytest.raises(BoardTimeout, match="did not answer when it was asked its state, 10 times in 5 s"):
        await way.open()
    assert len(way.said) == TRIES + (way.name == "bar")  # where a slot is knocked at first


async def test_a_wrong_checksum_is_refused_unless_it_is_to_be_ignored(way: Any) -> None:
    good = factory_block(100001)
    way.twin.body.engrave(replace(good, checksum=good.checksum ^ 1))
    with pytest.raises(BoardRefused, match=r"checksum of the board's calibration is wrong.*crc=ignore"):
        await way.open()
    async with await way.open(crc="ignore") as board:
        assert board.info.calibration == good.calibration()
        assert len(await read(board)) >= 8


@pytest.mark.parametrize("number", [reports.SENSORS, reports.EXTENDED])
async def test_clones_that_know_one_report_only(way: Any, number: int) -> None:
    way.twin.body._only = number
    async with await way.open() as board:
        tape = await read(board)
        np.testing.assert_array_equal(tape.counts, way.sent[: len(tape)])
        assert (board.vitals.bars, board.vitals.temperature) == ((None, None) if number == 0x32 else (4, 0x19))
        assert board.statistics().battery == (0.99 if number == 0x32 else 1.0)


async def test_a_clone_that_does_not_know_the_long_report_is_asked_for_the_short_one(
    way: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("otolith.drivers.wii.board.PATIENCE", 0.2)
    set_mode = way.twin.body._set_mode
    way.twin.body._set_mode = lambda number: None if number == reports.EXTENDED else set_mode(number)
    async with await way.open() as board:
        assert len(await read(board)) >= 8
        assert [report[2] for report in way.said if report[0] == 0x12][:2] == [0x34, 0x32]


async def test_loads_below_nothing_and_beyond_34_kg_are_kept(way: Any) -> None:
    loads = (-30.0, 900.0, 40.0 * GRAVITY, 0.0)
    way.twin._source = Constant(loads)
    async with await way.open() as board:
        tape = await read(board)
        found = board.info.calibration.loads(tape.counts)
        np.testing.assert_allclose(found, np.tile(loads, (len(tape), 1)), atol=0.06)


async def test_nothing_but_the_two_waking_registers_is_ever_written(way: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all that reaches the board while it is woken under trouble, refused, read, blinked and read again."""
    monkeypatch.setattr("otolith.drivers.wii.board.BLINK", 0.0)
    good = factory_block(100001)
    way.twin.body.engrave(replace(good, checksum=1))
    with pytest.raises(BoardRefused):
        await way.open()
    way.twin.body.engrave(good)
    way.twin.body.manner = Manner.LATE
    async with await way.open() as board:
        await read(board)
        await board.identify()
        way.twin.body.manner = Manner.DISORDERLY
        await read(board)
    writes = {(report[1], report[2:5].hex()) for report in way.said if report[0] == 0x16}
    assert writes == {(0x04, "a400f0"), (0x04, "a400fb")}
    assert {report[0] for report in way.said} == {0x11, 0x12, 0x15, 0x16, 0x17}
    assert way.twin.body._registers[0x20:0x40] == good.encode()[0]


async def test_data_that_a_status_stopped_are_asked_for_again(way: Any) -> None:
    async with await way.open() as board:
        watch = Watch(board)
        await watch.more()
        before = len(way.said)
        way.twin.say([way.twin.body.interrupt()])
        assert not way.twin.streaming
        await watch.until(lambda: len(way.said) > before)
        await watch.more(50)
        assert [report[:3] for report in way.said[before:]] == [bytes.fromhex("12 04 34")]
        await watch.stop()
        assert watch.tape.misnumbered() == []


async def test_all_zeros_are_no_samples(way: Any) -> None:
    async with await way.open() as board:
        watch = Watch(board)
        await watch.more()
        way.twin.inject("zero")
        error = await watch.error()
        assert isinstance(error, BoardTimeout)
        assert "none that can be used" in str(error)
        np.testing.assert_array_equal(watch.tape.counts, way.sent[: len(watch.tape)])


async def test_a_saturated_cell_is_flagged(way: Any) -> None:
    async with await way.open() as board:
        watch = Watch(board)
        await watch.more()
        way.twin.inject("saturate")
        await watch.until(lambda: bool(watch.tape.flags[-1] & Flag.SATURATED))
        await watch.stop()
        full = (watch.tape.counts == 0xFFFF).all(axis=1)
        np.testing.assert_array_equal((watch.tape.flags & Flag.SATURATED) != 0, full)


async def test_a_falling_battery_shows_while_it_streams(way: Any) -> None:
    async with await way.open() as board:
        watch = Watch(board)
        await watch.more()
        assert board.statistics().battery == 1.0
        way.twin.body.charge = 0x79
        await watch.until(lambda: board.statistics().battery == 0.5)
        assert not board.vitals.low
        way.twin.inject("battery-low")
        await watch.until(lambda: board.statistics().battery == 0.0 and board.vitals.bars == 0)
        assert board.vitals.low
        await watch.stop()
    async with await way.open() as board:
        assert board.info.battery == 0.0
    way.twin.clear()
    async with await way.open() as board:
        assert board.info.battery == 0.99


async def test_a_board_that_saves_power_is_lost_and_comes_back(way: Any) -> None:
    board = await way.open()
    watch = Watch(board)
    await watch.more()
    way.twin.inject("power-save")
    error = await watch.error()
    assert isinstance(error, BoardLost)
    assert "out of range" in str(error)
    assert "switched" in str(error)
    await board.aclose()
    with pytest.raises(BoardNotFound, match="SYNC"):
        await way.open()
    way.twin.clear()
    async with await way.open() as again:
        tape = await read(again)
        np.testing.assert_array_equal(tape.counts, way.sent[: len(tape)])


@pytest.mark.parametrize("way", ["bar"], indirect=True)
async def test_a_slot_that_empties_before_it_is_spoken_to_is_a_board_lost(way: Any) -> None:
    async with await way.open() as board:
        watch = Watch(board)
        await watch.more()
        way.twin.faults.lasting.add("power-save")
        way.twin.say([way.twin.body.interrupt()])
        assert isinstance(await watch.error(), BoardLost)
        with pytest.raises(BoardLost, match="it has switched itself off"):
            await anext(board.batches())
        with pytest.raises(BoardLost):
            await board.identify()


async def test_pulled_out_it_is_lost(way: Any) -> None:
    board = await way.open()
    watch = Watch(board)
    await watch.more()
    way.twin.inject("unplug")
    assert isinstance(await watch.error(), BoardLost)
    await board.aclose()


@pytest.mark.parametrize(("fault", "destroyed"), [("torn", 1), ("garbage", 0), ("long", 0)])
async def test_a_spoilt_report_costs_at_most_itself(way: Any, fault: str, destroyed: int) -> None:
    async with await way.open() as board:
        watch = Watch(board)
        await watch.more()
        way.twin.inject(fault)
        heard = len(watch.tape)
        await watch.until(lambda: len(watch.tape) > heard and not way.twin.faults._waiting)
        await watch.more(50)
        await watch.stop()
        assert watch.tape.misnumbered() == []
        assert watch.tape.missed == destroyed
        np.testing.assert_array_equal(watch.tape.counts, way.sent[: len(watch.tape)])
        assert (board.statistics().malformed > 0) is (fault != "long")


async def test_the_button_counts_ten_seconds_after_connecting(way: Any) -> None:
    async with await way.open() as board:
        watch = Watch(board)
        await watch.more()
        await _press(way, watch, board)
        assert board.statistics().presses == 0
        await watch.stop()
        board._connected -= round(11e9)
        watch = Watch(board)
        await watch.more()
        for _ in range(2):
            await _press(way, watch, board)
        assert board.statistics().presses == 2
        await watch.stop()


async def _press(way: Any, watch: Watch, board: WiiBoard) -> None:
    for pressed in (True, False):
        way.twin.body.button = pressed
        await watch.until(lambda: board.vitals.button is pressed)  # noqa: B023 - it is over before the next turn


async def test_it_blinks(way: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otolith.drivers.wii.board.BLINK", 0.0)
    async with await way.open() as board:
        assert way.twin.body.leds == 0x10
        before = len(way.said)
        await board.identify()
        await board._way.send(reports.ask_status())
        assert len(await read(board)) >= 8
        assert [report[1] for report in way.said[before:] if report[0] == 0x11] == [0x00, 0x10] * 5


async def test_loads_are_corrected_for_temperature_where_that_is_asked_for(way: Any) -> None:
    """15 degrees above that of the calibration: 1.05 % less (WiiBrew); gravity as it is in Quito."""
    way.twin._source = Constant((100.0, 200.0, 300.0, 400.0))
    way.twin.body.temperature = 0x1A + 15
    async with await way.open(temperature="correct", gravity=0.9969) as board:
        loads = board.info.calibration.loads((await read(board)).counts)
        expected = np.array([100.0, 200.0, 300.0, 400.0]) * (1 - 0.0105) * 0.9969
        np.testing.assert_allclose(loads, np.tile(expected, (len(loads), 1)), atol=0.06)


async def test_a_temperature_that_is_not_told_cannot_be_corrected_for(way: Any) -> None:
    way.twin.body._only = reports.SENSORS
    async with await way.open(temperature="correct") as board:
        tape = await record(board, lambda _: False, PATIENCE)
    assert isinstance(tape.error, BoardRefused)
    assert "leave temperature=correct away" in str(tape.error)


async def test_it_is_let_go_of_when_it_is_closed(way: Any) -> None:
    board = await way.open()
    stream = board.batches()
    await anext(stream)
    await board.aclose()
    await board.aclose()
    assert len([batch async for batch in stream]) < 100
    with pytest.raises(BoardLost):
        await anext(board.batches())
