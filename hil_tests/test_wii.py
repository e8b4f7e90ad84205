"""What only a Wii Balance Board does; the rest is in the scenarios."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from otolith.drivers.errors import BoardLost, BoardNotFound, BoardRefused, BoardTimeout
from otolith.drivers.monikers import Stance
from otolith.drivers.rig.bench import Bench, Plugged
from otolith.drivers.rig.tape import Tape, record
from otolith.drivers.wii.board import WiiBoard
from otolith.drivers.wii.twin import DolphinBar, Manner, factory_block

PATIENCE = 60.0


def plug(bench: Bench, load: str = "recording:BDS00001", **options: object) -> tuple[Plugged, DolphinBar]:
    plugged = bench.plug("wii", load, **options)
    assert isinstance(plugged.twin, DolphinBar)
    return plugged, plugged.twin


async def opened(plugged: Plugged) -> WiiBoard:
    board = await plugged.open()
    assert isinstance(board, WiiBoard)
    return board


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for answers less long than a driver should; what is said and in which order stays the same."""
    monkeypatch.setattr("otolith.drivers.wii.board.WAIT", 0.1)
    monkeypatch.setattr("otolith.drivers.wii.board.BLINK", 0.0)


async def test_says_who_it_is(bench: Bench) -> None:
    plugged, twin = plug(bench, serial=7, turn=90, slot=3)
    twin.body.battery = 100
    board = await opened(plugged)
    info = board.info
    serial = f"{factory_block(7).checksum:08x}"
    assert (info.family, info.serial, info.id) == ("wii", serial, f"wii-{serial}")
    assert (info.rate, info.unit, info.simulated, info.battery) == (100.0, "count", True, 0.5)
    assert [(cell.name, cell.x, cell.y) for cell in info.cells] == [
        ("TR", 119.0, -216.5),
        ("BR", -119.0, -216.5),
        ("TL", 119.0, 216.5),
        ("BL", -119.0, 216.5),
    ]
    assert info.moniker == plugged.moniker
    assert twin.body.leds == 0x10


@pytest.mark.parametrize("manner", Manner, ids=str)
async def test_boards_of_every_manner_are_woken_and_read(
    bench: Bench, manner: Manner, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    plugged, twin = plug(bench)
    twin.body.manner = manner
    board = await opened(plugged)
    assert board.info.calibration == factory_block(100001).calibration()
    tape = await record(board, lambda tape: len(tape) >= 50, PATIENCE)
    assert tape.error is None
    sent = plugged.sent(board)
    np.testing.assert_array_equal(tape.counts, sent[: len(tape)])


async def test_a_wrong_checksum_is_refused_unless_it_is_to_be_ignored(bench: Bench) -> None:
    plugged, twin = plug(bench)
    good = factory_block(100001)
    twin.body.engrave(replace(good, checksum=good.checksum ^ 1))
    with pytest.raises(BoardRefused, match=r"checksum of the board's calibration is wrong.*crc=ignore"):
        await plugged.open()
    plugged.stance = Stance(crc="ignore")
    board = await plugged.open()
    assert board.info.calibration == good.calibration()


async def test_an_empty_bar_says_how_to_connect_a_board(bench: Bench) -> None:
    plugged, _ = plug(bench, slot=2)
    plugged.stance = Stance(slot=1)
    with pytest.raises(BoardNotFound, match=r"slot 1 of the bar .* holds no board: set the bar's switch to mode 4"):
        await plugged.open()
    plugged.stance = Stance()
    assert (await plugged.open()).info.family == "wii"


async def test_data_that_stop_after_a_status_are_asked_for_again(bench: Bench) -> None:
    plugged, twin = plug(bench)
    board = await opened(plugged)
    tape = Tape()
    reading = asyncio.create_task(record(board, lambda tape: len(tape) >= 100, PATIENCE, tape))
    async with asyncio.timeout(PATIENCE):
        await tape.reaches(20)
        twin.say(twin.body.hear(b"\x15\x00"))
        assert not twin.streaming
        await reading
    assert tape.error is None
    assert tape.misnumbered() == []


async def test_battery_temperature_and_button_are_told(bench: Bench) -> None:
    plugged, twin = plug(bench)
    board = await opened(plugged)
    await record(board, lambda tape: len(tape) >= 2, PATIENCE)
    assert (board.vitals.temperature, board.vitals.bars, board.vitals.button) == (0x19, 4, False)
    twin.body.button, twin.body.charge = True, 0x6A
    await record(board, lambda tape: len(tape) >= 2, PATIENCE)
    assert (board.vitals.bars, board.vitals.button) == (1, True)


async def test_it_blinks(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    plugged, twin = plug(bench)
    board = await opened(plugged)
    seen: list[int] = []
    hear = twin.body.hear

    def watch(report: bytes) -> list[bytes]:
        if report[0] == 0x11:
            seen.append(report[1])
        return hear(report)

    twin.body.hear = watch  # type: ignore[method-assign]  # only to look on
    await board.identify()
    assert seen == [0x00, 0x10] * 5


async def test_a_board_that_says_nothing_is_given_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    plugged, twin = plug(bench)
    twin.body.hear = lambda report: [report][:0]  # type: ignore[method-assign]  # deaf and dumb
    with pytest.raises(BoardTimeout, match="did not answer when it was asked its state, 10 times in 5 s"):
        await plugged.open()


async def test_a_board_that_saves_power_is_lost_and_comes_back_by_its_button(bench: Bench) -> None:
    plugged, twin = plug(bench)
    board = await opened(plugged)
    tape = Tape()
    reading = asyncio.create_task(record(board, lambda _: False, PATIENCE, tape))
    async with asyncio.timeout(PATIENCE):
        await tape.reaches(10)
    twin.inject("power-save")
    await reading
    assert isinstance(tape.error, BoardLost)
    assert "it has switched itself off" in str(tape.error)
    await board.aclose()
    with pytest.raises(BoardNotFound, match="holds no board"):
        await plugged.open()
    twin.clear()
    tape = await record(await opened(plugged), lambda tape: len(tape) >= 10, PATIENCE)
    assert tape.error is None


async def test_a_low_battery_is_told_while_it_streams(bench: Bench) -> None:
    plugged, twin = plug(bench)
    board = await opened(plugged)
    tape = Tape()
    reading = asyncio.create_task(record(board, lambda tape: len(tape) >= 140, PATIENCE, tape))
    async with asyncio.timeout(PATIENCE):
        await tape.reaches(10)
        assert board.statistics().battery == 1.0
        twin.inject("battery-low")
        await reading
    assert tape.error is None
    assert (board.statistics().battery, board.vitals.low) == (0.0, True)
