import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from types import SimpleNamespace
from typing import Any, Self

import pytest
import usb.core
import usb.util
from usb.core import USBError

from otolith.drivers.errors import BoardBusy, BoardForbidden, BoardLost, BoardRefused, BoardTimeout
from otolith.drivers.usb import backends, reader
from otolith.drivers.usb.gadget import Setup
from otolith.drivers.usb.loopback import ECHO, MEMORY, SINK, SOURCE, Loopback
from otolith.drivers.usb.outbox import Outbox
from otolith.drivers.usb.pipe import Pipe, open_pipe
from otolith.drivers.usb.seen import Seen, find
from otolith.drivers.usb.usbip.backend import UsbipBackend
from otolith.drivers.usb.usbip.server import UsbipServer

pytestmark = pytest.mark.usefixtures("no_leaked_tasks", "watchful_loop")
PATIENCE = 10.0


class Desk:
    """A board on a port, in the loop of the test."""

    def __init__(self, gadget: Loopback) -> None:
        self.gadget = gadget
        self.server = UsbipServer({"1-1": gadget})
        self.backend: Any = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        port = await self._stack.enter_async_context(self.server.serving())
        self.backend = backends.usbip(port=port)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def seen(self) -> Seen:
        (seen,) = await asyncio.to_thread(find, self.backend, 0x1209)
        return seen

    async def open(self, **more: Any) -> Pipe:
        pipe = await open_pipe(await self.seen(), **more)
        self._stack.push_async_callback(pipe.aclose)
        return pipe


@pytest.fixture
async def desk(gadget: Loopback) -> AsyncIterator[Desk]:
    async with Desk(gadget) as desk:
        yield desk


def number(packet: bytes, _: int) -> int:
    return int.from_bytes(packet, "big")


async def take(pipe: Pipe, count: int, **more: Any) -> list[int]:
    taken: list[int] = []
    async with asyncio.timeout(PATIENCE), aclosing(pipe.packets(number, **more)) as packets:
        async for packet in packets:
            taken.append(packet)
            if len(taken) == count:
                break
    return taken


async def test_packets_arrive_once_and_in_order(desk: Desk) -> None:
    pipe = await desk.open()

    async def feed() -> None:
        for each in range(2000):
            desk.gadget.emit(each.to_bytes(4, "big"))
            if not each % 20:
                await asyncio.sleep(0.001)

    feeding = asyncio.create_task(feed())
    assert await take(pipe, 2000, room=4000) == list(range(2000))
    await feeding
    statistics = pipe.statistics()
    assert (statistics.packets, statistics.bytes, statistics.overruns) == (2000, 8000, 0)


class _Narrow(Loopback):
    configuration_descriptor = Loopback.configuration_descriptor.replace(b"\x81\x03\x40", b"\x81\x03\x08")


async def test_full_packets_are_delivered_each_or_together_as_asked() -> None:
    async with Desk(_Narrow()) as desk:
        async with await desk.open() as pipe:
            for each in range(3):
                desk.gadget.emit(bytes([each]) * 8)
            assert await take(pipe, 3) == [number(bytes([each]) * 8, 0) for each in range(3)]
        async with await desk.open() as pipe:
            for each in range(4):
                desk.gadget.emit(bytes([each]) * 8)
            assert await take(pipe, 2, length=12) == [
                number(b"\0" * 8 + b"\1" * 8, 0),
                number(b"\2" * 8 + b"\3" * 8, 0),
            ]


async def test_packets_come_together_up_to_the_first_that_is_not_full() -> None:
    async with Desk(_Narrow()) as desk, await desk.open() as pipe:
        for each in range(4):
            desk.gadget.emit(bytes([each]) * 8)
        desk.gadget.emit(b"\4" * 3)
        for each in range(5, 9):
            desk.gadget.emit(bytes([each]) * 8)
        pieces = [b"".join(bytes([each]) * 8 for each in range(3)), b"\3" * 8 + b"\4" * 3]
        pieces.append(b"".join(bytes([each]) * 8 for each in range(5, 8)))
        assert await take(pipe, 3, length=24) == [number(piece, 0) for piece in pieces]
        assert pipe.statistics().packets == 3


async def test_what_has_come_is_delivered_when_no_more_comes_in_time() -> None:
    async with Desk(_Narrow()) as desk, await desk.open() as pipe:
        desk.gadget.emit(b"\1" * 8)
        assert await take(pipe, 1, length=800) == [number(b"\1" * 8, 0)]


async def test_a_transform_runs_in_the_reader_thread_with_the_time_and_may_keep_a_packet(desk: Desk) -> None:
    pipe = await desk.open()
    threads: set[str] = set()

    def odd(packet: bytes, t_host: int) -> tuple[int, int] | None:
        threads.add(threading.current_thread().name)
        return (packet[0], t_host) if packet[0] % 2 else None

    for each in range(10):
        desk.gadget.emit(bytes([each]))
    async with asyncio.timeout(PATIENCE), aclosing(pipe.packets(odd)) as packets:
        taken = [await anext(packets) for _ in range(5)]
    assert [packet for packet, _ in taken] == [1, 3, 5, 7, 9]
    assert sorted(time for _, time in taken) == [time for _, time in taken]
    assert threads == {"usb 1-1 0x81"}


async def test_what_a_transform_raises_ends_its_stream_only(desk: Desk) -> None:
    pipe = await desk.open()

    def fail(packet: bytes, _: int) -> int:
        raise ZeroDivisionError(packet)

    desk.gadget.emit(b"1")
    with pytest.raises(ZeroDivisionError):
        await anext(pipe.packets(fail))
    desk.gadget.emit(b"\2")
    assert await take(pipe, 1) == [2]


async def test_control_both_ways_while_idle_and_while_streaming(desk: Desk) -> None:
    pipe = await desk.open()
    assert await pipe.control(0x41, MEMORY, 0, 0, b"idle") == b""
    assert await pipe.control(0xC1, MEMORY, 0, 0, 64) == b"idle"
    async with aclosing(pipe.packets(number)) as packets:
        silent = asyncio.ensure_future(anext(packets))
        for each in range(3):
            await pipe.control(0x41, MEMORY, 0, 0, bytes([each]))
            assert await pipe.control(0xC1, MEMORY, 0, 0, 64) == bytes([each])
        desk.gadget.emit(b"\7")
        assert await silent == 7
    assert pipe.statistics().controls == 8


async def test_out_endpoints_can_be_written(desk: Desk) -> None:
    pipe = await desk.open(endpoint=ECHO)
    assert await pipe.write(SINK, b"\1\2") == 2
    assert await take(pipe, 1) == [0x0102]


async def test_a_refused_request_is_refused_and_the_board_goes_on(desk: Desk) -> None:
    pipe = await desk.open()
    with pytest.raises(BoardRefused, match="1209:0001"):
        await pipe.control(0xC1, 0x77, 0, 0, 8)
    assert await pipe.control(0x41, MEMORY, 0, 0, b"x") == b""


class _Slow(Loopback):
    async def control(self, setup: Setup, data: bytes) -> bytes:
        if setup.request == 2:
            await asyncio.Event().wait()
        return await super().control(setup, data)


async def test_a_request_that_is_not_answered_times_out_and_can_be_abandoned() -> None:
    async with Desk(_Slow()) as desk:
        pipe = await desk.open()
        with pytest.raises(BoardTimeout, match="in time"):
            await pipe.control(0xC1, 2, 0, 0, 8, timeout=0.02)
        first = asyncio.ensure_future(pipe.control(0xC1, 2, 0, 0, 8, timeout=0.2))
        second = asyncio.ensure_future(pipe.control(0x41, MEMORY, 0, 0, b"never"))
        await asyncio.sleep(0)
        for request in (second, first):
            request.cancel()
            with pytest.raises(asyncio.CancelledError):
                await request
        assert await pipe.control(0xC1, MEMORY, 0, 0, 8) == b""


async def test_a_question_is_answered_on_another_endpoint_while_packets_come(desk: Desk) -> None:
    pipe = await desk.open()
    desk.gadget.emit(b"\1")
    async with asyncio.timeout(PATIENCE), aclosing(pipe.packets(number)) as packets:
        assert await anext(packets) == 1
        assert await pipe.ask(SINK, b"who?", ECHO) == b"who?"
        assert await pipe.ask(SINK, b"and now?", ECHO, 8) == b"and now?"
        desk.gadget.emit(b"\2")
        assert await anext(packets) == 2
    with pytest.raises(BoardTimeout, match="did not answer in time"):
        await pipe.ask(SINK, b"hello?", SOURCE, timeout=0.05)


async def test_what_waits_on_an_endpoint_is_thrown_away(desk: Desk) -> None:
    pipe = await desk.open()
    for each in range(3):
        desk.gadget.emit(bytes([each]) * 10)
    assert await pipe.drain(SOURCE) == 30
    assert await pipe.drain(SOURCE) == 0
    desk.gadget.emit(b"\7")
    assert await take(pipe, 1) == [7]


async def test_silence_is_an_error_only_where_it_was_asked_for(desk: Desk, eventually: Any) -> None:
    pipe = await desk.open()
    with pytest.raises(BoardTimeout, match="port 1-1 has sent nothing for"):
        await take(pipe, 1, silence=0.06)
    reading = asyncio.ensure_future(take(pipe, 1))
    await eventually(lambda: pipe.statistics().timeouts >= 4)
    desk.gadget.emit(b"\5")
    assert await reading == [5]


async def test_stalls_are_cleared_and_counted(desk: Desk) -> None:
    pipe = await desk.open()
    for each in range(3):
        desk.gadget.emit(bytes([each]))
        desk.gadget.stall()
    desk.gadget.emit(b"\3")
    assert await take(pipe, 4) == [0, 1, 2, 3]
    assert pipe.statistics().stalls == 3


async def test_endless_stalls_lose_the_board(desk: Desk) -> None:
    pipe = await desk.open()
    for _ in range(reader.MAX_FAULTS):
        desk.gadget.stall()
    with pytest.raises(BoardLost, match="8 reads in a row"):
        await take(pipe, 1)


async def test_overruns_are_survived_and_counted(desk: Desk) -> None:
    pipe = await desk.open()
    desk.gadget.emit(b"\1\0\0")
    desk.gadget.emit(bytes(65))
    desk.gadget.emit(b"\2")
    assert await take(pipe, 2) == [0x010000, 2]
    assert pipe.statistics().errors == 1


async def test_a_slow_consumer_loses_the_oldest_and_knows_it(desk: Desk, eventually: Any) -> None:
    pipe = await desk.open()
    async with aclosing(pipe.packets(number, room=5)) as packets:
        desk.gadget.emit(b"\xff")
        assert await anext(packets) == 255
        for each in range(50):
            desk.gadget.emit(bytes([each]))
        await eventually(lambda: pipe.statistics().packets >= 51)
        assert [await anext(packets) for _ in range(5)] == [45, 46, 47, 48, 49]
    assert pipe.statistics().overruns == 45


async def test_unplugging_in_the_middle_loses_the_board_for_everyone(desk: Desk, eventually: Any) -> None:
    pipe = await desk.open()
    reading = asyncio.ensure_future(take(pipe, 2))
    desk.gadget.emit(b"\1")
    await eventually(lambda: pipe.statistics().packets)
    await desk.server.unplug("1-1")
    with pytest.raises(BoardLost, match="1209:0001 is gone"):
        await reading
    for _ in range(2):
        with pytest.raises(BoardLost):
            await pipe.control(0xC1, MEMORY, 0, 0, 8)
    with pytest.raises(BoardLost):
        await take(pipe, 1)
    await pipe.aclose()


async def test_unplugging_while_idle_is_noticed_by_the_next_request(desk: Desk) -> None:
    pipe = await desk.open()
    await desk.server.unplug("1-1")
    with pytest.raises(BoardLost):
        await pipe.control(0xC1, MEMORY, 0, 0, 8)


async def test_a_board_comes_back_after_replugging(desk: Desk) -> None:
    pipe = await desk.open()
    await desk.server.unplug("1-1")
    await pipe.aclose()
    desk.server.plug("1-1", desk.gadget)
    again = await desk.open()
    desk.gadget.emit(b"\4")
    assert await take(again, 1) == [4]


async def test_closing_ends_the_stream_and_may_be_repeated(desk: Desk, eventually: Any) -> None:
    pipe = await desk.open()
    reading = asyncio.ensure_future(take(pipe, 1))
    await eventually(lambda: pipe.statistics().timeouts)
    await asyncio.gather(pipe.aclose(), pipe.aclose())
    assert await reading == []
    with pytest.raises(BoardLost, match="closed"):
        await pipe.control(0xC1, MEMORY, 0, 0, 8)
    assert await take(pipe, 1) == []
    assert not desk.gadget.attached.is_set()


async def test_a_newer_stream_takes_over(desk: Desk) -> None:
    pipe = await desk.open()
    first = asyncio.ensure_future(take(pipe, 1))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(take(pipe, 1))
    assert await first == []
    desk.gadget.emit(b"\6")
    assert await second == [6]


async def test_cancelling_a_reader_leaves_the_pipe_usable(desk: Desk) -> None:
    pipe = await desk.open()
    reading = asyncio.ensure_future(take(pipe, 1))
    await asyncio.sleep(0.01)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await pipe.control(0x41, MEMORY, 0, 0, b"x") == b""


async def test_a_board_can_be_opened_once(desk: Desk) -> None:
    pipe = await desk.open()
    with pytest.raises(BoardBusy, match="another program"):
        await desk.open()
    await pipe.aclose()
    await desk.open()


async def test_a_board_held_by_another_host_is_busy(desk: Desk) -> None:
    seen = await desk.seen()
    stranger = UsbipBackend(*desk.backend._server)
    device = await asyncio.to_thread(usb.core.find, backend=stranger)
    await asyncio.to_thread(device.get_active_configuration)
    with pytest.raises(BoardBusy):
        await open_pipe(seen)
    await asyncio.to_thread(usb.util.dispose_resources, device)


async def test_another_kind_of_board_is_refused(desk: Desk) -> None:
    with pytest.raises(BoardRefused, match="no endpoint 0x83 in interface 0"):
        await desk.open(endpoint=0x83)
    with pytest.raises(BoardRefused, match="interface 4"):
        await desk.open(interface=4)
    assert not desk.gadget.attached.is_set()


async def test_a_board_that_has_gone_cannot_be_opened(desk: Desk) -> None:
    seen = await desk.seen()
    await desk.server.unplug("1-1")
    with pytest.raises(BoardLost, match="no longer on port 1-1"):
        await open_pipe(seen)


async def test_opening_can_be_cancelled(desk: Desk) -> None:
    seen = await desk.seen()
    opening = asyncio.ensure_future(open_pipe(seen))
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    async with await open_pipe(seen) as pipe:
        assert pipe.statistics().packets == 0


class _Guarded(UsbipBackend):
    """A bus with a kernel that has a driver of its own, and rights to give."""

    def __init__(self, port: int) -> None:
        super().__init__(port=port)
        self.calls: list[str] = []
        self.forbidden = False

    def open_device(self, dev: Any) -> Any:
        if self.forbidden:
            raise USBError("Access denied (insufficient permissions)", -3, 13)
        return super().open_device(dev)

    def is_kernel_driver_active(self, _handle: Any, _interface: int) -> bool:
        return "detach" not in self.calls

    def detach_kernel_driver(self, _handle: Any, _interface: int) -> None:
        self.calls.append("detach")

    def attach_kernel_driver(self, _handle: Any, _interface: int) -> None:
        self.calls.append("attach")

    def claim_interface(self, dev_handle: Any, intf: int) -> None:
        self.calls.append("claim")
        super().claim_interface(dev_handle, intf)

    def release_interface(self, dev_handle: Any, intf: int) -> None:
        self.calls.append("release")
        super().release_interface(dev_handle, intf)


@pytest.fixture
async def guarded(desk: Desk) -> SimpleNamespace:
    backend = _Guarded(desk.backend._server[1])
    desk.backend = backend
    return SimpleNamespace(backend=backend, desk=desk)


async def test_the_kernels_driver_steps_aside_and_comes_back(guarded: SimpleNamespace) -> None:
    async with await guarded.desk.open() as pipe:
        assert guarded.backend.calls == ["detach", "claim"]
        await pipe.control(0x41, MEMORY, 0, 0, b"x")
    assert guarded.backend.calls == ["detach", "claim", "release", "attach"]


async def test_a_forbidden_board_says_how_to_allow_it(guarded: SimpleNamespace) -> None:
    guarded.backend.forbidden = True
    seen = await guarded.desk.seen()
    assert isinstance(seen.problem, BoardForbidden)
    with pytest.raises(BoardForbidden, match=r"Run 'sudo \S+.* udev --install' once"):
        await open_pipe(seen)


def test_a_loop_that_is_closed_ends_the_reader(bus: Any) -> None:
    (seen,) = find(backends.usbip(port=bus.port), 0x1209)
    loop = asyncio.new_event_loop()
    pipe = loop.run_until_complete(open_pipe(seen, endpoint=SOURCE))
    pipe._reader.connect(reader.Stream(number, Outbox(loop, 3), None))
    loop.close()
    pipe._reader.join(PATIENCE)
    assert not pipe._reader.is_alive()
