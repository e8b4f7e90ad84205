"""People, under pseudonyms; every look at one of them is in the audit log."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from otolith.api.auth import Identity
from otolith.api.context import Admin, Operator, StationHere
from otolith.api.problem import Problem
from otolith.api.reply import reply
from otolith.service.errors import UnknownPerson
from otolith.service.station import Station
from otolith.service.store import Page, PersonRow

router = APIRouter(prefix="/people", tags=["people"])

PERSON = r"^[A-Za-z0-9_.-]{1,64}$"
PersonId = Annotated[str, Path(pattern=PERSON, description="Pseudonym of a person")]


class PersonFacts(BaseModel):
    """What is known of somebody; no name."""

    model_config = ConfigDict(extra="forbid")

    birth_year: Annotated[int, Field(ge=1880, le=2100)] | None = None
    sex: Literal["", "female", "male", "other"] = ""
    height_mm: Annotated[float, Field(ge=300, le=2600)] | None = None
    notes: Annotated[str, Field(max_length=4000)] = ""


class NewPerson(PersonFacts):
    """Somebody who was not here before."""

    id: Annotated[str, Field(pattern=PERSON)]


@router.get("", response_model=Page[PersonRow])
async def list_people(
    station: StationHere,
    operator: Operator,
    cursor: Annotated[str | None, Query(pattern=PERSON)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """By pseudonym; pass `cursor` of one page to get the next."""
    page = await station.store.people.list(cursor=cursor, limit=limit)
    await _note(station, operator, "people-read", f"{len(page.items)} people")
    return reply(page)


@router.post("", status_code=201, response_model=PersonRow)
async def add_person(person: NewPerson, station: StationHere, operator: Operator) -> Response:
    """Add somebody."""
    if await _known(station, person.id):
        raise Problem(409, "person-exists", f"There is somebody called {person.id} already.")
    row = PersonRow(created=station.now(), **person.model_dump())
    await station.store.people.put(row)
    await _note(station, operator, "person-add", row.id)
    return reply(row, 201, {"location": f"/api/v1/people/{row.id}"})


@router.get("/{person_id}", response_model=PersonRow)
async def get_person(person_id: PersonId, station: StationHere, operator: Operator) -> Response:
    """One of them."""
    row = await station.store.people.get(person_id)
    await _note(station, operator, "person-read", person_id)
    return reply(row)


@router.put("/{person_id}", response_model=PersonRow)
async def change_person(person_id: PersonId, facts: PersonFacts, station: StationHere, operator: Operator) -> Response:
    """Replace what is known of somebody."""
    before = await station.store.people.get(person_id)
    row = PersonRow(person_id, before.created, **facts.model_dump())
    await station.store.people.put(row)
    await _note(station, operator, "person-change", person_id)
    return reply(row)


@router.delete("/{person_id}", status_code=204)
async def forget_person(person_id: PersonId, station: StationHere, admin: Admin) -> Response:
    """Take somebody out; their sessions stay, and are nobody's."""
    await station.store.people.forget(person_id)
    await _note(station, admin, "person-forget", person_id)
    return Response(status_code=204)


async def _known(station: Station, person: str) -> bool:
    try:
        await station.store.people.get(person)
    except UnknownPerson:
        return False
    return True


async def _note(station: Station, identity: Identity, action: str, subject: str) -> None:
    await station.store.audit.append(by=identity.name, action=action, subject=subject)
