import asyncio
import contextlib
import json

import pytest

from otolith.drivers.errors import BoardLost, BoardRefused, MonikerError
from otolith.drivers.opening import open_board
from otolith.drivers.rig import send_order, serve_twin
from otolith.drivers.rig.tape import record


async def test_a_served_twin_is_opened_by_its_moniker() -> None:
    async with serve_twin("btracks", "recording:BDS00004", port=0, options="rev=1&serial=9") as rig:
        assert rig.orders is None
        async with await open_board(rig.moniker("1-1")) as board:
            assert (board.info.serial, board.info.unit) == ("9", "V/V")
            assert len(await record(board, lambda tape: len(tape) >= 10, 30.0)) >= 10


async def test_orders_reach_the_twin() -> None:
    async with serve_twin("btracks", "constant:700", port=0, orders=0) as rig:
        assert rig.orders
        async with await open_board(rig.moniker("1-1")) as board:
            recording = asyncio.create_task(record(board, lambda _: False, 30.0))
            await send_order("freeze", rig.orders)
            assert rig.twins["1-1"].faults.lasting == {"freeze"}
            await send_order("clear", rig.orders)
            assert rig.twins["1-1"].faults.lasting == set()
            await send_order("unplug", rig.orders)
            assert isinstance((await recording).error, BoardLost)
        await send_order("plug", rig.orders)
        async with await open_board(rig.moniker("1-1")) as board:
            assert len(await record(board, lambda tape: len(tape) >= 3, 30.0)) >= 3


async def test_orders_that_cannot_be_are_refused_with_what_there_is() -> None:
    async with serve_twin("btracks", "constant:700", port=0, orders=0) as rig:
        assert rig.orders
        with pytest.raises(BoardRefused, match="no fault 'explode'; there are unplug, stall"):
            await send_order("explode", rig.orders)
        with pytest.raises(BoardRefused, match="no twin on port 2-1; there is 1-1"):
            await send_order("stall", rig.orders, busid="2-1")


@pytest.mark.parametrize("line", [b"hello", b"[]", b"3", b"{}", b'{"busid": "1-1"}'])
async def test_nonsense_is_answered_and_harms_nothing(line: bytes) -> None:
    async with serve_twin("btracks", "constant:700", port=0, orders=0) as rig:
        assert rig.orders
        reader, writer = await asyncio.open_connection("127.0.0.1", rig.orders)
        writer.write(line + b"\n")
        assert "error" in json.loads(await reader.readline())
        writer.close()
        await writer.wait_closed()
        await send_order("clear", rig.orders)


async def test_a_line_without_end_is_cut_off() -> None:
    async with serve_twin("btracks", "constant:700", port=0, orders=0) as rig:
        assert rig.orders
        reader, writer = await asyncio.open_connection("127.0.0.1", rig.orders)
        writer.write(b"x" * 100_000)
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()
        await send_order("clear", rig.orders)


async def test_nobody_listens(unused_tcp_port: int) -> None:
    with pytest.raises(BoardLost, match="no rig takes orders on port"):
        await send_order("stall", unused_tcp_port)


async def test_a_taken_port_is_an_os_error() -> None:
    async with serve_twin("btracks", "constant:700", port=0) as rig:
        with pytest.raises(OSError, match="in use"):
            async with serve_twin("btracks", "constant:700", port=rig.port):
                pass


@pytest.mark.parametrize(
    ("board", "load", "options"),
    [
        ("wiii", "constant:700", ""),
        ("btracks", "constant", ""),
        ("btracks", "script:nothing", ""),
        ("btracks", "constant:1", "x=1"),
    ],
)
async def test_a_twin_that_cannot_be_is_a_moniker_error(board: str, load: str, options: str) -> None:
    with pytest.raises(MonikerError):
        async with serve_twin(board, load, port=0, options=options):
            pass
