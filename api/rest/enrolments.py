"""People on programs: where they stand, what they do next, what was decided and why.

All of it is about somebody's health: for operators, and every look is in the audit log.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from otolith.api.context import Operator, StationHere, TrainingHere
from otolith.api.reply import reply, tagged_reply
from otolith.api.rest.enrolment_bodies import (
    AtBoard,
    DecisionByHand,
    EnrolmentNow,
    Explained,
    InSession,
    NewEnrolment,
    NewLadder,
    Symptoms,
    TodayNow,
)
from otolith.api.rest.people import PersonId
from otolith.api.rest.sessions import RECORD
from otolith.service.challenges.cues import Language
from otolith.service.programs.coach import ByHand
from otolith.service.programs.explain import explain, next_words
from otolith.service.programs.program import Program
from otolith.service.programs.standing import Standing, decision_of
from otolith.service.station import Station
from otolith.service.store import DecisionRow, RunRow, SetRow
from otolith.service.training import Today

people = APIRouter(prefix="/people/{person_id}/programs", tags=["programs"])
router = APIRouter(prefix="/enrolments", tags=["programs"])

EnrolmentId = Annotated[str, Path(pattern=RECORD, description="`id` of an enrolment")]
InLanguage = Annotated[Language, Query(description="Of names and reasons.")]


@people.get("", response_model=list[EnrolmentNow])
async def list_enrolments(
    person_id: PersonId,
    training: TrainingHere,
    station: StationHere,
    operator: Operator,
    language: InLanguage = "en",
) -> Response:
    """Every program that somebody is or was on, oldest first."""
    found = await training.of_person(person_id)
    await _note(station, operator.name, person_id)
    return reply([_now(one, language) for one in found])


@people.post("", status_code=201, response_model=EnrolmentNow)
async def enrol(
    person_id: PersonId, new: NewEnrolment, training: TrainingHere, operator: Operator, language: InLanguage = "en"
) -> Response:
    """Put somebody on a program; refused with the reason where they are on it, or this station cannot train it."""
    now = await training.enrol(person_id, new.program, operator.name, rung=new.rung, side=new.side)
    return reply(_now(now, language), 201, {"location": f"/api/v1/enrolments/{now.enrolment.id}"})


@router.get("/{enrolment_id}", response_model=EnrolmentNow)
async def get_enrolment(
    request: Request,
    *,
    enrolment_id: EnrolmentId,
    training: TrainingHere,
    station: StationHere,
    operator: Operator,
    language: InLanguage = "en",
) -> Response:
    """Where somebody stands, and why."""
    now = await training.coach.standing(enrolment_id)
    await _note(station, operator.name, enrolment_id)
    return tagged_reply(request, _now(now, language))


@router.get("/{enrolment_id}/today", response_model=TodayNow)
async def get_today(
    request: Request,
    *,
    enrolment_id: EnrolmentId,
    session: Annotated[str, Query(pattern=RECORD)],
    training: TrainingHere,
    station: StationHere,
    operator: Operator,
    language: InLanguage = "en",
) -> Response:
    """What to do in a visit: a question to ask, a set to begin, or why there is none."""
    today = await training.today(enrolment_id, session)
    await _note(station, operator.name, enrolment_id)
    return tagged_reply(request, _today(today, language))


@router.post("/{enrolment_id}/runs", status_code=201, response_model=RunRow)
async def begin_sets(
    enrolment_id: EnrolmentId, start: InSession | AtBoard, training: TrainingHere, operator: Operator
) -> Response:
    """Begin the next sets: a run like any other, with its events, buttons and guidance; or take up what a crash cut."""
    if isinstance(start, InSession):
        session = start.session
    else:
        session = await training.visit(enrolment_id, start.board, operator.name)
    row = await training.begin(enrolment_id, session, operator.name, automatic=start.automatic)
    return reply(row, 201, {"location": f"/api/v1/runs/{row.id}"})


@router.get("/{enrolment_id}/sets", response_model=list[SetRow])
async def list_sets(
    request: Request, enrolment_id: EnrolmentId, training: TrainingHere, station: StationHere, operator: Operator
) -> Response:
    """Everything that was done, oldest first; the id of a set is that of its trial."""
    found = await training.coach.standing(enrolment_id)
    await _note(station, operator.name, enrolment_id)
    return tagged_reply(request, found.sets)


@router.post("/{enrolment_id}/sets/{set_id}/answer", response_model=Explained)
async def answer(
    enrolment_id: EnrolmentId,
    *,
    set_id: Annotated[str, Path(pattern=RECORD, description="`id` of the set that was asked about")],
    symptoms: Symptoms,
    training: TrainingHere,
    operator: Operator,
    language: InLanguage = "en",
) -> Response:
    """Enter the symptoms after a set; the answer is what the ladder decides."""
    felt = symptoms.model_dump(exclude_none=True)
    row = await training.answer(enrolment_id, set_id, felt, operator.name)
    ladders = await training.ladders(enrolment_id)
    return reply(_explained(row, ladders[row.revision], language))


@router.get("/{enrolment_id}/decisions", response_model=list[Explained])
async def list_decisions(
    request: Request,
    *,
    enrolment_id: EnrolmentId,
    training: TrainingHere,
    station: StationHere,
    operator: Operator,
    language: InLanguage = "en",
) -> Response:
    """Everything that was decided, oldest first, each with all that it was taken from."""
    ladders = await training.ladders(enrolment_id)
    rows = await station.store.programs.decisions(enrolment_id)
    await _note(station, operator.name, enrolment_id)
    return tagged_reply(request, [_explained(row, ladders[row.revision], language) for row in rows])


@router.post("/{enrolment_id}/decisions", status_code=201, response_model=EnrolmentNow)
async def decide_by_hand(
    enrolment_id: EnrolmentId,
    decision: DecisionByHand,
    training: TrainingHere,
    operator: Operator,
    language: InLanguage = "en",
) -> Response:
    """Decide otherwise than the ladder: move, lock, pause, end. Refused where somebody was faster."""
    hand = ByHand(operator.name, decision.reason, decision.seq)
    return reply(_now(await training.by_hand(enrolment_id, decision.act, hand, decision.to or ""), language), 201)


@router.put("/{enrolment_id}/ladder", response_model=EnrolmentNow)
async def change_ladder(
    enrolment_id: EnrolmentId,
    ladder: NewLadder,
    training: TrainingHere,
    operator: Operator,
    language: InLanguage = "en",
) -> Response:
    """Another ladder for this person alone, from now on; the ones before it stay in the records."""
    hand = ByHand(operator.name, ladder.reason, ladder.seq)
    return reply(_now(await training.edit(enrolment_id, ladder.program, hand), language))


def _now(now: Standing, language: Language) -> dict[str, Any]:
    return {
        "enrolment": now.enrolment,
        "program": now.program.model_dump(mode="json"),
        "next": _next(now, language),
        "latest": _explained(now.latest, now.program, language),
    }


def _today(today: Today, language: Language) -> dict[str, Any]:
    now = today.standing
    ask = today.ask and {"set": today.ask, "symptoms": now.program.symptoms.asked}
    return {
        "enrolment": now.enrolment,
        "rung": today.rung.model_dump(mode="json"),
        "next": _next(now, language),
        "left": today.left,
        "why_none": today.why_none,
        "ask": ask,
        "run": today.run,
        "latest": _explained(now.latest, now.program, language),
    }


def _next(now: Standing, language: Language) -> str:
    return next_words(now.program, now.enrolment.rung, now.enrolment.rung, language)


def _explained(row: DecisionRow, ladder: Program, language: Language) -> dict[str, Any]:
    return {"decision": row, "words": explain(decision_of(row), ladder, language)}


async def _note(station: Station, by: str, subject: str) -> None:
    await station.store.audit.append(by=by, action="program-read", subject=subject)
