import asyncio

import numpy as np
import pytest

from otolith.drivers import opening
from otolith.drivers.calibration import Linear
from otolith.drivers.errors import BoardForbidden, BoardNotFound, MonikerError
from otolith.drivers.monikers import Usb, form
from otolith.drivers.opening import Sighting, open_board, sightings
from otolith.drivers.phidget_bridge.codec import PRODUCT, VENDOR
from otolith.drivers.rig.bench import Bench
from otolith.drivers.rig.tape import record
from otolith.drivers.sim import SimBoard
from otolith.drivers.usb.backends import usbip
from otolith.drivers.usb.seen import Seen


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> list[Seen]:
    """What is plugged into this machine."""
    plugged: list[Seen] = []
    monkeypatch.setattr(opening, "libusb", lambda: None)
    monkeypatch.setattr(opening, "find", lambda _: plugged)
    return plugged


def seen(serial: str = "1", *, product: int = PRODUCT, problem: BoardForbidden | None = None) -> Seen:
    return Seen(VENDOR, product, 0x0102, serial, "PhidgetBridge 4-Input", 1, 5, (2, 1), problem, None)


async def test_a_simulated_board_streams_and_closes_with_its_twin() -> None:
    board = await open_board("sim:btracks?load=constant:700&serial=42")
    assert isinstance(board, SimBoard)
    async with board:
        info = board.info
        tape = await record(board, lambda tape: len(tape) >= 10, 30.0)
        port = board.rig.port
    assert info.moniker == "sim:btracks?load=constant:700&serial=42"
    assert (info.serial, info.simulated) == ("42", True)
    loads = info.calibration.loads(tape.counts)
    assert isinstance(info.calibration, Linear)
    np.testing.assert_allclose(loads.sum(axis=1), 700.0, atol=4 * 0.5 * info.calibration.gain[0])
    with pytest.raises(BoardNotFound, match="no USB/IP server"):
        await open_board(f"usbip://127.0.0.1:{port}/1-1")
    await board.aclose()
    assert len(asyncio.all_tasks()) == 1


async def test_a_simulated_board_that_cannot_be_leaves_nothing_behind() -> None:
    with pytest.raises(MonikerError, match="a 1046_0 samples every 8 to 1000 ms"):
        await open_board("sim:btracks?load=constant:700&interval=9")
    assert len(asyncio.all_tasks()) == 1


async def test_a_twin_pulls_its_own_cable_when_it_is_told_to() -> None:
    async with await open_board("sim:btracks?load=constant:700&fault=unplug@0.05") as board:
        tape = await record(board, lambda _: False, 30.0)
    assert type(tape.error).__name__ == "BoardLost"
    assert len(tape) in {5, 6, 7}


async def test_a_board_is_found_on_its_port(ports: list[Seen]) -> None:
    async with Bench() as bench:
        bench.plug("btracks", serial=7)
        ports += await asyncio.to_thread(_look, bench)
        async with await open_board("usb:06c2:003b") as board:
            info = board.info
        assert info.moniker == "usb:06c2:003b"
        assert await sightings() == [
            Sighting("usb:06c2:003b?serial=7", "BTrackS (Phidget Bridge 1046)", "7", "1.02", "1-1", None)
        ]


def _look(bench: Bench) -> list[Seen]:
    from otolith.drivers.usb.seen import find  # noqa: PLC0415 - the fixture has replaced the one in opening

    return find(usbip(port=bench.rig.port))


async def test_sightings_say_why_a_board_cannot_be_opened(ports: list[Seen]) -> None:
    problem = BoardForbidden("write a udev rule")
    ports += [seen(problem=problem), seen("2", product=0x0046)]
    (sighting,) = await sightings()
    assert (sighting.moniker, sighting.path, sighting.problem) == ("usb:06c2:003b?serial=1", "1-2.1", problem)


async def test_nothing_plugged_in_says_so(ports: list[Seen]) -> None:
    assert await sightings() == []
    with pytest.raises(BoardNotFound, match="is not plugged in; check its cable; 'otolith boards' lists"):
        await open_board("usb:06c2:003b")
    ports.append(seen("1"))
    with pytest.raises(BoardNotFound, match=r"plugged in: usb:06c2:003b\?serial=1"):
        await open_board("usb:06c2:003b?serial=3")


async def test_several_boards_must_be_told_apart(ports: list[Seen]) -> None:
    ports += [seen("1"), seen("2")]
    with pytest.raises(BoardNotFound, match=r"say which: usb:06c2:003b\?serial=1, usb:06c2:003b\?serial=2"):
        await open_board(form(Usb(VENDOR, PRODUCT)))


async def test_a_device_without_a_driver_is_told_those_with_one() -> None:
    with pytest.raises(BoardNotFound, match="no driver for usb:046d:c52b; there are drivers for usb:06c2:003b"):
        await open_board("usb:046d:c52b")


async def test_an_empty_port_of_a_server_is_told_the_others() -> None:
    async with Bench() as bench:
        bench.plug("btracks")
        with pytest.raises(BoardNotFound, match=r"exported there: 1-1 \(06c2:003b PhidgetBridge 4-Input \(twin\)\)"):
            await open_board(f"usbip://127.0.0.1:{bench.rig.port}/1-2")
