"""The HTTP side of a running station: a socket, a server in this loop, signals."""

import asyncio
import errno
import signal
import socket
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from fastapi import FastAPI

from otolith.service.config import HttpConfig

GRACE_SECONDS = 1
"""For answers in progress when the station stops."""
MAX_WS_MESSAGE = 128 * 1024
"""Bytes, from a client: for ``/mqtt``; ``/live`` itself takes far less."""


class CannotListen(OSError):
    """The address cannot be had, or not any longer; the message says why and what to do."""


def bind(host: str, port: int) -> socket.socket:
    """A bound socket. Raises CannotListen."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotListen(f"cannot listen on {host!r}: {error.strerror}.") from None
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(128)
    except OSError as error:
        bound.close()
        raise CannotListen(_why(error, host, port)) from None
    return bound


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use, perhaps by another station; choose another with --port."
    if error.errno == errno.EACCES:
        return f"this user may not listen on port {port}; choose one above 1023 with --port."
    return f"cannot listen on {host} port {port}: {error.strerror}."


class Server(uvicorn.Server):
    """uvicorn inside our loop: it leaves signals to us and says when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave them alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.serving.set()


@asynccontextmanager
async def listening(app: FastAPI, config: HttpConfig, bound: socket.socket) -> AsyncIterator["asyncio.Task[None]"]:
    """Serve the application while the context lasts; leaving it ends every connection within about a second.

    Yields the server's task: it ends before the context only where the server fails.
    """
    server = Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws_max_size=MAX_WS_MESSAGE,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            ssl_certfile=config.tls_cert,
            ssl_keyfile=config.tls_key,
        )
    )
    task = asyncio.create_task(server.serve([bound]), name="http")
    started = asyncio.create_task(server.serving.wait(), name="http started")
    await asyncio.wait([task, started], return_when=asyncio.FIRST_COMPLETED)
    try:
        if not task.done():
            yield task
    finally:
        started.cancel()
        server.should_exit = True
        await task


@contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set; a second one ends the program the hard way."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def heard() -> None:
        stop.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, heard)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
