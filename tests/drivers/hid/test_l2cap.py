"""Frames on both channels, and what is said where there is no connection; no machine of ours needs Bluetooth."""

import asyncio
import errno
import os
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from otolith.drivers.errors import (
    BoardBusy,
    BoardForbidden,
    BoardLost,
    BoardNotFound,
    BoardRefused,
    BoardTimeout,
    DriverError,
    MonikerError,
)
from otolith.drivers.hid import l2cap

ADDRESS = "00:1f:c5:12:34:56"


class Exchange:
    """Both channels, ours and the far ends."""

    def __init__(self, refused: int | None = None) -> None:
        self.dialled: list[int] = []
        self.near: dict[int, socket.socket] = {}
        self.far: dict[int, socket.socket] = {}
        self._refused = refused

    async def dial(self, address: str, psm: int) -> socket.socket:
        assert address == ADDRESS
        self.dialled.append(psm)
        if psm == self._refused:
            raise l2cap.explain(OSError(errno.ECONNREFUSED, "Connection refused"), address)
        self.near[psm], self.far[psm] = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        return self.near[psm]


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    exchange = Exchange()
    yield exchange
    for channel in exchange.far.values():
        channel.close()


def report(data: bytes, _: int) -> bytes:
    return data


async def test_frames_are_those_of_the_profile(exchange: Exchange) -> None:
    link = await l2cap.connect(ADDRESS, "board", dial=exchange.dial)
    assert exchange.dialled == [0x11, 0x13]
    await link.send(b"\x12\x04\x34")
    assert exchange.far[0x13].recv(64) == b"\xa2\x12\x04\x34"
    async with aclosing(link.reports(report)) as news:
        for frame in (b"\xa1\x20\x00", b"\xa2\x34", b"\xa1", b"\x34"):
            exchange.far[0x13].send(frame)
        assert [await anext(news) for _ in range(4)] == [b"\x20\x00", b"", b"", b""]
    assert link.statistics().overruns == 0
    await link.aclose()
    await link.aclose()
    assert [exchange.far[psm].recv(64) for psm in (0x13, 0x11)] == [b"", b""]


async def test_on_the_control_channel_reports_are_set_and_answers_do_not_pile_up(exchange: Exchange) -> None:
    link = await l2cap.connect(ADDRESS, "board", by_control=True, dial=exchange.dial)
    far = exchange.far[0x11]
    far.setblocking(False)
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(30):
        for _ in range(2000):  # more than the socket holds
            await loop.sock_sendall(far, b"\x00")
    await link.send(b"\x12\x04\x34")
    assert await loop.sock_recv(far, 64) == b"\x52\x12\x04\x34"
    far.shutdown(socket.SHUT_RDWR)
    exchange.far[0x13].send(b"\xa1\x30\x00\x00")
    exchange.far[0x13].shutdown(socket.SHUT_RDWR)
    async with aclosing(link.reports(report)) as news:
        assert await anext(news) == b"\x30\x00\x00"
        with pytest.raises(BoardLost, match="board is gone: switched off, or out of range"):
            await anext(news)
    await link.aclose()


async def test_one_channel_alone_is_none() -> None:
    exchange = Exchange(refused=0x13)
    with pytest.raises(BoardBusy, match="is connected already"):
        await l2cap.connect(ADDRESS, "board", dial=exchange.dial)
    assert exchange.near[0x11].fileno() == -1
    exchange.far[0x11].close()


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.EHOSTUNREACH, BoardNotFound, "no Bluetooth adapter is switched on.*rfkill unblock.*power on"),
        (errno.ENETDOWN, BoardNotFound, "no Bluetooth adapter is switched on"),
        (errno.EHOSTDOWN, BoardNotFound, f"{ADDRESS} does not answer: press the red SYNC button"),
        (errno.ETIMEDOUT, BoardNotFound, "does not answer"),
        (errno.ECONNREFUSED, BoardBusy, f"is connected already.*bluetoothctl disconnect {ADDRESS}"),
        (errno.EBUSY, BoardBusy, "is connected already"),
        (errno.EACCES, BoardRefused, f"refuses the key.*bluetoothctl remove {ADDRESS}"),
        (errno.EBADE, BoardRefused, "refuses the key"),
        (errno.EPERM, BoardForbidden, "forbids Bluetooth sockets.*container or sandbox"),
        (errno.EAFNOSUPPORT, BoardNotFound, "this kernel has no Bluetooth"),
        (errno.EPROTO, BoardTimeout, f"{ADDRESS} cannot be reached"),
    ],
)
def test_why_there_is_no_connection(number: int, kind: type[DriverError], words: str) -> None:
    error = l2cap.explain(OSError(number, os.strerror(number)), ADDRESS)
    assert type(error) is kind
    with pytest.raises(kind, match=words):
        raise error
    assert os.strerror(number) in str(error)


async def test_a_python_without_bluetooth_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_BLUETOOTH", raising=False)
    with pytest.raises(MonikerError, match="this Python was built without Bluetooth sockets"):
        await l2cap.dial_bluetooth(ADDRESS, 0x11)


async def test_a_kernel_without_bluetooth_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """45 is no family of Linux; neither was Bluetooth where its module is missing."""
    monkeypatch.setattr(socket, "AF_BLUETOOTH", 45, raising=False)
    monkeypatch.setattr(socket, "BTPROTO_L2CAP", 0, raising=False)
    with pytest.raises(DriverError, match=r"this kernel has no Bluetooth|forbids Bluetooth sockets"):
        await l2cap.dial_bluetooth(ADDRESS, 0x11)


async def test_connecting_waits_without_blocking_and_tells_what_came_of_it() -> None:
    """TCP, which connects as L2CAP does: at first it is in progress."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.socket() as plug:
            await l2cap.connect_socket(plug, "127.0.0.1", port)
            assert plug.getpeername() == ("127.0.0.1", port)
    with socket.socket() as plug, pytest.raises(ConnectionRefusedError):
        await l2cap.connect_socket(plug, "127.0.0.1", port)


class Plug(socket.socket):
    """A Bluetooth socket whose radio finds nobody."""

    number = errno.EHOSTDOWN

    def __init__(self, *_: int) -> None:
        super().__init__(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def connect_ex(self, address: object) -> int:
        assert address == (ADDRESS, 0x11)
        return self.number


@pytest.mark.parametrize(
    ("number", "words"), [(errno.EHOSTDOWN, "does not answer"), (errno.EINPROGRESS, r"does not answer.*timed out")]
)
async def test_a_dialled_board_that_is_off(monkeypatch: pytest.MonkeyPatch, number: int, words: str) -> None:
    class Silent(Plug):
        pass

    Silent.number = number
    monkeypatch.setattr(socket, "AF_BLUETOOTH", socket.AF_UNIX, raising=False)
    monkeypatch.setattr(socket, "BTPROTO_L2CAP", 0, raising=False)
    monkeypatch.setattr(socket, "socket", Silent)
    monkeypatch.setattr(l2cap, "CONNECTING", 0.0)
    with pytest.raises(BoardNotFound, match=words):
        await l2cap.dial_bluetooth(ADDRESS, 0x11)
