"""Challenges: what can be run here, what cannot and why."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel
from starlette.responses import Response

from otolith.api.context import ConductorHere, Viewer
from otolith.api.reply import tagged_reply
from otolith.service.challenges.catalogue import Catalogue, refused
from otolith.service.challenges.challenge import Challenge

router = APIRouter(prefix="/challenges", tags=["challenges"])

ChallengeId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,48}$", description="`id` of a challenge")]


class ChallengeEntry(BaseModel):
    """A challenge as this station sees it."""

    challenge: Challenge
    own: bool
    """The clinic's own file."""
    refused: dict[str, str]
    """Condition to the reason why it cannot be run here."""


class ChallengeList(BaseModel):
    """All there is."""

    challenges: list[ChallengeEntry]
    problems: list[str]
    """Why a file of the clinic is not among them."""


@router.get("", response_model=ChallengeList)
async def list_challenges(request: Request, conductor: ConductorHere, _: Viewer) -> Response:
    """Those that ship and the clinic's own."""
    found = await conductor.catalogue()
    entries = [_entry(found, one) for one in found.challenges.values()]
    return tagged_reply(request, {"challenges": entries, "problems": list(found.problems)})


@router.get("/{challenge_id}", response_model=ChallengeEntry)
async def get_challenge(request: Request, challenge_id: ChallengeId, conductor: ConductorHere, _: Viewer) -> Response:
    """One, whole."""
    found = await conductor.catalogue()
    return tagged_reply(request, _entry(found, found.challenge(challenge_id)))


def _entry(found: Catalogue, one: Challenge) -> dict[str, Any]:
    return {"challenge": one.model_dump(mode="json"), "own": one.id in found.own, "refused": refused(one)}
