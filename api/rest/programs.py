"""Programs: what people can be trained by here, what cannot and why."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel
from starlette.responses import Response

from otolith.api.context import TrainingHere, Viewer
from otolith.api.reply import tagged_reply
from otolith.service.programs.catalogue import Programs, driven
from otolith.service.programs.program import Program

router = APIRouter(prefix="/programs", tags=["programs"])

PROGRAM = r"^[a-z0-9-]{1,48}$"
ProgramId = Annotated[str, Path(pattern=PROGRAM, description="`id` of a program")]


class ProgramEntry(BaseModel):
    """A program as this station sees it."""

    program: Program
    own: bool
    """The clinic's own file."""
    refused: dict[str, str]
    """Rung to the reason why it cannot be trained here; nobody can be put on a program that has one."""


class ProgramList(BaseModel):
    """All there is."""

    programs: list[ProgramEntry]
    problems: list[str]
    """Why a file of the clinic is not among them: file, line and reason."""


@router.get("", response_model=ProgramList)
async def list_programs(request: Request, training: TrainingHere, _: Viewer) -> Response:
    """Those that ship (defaults to be adapted, no medical advice) and the clinic's own."""
    found = await training.programs()
    entries = [_entry(found, one) for one in found.programs.values()]
    return tagged_reply(request, {"programs": entries, "problems": list(found.problems)})


@router.get("/{program_id}", response_model=ProgramEntry)
async def get_program(request: Request, program_id: ProgramId, training: TrainingHere, _: Viewer) -> Response:
    """One, whole."""
    found = await training.programs()
    return tagged_reply(request, _entry(found, found.program(program_id)))


def _entry(found: Programs, one: Program) -> dict[str, Any]:
    refused = dict.fromkeys(driven(one), "needs a driven platform, and this station has none")
    return {"program": one.model_dump(mode="json"), "own": one.id in found.own, "refused": refused}
