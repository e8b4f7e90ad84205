"""A board by its hidraw node, played by a socket pair: a wire that keeps reports apart, as the kernel does."""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from pathlib import Path

import numpy as np
import pytest

from otolith.drivers.errors import BoardLost, BoardNotFound, BoardTimeout
from otolith.drivers.hid.hidraw import Hidraw
from otolith.drivers.hid.nodes import nodes
from otolith.drivers.monikers import Stance
from otolith.drivers.opening import open_board
from otolith.drivers.rig.tape import record
from otolith.drivers.wii.board import WiiBoard, board_over
from otolith.drivers.wii.hidraw import NAME
from otolith.drivers.wii.twin import Body, Manner, factory_block


class Player:
    """A twin's body at the far end; sends a sample whenever it has nothing else to do, numbered in its first cell."""

    def __init__(self, body: Body, far: socket.socket) -> None:
        self.body = body
        self.sent: list[tuple[int, ...]] = []
        self._far = far

    async def play(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(0.002 if self.body.streaming else None):
                    report = await loop.sock_recv(self._far, 64)
                    if not report:
                        return
                    for answer in self.body.hear(report):
                        await loop.sock_sendall(self._far, answer)
                    continue
            counts = (len(self.sent) + 1, 2000, 3000, 4000)
            await loop.sock_sendall(self._far, self.body.sample(counts))
            self.sent.append(counts)


@pytest.fixture
async def pair() -> AsyncIterator[tuple[Hidraw, Player]]:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    far.setblocking(False)
    way = Hidraw(near.detach(), "/dev/hidraw3")
    player = Player(Body(factory_block()), far)
    playing = asyncio.create_task(player.play())
    yield way, player
    playing.cancel()
    with suppress(asyncio.CancelledError, OSError):
        await playing
    far.close()
    await way.aclose()


async def opened(way: Hidraw, stance: Stance | None = None) -> WiiBoard:
    return await board_over(way, "wii:/dev/hidraw3", stance or Stance(), "")


async def test_every_sample_over_a_byte_wire(pair: tuple[Hidraw, Player]) -> None:
    way, player = pair
    async with await opened(way) as board:
        assert (board.info.serial, board.info.simulated) == ("5e40e9b6", False)
        tape = await record(board, lambda tape: len(tape) >= 100, 30.0)
        np.testing.assert_array_equal(tape.counts, np.array(player.sent, dtype=float)[: len(tape)])
        assert (board.statistics().missed, board.statistics().overruns) == (0, 0)
    assert len(asyncio.all_tasks()) == 2


@pytest.mark.parametrize("manner", Manner)
async def test_boards_of_every_manner(pair: tuple[Hidraw, Player], manner: Manner) -> None:
    way, player = pair
    player.body.manner = manner
    async with await opened(way) as board:
        tape = await record(board, lambda tape: len(tape) >= 10, 30.0)
        assert tape.error is None


async def test_what_goes_away_is_lost(pair: tuple[Hidraw, Player]) -> None:
    way, player = pair
    board = await opened(way)
    stream = board.batches()
    await anext(stream)
    player._far.shutdown(socket.SHUT_RDWR)
    with pytest.raises(BoardLost, match="/dev/hidraw3 is gone: switched off, or out of range"):
        async for _ in stream:
            pass


async def test_what_falls_silent_is_told(pair: tuple[Hidraw, Player]) -> None:
    way, player = pair
    board = await opened(way)
    stream = board.batches()
    await anext(stream)
    player.body.hear = lambda report: [report][:0]  # type: ignore[method-assign]  # deaf from now on
    player.body.mode = None
    with pytest.raises(BoardTimeout, match="sent nothing"):
        async for _ in stream:
            pass


async def test_a_stream_ends_when_the_board_is_closed(pair: tuple[Hidraw, Player]) -> None:
    way, _ = pair
    board = await opened(way)
    stream = board.batches()
    await anext(stream)
    await board.aclose()
    await board.aclose()
    assert len([batch async for batch in stream]) < 100
    with pytest.raises(BoardLost, match="is closed"):
        await anext(board.batches())


async def test_what_a_transform_raises_ends_the_stream(pair: tuple[Hidraw, Player]) -> None:
    way, _ = pair

    def fail(report: bytes, t_host: int) -> None:
        raise ArithmeticError(report, t_host)

    await way.send(b"\x15\x00")
    stream: AsyncGenerator[None, None] = way.reports(fail)
    async with aclosing(stream) as news:
        with pytest.raises(ArithmeticError):
            await anext(news)


def sysfs(folder: Path, number: int, uevent: str) -> None:
    device = folder / f"hidraw{number}" / "device"
    device.mkdir(parents=True)
    (device / "uevent").write_text(uevent)


def test_boards_are_found_among_the_nodes(tmp_path: Path) -> None:
    board = f"DRIVER=wiimote\nHID_ID=0005:0000057E:00000306\nHID_NAME={NAME}\nHID_UNIQ=00:1F:C5:12:34:56\n"
    sysfs(tmp_path, 10, board)
    sysfs(tmp_path, 2, board.replace(NAME, "Nintendo RVL-CNT-01"))
    sysfs(tmp_path, 3, board.replace("0000057E", "x"))
    (tmp_path / "hidraw4").mkdir()
    (node,) = nodes(NAME, tmp_path)
    assert (node.path, node.address, node.product) == (
        "/dev/hidraw10",
        "00:1f:c5:12:34:56",
        0x0306,
    )
    assert "057E:0306" in str(node.problem)


async def test_a_board_that_is_not_there_says_how_to_connect_it(tmp_path: Path) -> None:
    with pytest.raises(BoardNotFound, match="press the red SYNC button"):
        await open_board(f"wii:{tmp_path}/hidraw99")
    with pytest.raises(BoardNotFound, match="no Wii Balance Board 00:1f:c5:12:34:56 is connected"):
        await open_board("wii:00:1F:C5:12:34:56")
