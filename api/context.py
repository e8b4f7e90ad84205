"""What every route needs: the station, who is asking, and whether they may."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Final

from fastapi import Depends, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.requests import HTTPConnection

from otolith.api.auth import COOKIE, Access, Identity, bearer_of, same_origin
from otolith.api.broker import Bus
from otolith.api.metrics import Metrics
from otolith.api.problem import Problem
from otolith.api.throttle import LoginThrottle
from otolith.service.conductor import Conductor
from otolith.service.station import Station
from otolith.service.store import Role
from otolith.service.training import Training

SAFE_METHODS: Final = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Context:
    """Made once with the application."""

    station: Station
    access: Access
    throttle: LoginThrottle
    metrics: Metrics
    bus: Bus | None
    conductor: Conductor
    training: Training
    conversions: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """Recordings being converted for download: one at a time, so that the boards keep their processor."""


def context_of(connection: HTTPConnection) -> Context:
    """The context of the application that serves this request or socket."""
    context: Context = connection.app.state.context
    return context


def station_of(connection: HTTPConnection) -> Station:
    """The station behind the application."""
    return context_of(connection).station


def conductor_of(connection: HTTPConnection) -> Conductor:
    """The conductor of the station's challenges."""
    return context_of(connection).conductor


def training_of(connection: HTTPConnection) -> Training:
    """The station's programs."""
    return context_of(connection).training


async def identity_of(connection: HTTPConnection) -> Identity:
    """Who is asking. Problem 401 without a valid secret, 403 where another site's page rides on the cookie."""
    by_header = "authorization" in connection.headers
    access = context_of(connection).access
    identity = await access.identity(bearer_of(connection) if by_header else access.cookie_of(connection))
    if identity is None:
        detail = "Send a valid token as `Authorization: Bearer …`, or log in for a session cookie."
        raise Problem(401, "token-refused", detail, {"www-authenticate": "Bearer"})
    if not by_header and connection.scope.get("method") not in SAFE_METHODS and not same_origin(connection):
        detail = (
            "With a session cookie, changes are accepted from this station's own pages only; programs send a token."
        )
        raise Problem(403, "foreign-origin", detail)
    return identity


# Both schemes appear in the reference; identity_of reads the header and the cookie itself.
bearer_scheme = HTTPBearer(scheme_name="token", description="A token of the station.", auto_error=False)
cookie_scheme = APIKeyCookie(name=COOKIE, scheme_name="session", description="From POST /session.", auto_error=False)


def requires(role: Role) -> Callable[[Identity], Awaitable[Identity]]:
    """A dependency that lets ``role`` and those above it pass."""

    async def check(identity: Annotated[Identity, Depends(identity_of)]) -> Identity:
        if not identity.role.allows(role):
            raise Problem(403, "role", f"This needs the role {role}; the token's role is {identity.role}.")
        return identity

    return check


SCHEMES: Final = [Security(bearer_scheme), Security(cookie_scheme)]
StationHere = Annotated[Station, Depends(station_of)]
ConductorHere = Annotated[Conductor, Depends(conductor_of)]
TrainingHere = Annotated[Training, Depends(training_of)]
ContextHere = Annotated[Context, Depends(context_of)]
Viewer = Annotated[Identity, Depends(requires(Role.VIEWER))]
Operator = Annotated[Identity, Depends(requires(Role.OPERATOR))]
Admin = Annotated[Identity, Depends(requires(Role.ADMIN))]
