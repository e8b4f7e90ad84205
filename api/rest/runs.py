"""Runs: a challenge while it goes on, what its operator presses, and what came of it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from otolith.api.context import ConductorHere, Operator, StationHere, Viewer
from otolith.api.reply import reply, tagged_reply
from otolith.api.rest.sessions import RECORD
from otolith.service.challenges.event import SessionEvent
from otolith.service.challenges.phases import Trigger
from otolith.service.conductor import Conductor, RunState
from otolith.service.store import RunRow, TrialRow

router = APIRouter(prefix="/runs", tags=["runs"])
trials = APIRouter(prefix="/trials", tags=["runs"])

RunId = Annotated[str, Path(pattern=RECORD, description="`id` of a run")]
Button = Literal["start", "ready", "redo", "skip", "stop", "touch", "fell"]


class Runs(BaseModel):
    """What goes on, and what could be taken up again."""

    running: list[RunState]
    interrupted: list[RunRow]


class RunNow(BaseModel):
    """A run, and where it is while it goes on."""

    run: RunRow
    latest: SessionEvent | None


class Press(BaseModel):
    """A button."""

    model_config = ConfigDict(extra="forbid")

    trigger: Button
    seq: Annotated[int, Field(ge=0)] | None = None
    """Of the newest event of a phase that was on the screen: a press that was meant for another moment is refused."""
    reason: Annotated[str, Field(max_length=400)] = ""


class Note(BaseModel):
    """Words for the trial that runs, or the next to come."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=2000)]


class Errors(BaseModel):
    """How many errors were keyed in this trial."""

    errors: int


@router.get("", response_model=Runs)
async def list_runs(request: Request, conductor: ConductorHere, _: Viewer) -> Response:
    """The runs that go on now, and those that a crash or a power cut interrupted."""
    found = {"running": conductor.runs(), "interrupted": await conductor.interrupted()}
    return tagged_reply(request, found)


@router.get("/{run_id}", response_model=RunNow)
async def get_run(
    request: Request, run_id: RunId, conductor: ConductorHere, station: StationHere, _: Viewer
) -> Response:
    """One run: its definition, its result once it is over, its newest phase while it goes on."""
    row = await station.store.sessions.run(run_id)
    return tagged_reply(request, {"run": row, "latest": _latest(conductor, run_id)})


@router.get("/{run_id}/trials", response_model=list[TrialRow])
async def list_trials(request: Request, run_id: RunId, station: StationHere, _: Viewer) -> Response:
    """Every trial that was begun, whatever its verdict, in order."""
    await station.store.sessions.run(run_id)
    return tagged_reply(request, await station.store.sessions.trials(run_id))


@router.post("/{run_id}/press", response_model=RunNow)
async def press(
    run_id: RunId, button: Press, conductor: ConductorHere, station: StationHere, operator: Operator
) -> Response:
    """Press a button. Stop works always; any other only where the run's newest event allows it."""
    trigger = Trigger(button.trigger)
    latest = await conductor.press(run_id, trigger, operator.name, seq=button.seq, reason=button.reason)
    return reply({"run": await station.store.sessions.run(run_id), "latest": latest})


@router.post("/{run_id}/notes", status_code=204)
async def annotate(run_id: RunId, note: Note, conductor: ConductorHere, operator: Operator) -> Response:
    """Annotate."""
    await conductor.note(run_id, note.text, operator.name)
    return Response(status_code=204)


@router.post("/{run_id}/errors", response_model=Errors)
async def key_error(run_id: RunId, conductor: ConductorHere, operator: Operator) -> Response:
    """Key an error, in a trial that counts them."""
    return reply({"errors": await conductor.error(run_id, operator.name)})


@router.post("/{run_id}/resume", response_model=RunRow)
async def resume(run_id: RunId, conductor: ConductorHere, operator: Operator) -> Response:
    """Take up an interrupted run with the first trial that is missing."""
    return reply(await conductor.resume(run_id, operator.name))


@trials.get("/{trial_id}", response_model=TrialRow)
async def get_trial(
    request: Request,
    trial_id: Annotated[str, Path(pattern=RECORD, description="`id` of a trial")],
    station: StationHere,
    _: Viewer,
) -> Response:
    """One trial: its figures, its verdict, and which journal holds its samples."""
    return tagged_reply(request, await station.store.sessions.trial(trial_id))


def _latest(conductor: Conductor, run_id: str) -> SessionEvent | None:
    return next((one.latest for one in conductor.runs() if one.row.id == run_id), None)
