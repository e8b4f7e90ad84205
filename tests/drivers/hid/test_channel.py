"""A channel over a socket pair: a wire that keeps reports apart, as the kernel's nodes do."""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import pytest

from otolith.drivers.errors import BoardLost, BoardTimeout
from otolith.drivers.hid.channel import Channel


@pytest.fixture
async def pair() -> AsyncIterator[tuple[Channel, socket.socket]]:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    channel = Channel(near.detach(), "/dev/hidraw3")
    yield channel, far
    far.close()
    await channel.aclose()


def kept(report: bytes, t_host: int) -> tuple[bytes, int]:
    return report, t_host


async def test_reports_keep_their_borders_and_their_times(pair: tuple[Channel, socket.socket]) -> None:
    channel, far = pair
    async with aclosing(channel.reports(kept)) as news:
        for report in (b"\x34abc", b"\x34"):
            far.send(report)
        (first, before), (second, after) = await anext(news), await anext(news)
    assert (first, second) == (b"\x34abc", b"\x34")
    assert before <= after
    await channel.send(b"\x15\x00")
    assert far.recv(64) == b"\x15\x00"
    assert channel.statistics().overruns == 0


async def test_what_goes_away_is_lost(pair: tuple[Channel, socket.socket]) -> None:
    channel, far = pair
    async with aclosing(channel.reports(kept)) as news:
        far.send(b"last")
        far.shutdown(socket.SHUT_RDWR)
        assert (await anext(news))[0] == b"last"
        with pytest.raises(BoardLost, match="/dev/hidraw3 is gone: switched off, or out of range"):
            await anext(news)
    with pytest.raises(BoardLost, match="is gone"):
        await channel.send(b"\x15\x00")


async def test_silence_is_told_where_it_is_asked_for(pair: tuple[Channel, socket.socket]) -> None:
    channel, _ = pair
    async with aclosing(channel.reports(kept, silence=0.02)) as news:
        with pytest.raises(BoardTimeout, match="/dev/hidraw3 has sent nothing for"):
            await anext(news)


async def test_a_stream_ends_when_the_channel_is_closed(pair: tuple[Channel, socket.socket]) -> None:
    channel, _ = pair
    async with aclosing(channel.reports(kept)) as news:
        reading = asyncio.create_task(anext(news, None))
        await asyncio.sleep(0)
        await channel.aclose()
        await channel.aclose()
        assert await reading is None
    with pytest.raises(BoardLost, match="is closed"):
        await channel.send(b"\x15\x00")


async def test_what_a_transform_raises_ends_the_stream(pair: tuple[Channel, socket.socket]) -> None:
    channel, far = pair

    def fail(report: bytes, t_host: int) -> None:
        raise ArithmeticError(report, t_host)

    stream: AsyncGenerator[None, None] = channel.reports(fail)
    far.send(b"\x20")
    async with aclosing(stream) as news:
        with pytest.raises(ArithmeticError):
            await anext(news)


async def test_a_far_end_that_takes_nothing_is_told(pair: tuple[Channel, socket.socket]) -> None:
    channel, _ = pair

    async def pour() -> None:
        while True:
            await channel.send(bytes(4096))

    with pytest.raises(BoardTimeout, match="did not take a report"):
        await pour()
