"""The web application around a station."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import APIRouter, FastAPI, WebSocket
from fastapi.openapi.utils import get_openapi
from starlette.routing import WebSocketRoute

import otolith
from otolith.api import problem
from otolith.api.auth import Access, foreign_origin
from otolith.api.broker import Bus
from otolith.api.context import SCHEMES, Context, context_of
from otolith.api.dashboard_files import dashboard_route
from otolith.api.guard import BodyLimit, BrowserHeaders, KnownHosts, Surprises, own_names
from otolith.api.metrics import Metrics
from otolith.api.rest import (
    boards,
    calibration,
    challenges,
    enrolments,
    people,
    programs,
    recordings,
    runs,
    session,
    sessions,
    tokens,
)
from otolith.api.rest import station as station_routes
from otolith.api.stream import POLICY_VIOLATION, LiveReader
from otolith.api.throttle import LoginThrottle
from otolith.service.conductor import Conductor
from otolith.service.station import Station
from otolith.service.training import Training

PREFIX = "/api/v1"
DESCRIPTION = """Boards, recordings and live data of a balance station.

Send a token as `Authorization: Bearer …`; a browser trades it for a session cookie at `/api/v1/session`.
Errors are RFC 9457 problems. Live data: the WebSocket `/api/v1/live`, described by `live.schema.json`."""


def create_app(
    station: Station, bus: Bus | None = None, conductor: Conductor | None = None, training: Training | None = None
) -> FastAPI:
    """The application of an entered (or about to be entered) station, and of the bus it publishes on."""
    metrics = Metrics(station, bus)
    app = FastAPI(
        title="Otolith station",
        description=DESCRIPTION,
        version=otolith.__version__,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lambda _: _watching(metrics),
    )
    conductor = conductor or Conductor(station)
    training = training or Training(station, conductor)
    throttle = LoginThrottle(station.clock)
    app.state.context = Context(station, Access(station), throttle, metrics, bus, conductor, training)
    app.openapi = lambda: openapi_document(app)  # type: ignore[method-assign]  # FastAPI's documented way
    problem.install_problems(app)
    app.include_router(api_router(), prefix=PREFIX)
    if bus is not None and bus.serve_socket is not None and bus.address.websocket is not None:
        app.router.routes.append(WebSocketRoute(bus.address.websocket, bus.serve_socket))
    app.router.routes.append(dashboard_route())
    # The last one added is the outermost.
    app.add_middleware(BodyLimit)
    app.add_middleware(KnownHosts, names=own_names(station.config.http.host, station.config.http.hosts))
    app.add_middleware(Surprises)
    app.add_middleware(BrowserHeaders)
    return app


CLINICAL = (
    *(challenges.router, people.router, sessions.router, runs.router, runs.trials),
    *(programs.router, enrolments.people, enrolments.router),
)


def api_router() -> APIRouter:
    """Everything under ``/api/v1``."""
    router = APIRouter(responses=problem.RESPONSES)
    router.include_router(station_routes.probes)
    router.include_router(session.router)
    measuring = (station_routes.router, boards.router, calibration.router, recordings.router, tokens.router)
    for part in (*measuring, *CLINICAL):
        router.include_router(part, dependencies=SCHEMES)
    router.add_api_websocket_route("/live", live)
    return router


async def live(socket: WebSocket) -> None:
    """Samples, sway and states; see ``live.schema.json``."""
    if foreign_origin(socket):
        await socket.close(POLICY_VIOLATION)
        return
    context = context_of(socket)
    await LiveReader(socket, context.station, context.access).run()


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The reference, with the shape of problems in it."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes)
        document["components"]["schemas"]["Problem"] = problem.SCHEMA
        app.openapi_schema = document
    return app.openapi_schema


@asynccontextmanager
async def _watching(metrics: Metrics) -> AsyncIterator[None]:
    task = asyncio.create_task(metrics.watch(), name="metrics")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
