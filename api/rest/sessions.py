"""Sessions: a person's visit, and the challenges that are run in it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from otolith.api.context import ConductorHere, Operator, StationHere, Viewer
from otolith.api.reply import reply, tagged_reply
from otolith.api.rest.people import PERSON
from otolith.service.store import Page, RunRow, SessionRow

router = APIRouter(prefix="/sessions", tags=["sessions"])

RECORD = r"^[a-z0-9-]{1,64}$"
SessionId = Annotated[str, Path(pattern=RECORD, description="`id` of a session")]


class Circumstances(BaseModel):
    """How the person stood and what they looked at; the Romberg quotient depends on the viewing distance."""

    model_config = ConfigDict(extra="forbid")

    viewing_distance_mm: Annotated[float, Field(gt=0, le=20000)] | None = None
    foot_placement: Annotated[str, Field(max_length=400)] = ""
    shoes: bool | None = None
    notes: Annotated[str, Field(max_length=4000)] = ""


class SessionStart(BaseModel):
    """Who comes, and where they stand."""

    model_config = ConfigDict(extra="forbid")

    board: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,128}$")]
    person: Annotated[str, Field(pattern=PERSON)] | None = None
    language: Literal["en", "de", "fr"] = "en"
    circumstances: Circumstances = Circumstances()


class RunStart(BaseModel):
    """Which challenge."""

    model_config = ConfigDict(extra="forbid")

    challenge: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,48}$")]
    variant: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,48}$")] | None = None
    automatic: bool = False
    """Nobody presses anything: for practice and for simulated people."""


class Visit(BaseModel):
    """A session with its runs."""

    session: SessionRow
    runs: list[RunRow]


@router.get("", response_model=Page[SessionRow])
async def list_sessions(
    request: Request,
    station: StationHere,
    _: Viewer,
    cursor: Annotated[str | None, Query(pattern=RECORD)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    person: Annotated[str | None, Query(pattern=PERSON)] = None,
) -> Response:
    """Newest first; pass `cursor` of one page to get the next."""
    return tagged_reply(request, await station.store.sessions.list(cursor=cursor, limit=limit, person=person))


@router.post("", status_code=201, response_model=SessionRow)
async def open_session(start: SessionStart, conductor: ConductorHere, operator: Operator) -> Response:
    """Begin a visit."""
    row = await conductor.open(
        start.board,
        operator.name,
        person=start.person,
        language=start.language,
        circumstances=start.circumstances.model_dump(exclude_defaults=True),
    )
    return reply(row, 201, {"location": f"/api/v1/sessions/{row.id}"})


@router.get("/{session_id}", response_model=Visit)
async def get_session(request: Request, session_id: SessionId, station: StationHere, _: Viewer) -> Response:
    """One visit and its runs."""
    row = await station.store.sessions.session(session_id)
    return tagged_reply(request, {"session": row, "runs": await station.store.sessions.runs(session_id)})


@router.post("/{session_id}/end", response_model=SessionRow)
async def end_session(session_id: SessionId, conductor: ConductorHere, operator: Operator) -> Response:
    """Close a visit; refused while one of its challenges runs."""
    return reply(await conductor.end(session_id, operator.name))


@router.post("/{session_id}/runs", status_code=201, response_model=RunRow)
async def start_run(session_id: SessionId, start: RunStart, conductor: ConductorHere, operator: Operator) -> Response:
    """Begin a challenge; refused with the reason where the board does not stream or runs another one."""
    row = await conductor.start(
        session_id, start.challenge, operator.name, variant=start.variant, automatic=start.automatic
    )
    return reply(row, 201, {"location": f"/api/v1/runs/{row.id}"})
