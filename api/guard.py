"""What stands in front of every route: bounded bodies, known host names, headers for browsers, no leaked failures."""

import ipaddress
import socket
from collections.abc import Collection
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from otolith.api.problem import problem_response

log = structlog.get_logger(__name__)

MAX_BODY: Final = 64 * 1024
"""Bytes; the largest request of this interface is a few hundred."""

HEADERS: Final = {
    # Everything from this station alone; uPlot and Svelte set styles through the object model, which needs no leave.
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self'; font-src 'self'; media-src 'self'; connect-src 'self'; manifest-src 'self'; "
        "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def host_name(host: str) -> str:
    """The name in a Host header, without port and brackets, in lower case."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def is_address(name: str) -> bool:
    """Whether the name is an IP address: those cannot be made to resolve elsewhere."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def own_names(host: str, further: Collection[str] = ()) -> frozenset[str]:
    """The names by which a station listening on ``host`` is reached, addresses aside."""
    machine = socket.gethostname().lower()
    own = {"localhost", host.lower(), machine, f"{machine.partition('.')[0]}.local"}
    return frozenset(own | {name.lower() for name in further})


class KnownHosts:
    """Answers 421 to a Host that is neither an address nor a name of this station.

    This closes DNS rebinding, where a foreign page makes its own name resolve to this machine.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self.app = app
        self.names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        if scope["type"] in ("http", "websocket"):
            name = host_name(Headers(scope=scope).get("host", ""))
            if name not in self.names and not is_address(name):
                detail = (
                    "This station does not answer to that host name; use its address or its machine's name, "
                    "or add the name to http.hosts in its configuration."
                )
                await problem_response(421, "unknown-host", detail)(scope, receive, send)
                return
        await self.app(scope, receive, send)


class BodyLimit:
    """Answers 413 as soon as a body is known to be longer than ``limit`` bytes, announced or not."""

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > self.limit:
            await problem_response(413, "too-large", self._detail())(scope, receive, send)
            return
        received = 0

        async def bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.limit:
                raise HTTPException(413, self._detail())
            return message

        await self.app(scope, bounded, send)

    def _detail(self) -> str:
        return f"The body of a request holds at most {self.limit} bytes."


class BrowserHeaders:
    """Adds the headers that keep a browser from being turned against this station."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


class Surprises:
    """Turns what nobody expected into a 500 that says nothing of the inside; the log has the rest."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception:
            log.exception("request failed", method=scope["method"], path=scope["path"])
            if started:
                raise
            detail = "The station failed to answer; its log says why."
            await problem_response(500, "internal", detail)(scope, receive, send)
