"""The station itself: alive, ready, its figures, where its broker is."""

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from starlette.responses import Response

import otolith
from otolith.api.broker import BrokerAddress
from otolith.api.context import ContextHere, StationHere, Viewer
from otolith.api.problem import Problem
from otolith.api.reply import reply, tagged_reply
from otolith.service.state import SeenBoard, StationState

probes = APIRouter(tags=["station"])
"""For supervisors that carry no token; they say nothing but yes or no."""
router = APIRouter(tags=["station"])


class Health(BaseModel):
    """The process answers."""

    status: str
    version: str


class Readiness(BaseModel):
    """Whether the station does its work."""

    ready: bool


@probes.get("/health", response_model=Health)
async def get_health() -> Response:
    """Alive: the process answers."""
    return reply({"status": "ok", "version": otolith.__version__})


@probes.get("/ready", response_model=Readiness, responses={503: {"model": Readiness, "description": "Not ready."}})
async def get_ready(station: StationHere) -> Response:
    """Ready: the station does its work; 503 while it does not."""
    ready = station.state().ready
    return reply({"ready": ready}, 200 if ready else 503)


@router.get("/station", response_model=StationState)
async def get_station(request: Request, station: StationHere, _: Viewer) -> Response:
    """The station as a whole, with its faults in plain words."""
    return tagged_reply(request, station.state())


@router.get("/sightings", response_model=list[SeenBoard])
async def list_sightings(request: Request, station: StationHere, _: Viewer) -> Response:
    """Boards that are plugged in and that the configuration does not name."""
    return tagged_reply(request, list(station.state().seen))


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"description": "Prometheus text.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def get_metrics(context: ContextHere, _: Viewer) -> Response:
    """Figures for Prometheus."""
    return Response(context.metrics.text(), media_type=CONTENT_TYPE_LATEST)


@router.get("/mqtt", response_model=BrokerAddress)
async def get_broker(request: Request, context: ContextHere, _: Viewer) -> Response:
    """Where the message bus is."""
    if context.bus is None:
        raise Problem(404, "no-broker", "This station publishes on no message bus; see `mqtt` in its configuration.")
    return tagged_reply(request, context.bus.address)
