"""Who is asking, and whether they may: a bearer token or the session cookie of a browser, on loopback too."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from otolith.service.station import Station
from otolith.service.store import Role

COOKIE: Final = "otolith_session"
MAX_SECRET: Final = 256
"""Characters; longer is refused before anything is computed of it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody whose token was accepted."""

    token: str
    """Its id, never the secret."""
    name: str
    role: Role


class Access:
    """Turns secrets into identities; holds none of them."""

    def __init__(self, station: Station) -> None:
        self._station = station

    async def identity(self, secret: str) -> Identity | None:
        """Who carries this secret, or None where it is empty, absurd, unknown or revoked."""
        if not secret or len(secret) > MAX_SECRET or not secret.isascii():
            return None
        token = await self._station.store.tokens.verify(secret)
        return Identity(token.id, token.name, token.role) if token else None

    @staticmethod
    def cookie_of(connection: HTTPConnection) -> str:
        """The secret that a browser's session carries; empty where there is none."""
        return connection.cookies.get(COOKIE, "")


def bearer_of(connection: HTTPConnection) -> str:
    """The secret of the Authorization header; empty where it is of another scheme."""
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def same_origin(connection: HTTPConnection) -> bool:
    """Whether a page of this very station sent the request, as far as the browser says so."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = connection.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == connection.headers.get("host")


def foreign_origin(connection: HTTPConnection) -> bool:
    """Whether a browser says that another site's page is behind this; programs send no Origin."""
    origin = connection.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != connection.headers.get("host")
