"""A bus of loopback gadgets behind a real server on a real socket, and a watch over threads and tasks."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import pytest
from blockbuster import blockbuster_ctx

from otolith.drivers.usb.loopback import Loopback
from otolith.drivers.usb.usbip.server import UsbipServer

T = TypeVar("T")
PATIENCE = 10.0


class Bus:
    """A server in a thread of its own, so that a test can be the blocking host."""

    def __init__(self, gadgets: dict[str, Any]) -> None:
        self.server = UsbipServer(gadgets)
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bus")
        self._thread.start()
        self.port = self.run(self._stack.enter_async_context(self.server.serving()))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def do(self, function: Callable[..., T], *args: Any) -> T:
        async def call() -> T:
            return function(*args)

        return self.run(call())

    def close(self) -> None:
        self.run(self._stack.aclose())
        leaked = self.do(asyncio.all_tasks, self._loop)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()
        assert len(leaked) == 1, f"tasks of the server outlive it: {leaked}"


@pytest.fixture(autouse=True)
def _no_leaked_threads() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    leaked = [thread for thread in set(threading.enumerate()) - before if thread.name.startswith("usb")]
    for thread in leaked:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in leaked), leaked


@pytest.fixture
async def no_leaked_tasks() -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    yield
    leaked = asyncio.all_tasks() - before - {asyncio.current_task()}
    assert not leaked


@pytest.fixture
def watchful_loop() -> Iterator[None]:
    """A blocking call in the event loop fails the test."""
    with blockbuster_ctx("otolith"):
        yield


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], Coroutine[Any, Any, None]]:
    """Wait for something that another thread brings about."""

    async def wait(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 - no event of this loop tells it
                await asyncio.sleep(0.005)

    return wait


@pytest.fixture
def gadget() -> Loopback:
    return Loopback("0001")


@pytest.fixture
def buses() -> Iterator[Callable[[dict[str, Any]], Bus]]:
    made: list[Bus] = []

    def make(gadgets: dict[str, Any]) -> Bus:
        made.append(Bus(gadgets))
        return made[-1]

    yield make
    for bus in made:
        bus.close()


@pytest.fixture
def bus(buses: Callable[[dict[str, Any]], Bus], gadget: Loopback) -> Bus:
    return buses({"1-1": gadget})


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
