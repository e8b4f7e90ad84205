"""MQTT for browsers: a WebSocket on the API's own port, spliced to the broker's port."""

import asyncio
from socket import SO_RCVBUF, SOL_SOCKET
from typing import Final

import structlog
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from otolith.api.auth import foreign_origin

log = structlog.get_logger(__name__)

PATH: Final = "/mqtt"
SUBPROTOCOL: Final = "mqtt"
"""MQTT 3.1.1, 6.0."""
CHUNK: Final = 64 * 1024
"""Bytes from the broker in one message."""
MAX_SOCKETS: Final = 32

GOING_AWAY: Final = 1001
UNACCEPTABLE: Final = 1003
"""Text where MQTT is bytes (RFC 6455, 7.4.1)."""
POLICY: Final = 1008
TRY_LATER: Final = 1013


class Splice:
    """Copies bytes both ways and understands none: who may connect is decided by the broker, from CONNECT.

    Slow on either side, it stops reading on the other; what a slow browser leaves unread piles up at the broker, which
    bounds it.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._open = 0

    async def serve(self, socket: WebSocket) -> None:
        """One browser, from handshake to close."""
        refusal = self._refusal(socket)
        if refusal:
            log.info("mqtt websocket refused", reason=refusal)
            await socket.close(POLICY, refusal)
            return
        try:
            reader, writer = await asyncio.open_connection(self._host, self._port)
        except OSError as error:
            log.warning("mqtt websocket without broker", reason=str(error))
            await socket.close(TRY_LATER, "the broker is not there; try again")
            return
        writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_RCVBUF, CHUNK)
        self._open += 1
        try:
            await socket.accept(SUBPROTOCOL)
            await self._splice(socket, reader, writer)
        finally:
            self._open -= 1
            writer.transport.abort()

    def _refusal(self, socket: WebSocket) -> str:
        """Why not, in plain words; empty where nothing speaks against it."""
        if foreign_origin(socket):
            return "pages of another origin may not connect"
        if SUBPROTOCOL not in socket.scope.get("subprotocols", []):
            return "ask for the subprotocol mqtt"
        return "" if self._open < MAX_SOCKETS else "too many connections"

    async def _splice(self, socket: WebSocket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until one side ends; then the other is ended too."""
        ways = [
            asyncio.create_task(_to_broker(socket, writer), name="mqtt-websocket-in"),
            asyncio.create_task(_to_browser(reader, socket), name="mqtt-websocket-out"),
        ]
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        code = next((way.result() for way in done if way.exception() is None), GOING_AWAY)
        if socket.application_state is WebSocketState.CONNECTED and socket.client_state is WebSocketState.CONNECTED:
            await socket.close(code)


async def _to_broker(socket: WebSocket, writer: asyncio.StreamWriter) -> int:
    """Copy until the browser ends; the code to close with."""
    try:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return GOING_AWAY
            data = message.get("bytes")
            if data is None:
                return UNACCEPTABLE
            writer.write(data)
            await writer.drain()
    except (WebSocketDisconnect, OSError):
        return GOING_AWAY


async def _to_browser(reader: asyncio.StreamReader, socket: WebSocket) -> int:
    """Copy until the broker ends; the code to close with."""
    try:
        while data := await reader.read(CHUNK):
            await socket.send_bytes(data)
    except (WebSocketDisconnect, OSError, RuntimeError):
        pass
    return GOING_AWAY


def websocket_route(host: str, port: int) -> WebSocketRoute:
    """The route ``/mqtt`` to the broker at this address, for the API to mount."""
    return WebSocketRoute(PATH, Splice(host, port).serve, name="mqtt")
