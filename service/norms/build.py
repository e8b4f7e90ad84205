"""A clinic's own norm, from its own records: one value per person, nothing mixed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Any, Final

from otolith.service.challenges.challenge import Challenge, Condition
from otolith.service.challenges.setting import DeviceClass
from otolith.service.errors import NormError
from otolith.service.norms.norm import Band, Entry, Norm
from otolith.service.norms.statistics import band
from otolith.service.store import PersonRow, RunRow

FEWEST: Final = 20
"""People in a band, unless somebody asks for more."""
LEAST: Final = 10
"""Below that nobody gets a band."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a norm is to be of."""

    id: str
    name: str
    population: str
    ages: Sequence[tuple[float, float]]
    least: int = FEWEST
    simulated: bool = False
    licence: str = "of this clinic"


@dataclass(frozen=True, slots=True)
class Visit:
    """A person's first finished run, and how old they were."""

    age: float
    challenge: Challenge
    result: Mapping[str, Any]

    @property
    def circumstances(self) -> str:
        """All that must be the same in everybody."""
        found, rate = self.result, self.result.get("rate_hz", 0.0)
        stood = sorted({f"{one.stance} {one.trials} x {one.duration_s:g} s" for one in self.challenge.conditions})
        version = f"version {self.challenge.version} ({', '.join(stood)})"
        return f"{found.get('device')} at {rate:g} Hz, recipe {found.get('recipe')}, {version}"


def built(rows: Sequence[tuple[RunRow, PersonRow]], wanted: Wanted) -> Norm:
    """The norm. Raises NormError where records are mixed, or too few people are in them."""
    if wanted.least < LEAST:
        raise NormError(f"a norm of fewer than {LEAST} people in a band is none")
    visits = _first_visits(rows, simulated=wanted.simulated)
    if not visits:
        raise NormError("no finished run of this challenge is by a real person whose year of birth is known")
    kinds = Counter(visit.circumstances for visit in visits)
    if len(kinds) > 1:
        listed = "; ".join(f"{n} with {kind}" for kind, n in kinds.most_common())
        raise NormError(f"the records are mixed, and figures of different boards or filters are not one norm: {listed}")
    first = visits[0]
    entries = tuple(_entries(visits, wanted))
    if not entries:
        raise NormError(f"no age band has {wanted.least} people in any one condition ({len(visits)} in all)")
    stood = first.challenge.conditions[0]
    return Norm(
        format="otolith-norm/1",
        id=wanted.id,
        name=wanted.name,
        population=f"{wanted.population}; {len(visits)} people",
        source=f"this station's records of {first.challenge.id}, version {first.challenge.version}",
        licence=wanted.licence,
        device=DeviceClass(first.result["device"]),
        device_name=str(first.result["device"]),
        rate_hz=first.result["rate_hz"],
        recipes=(first.result["recipe"],),
        filter=f"the recipe {first.result['recipe']}",
        duration_s=stood.duration_s,
        trials=stood.trials,
        stance=stood.stance,
        stance_text=str(stood.stance),
        simulated=wanted.simulated,
        cautions=("people who come to a clinic are not the healthy of their age",),
        entries=entries,
    )


def _first_visits(rows: Sequence[tuple[RunRow, PersonRow]], *, simulated: bool) -> list[Visit]:
    """Of everybody: who comes again has practised."""
    found: dict[str, Visit] = {}
    for run, person in rows:
        age = person.age(datetime.fromisoformat(run.started))
        if person.id not in found and age is not None and bool(run.result.get("simulated")) == simulated:
            found[person.id] = Visit(age, Challenge.model_validate(run.definition), run.result)
    return list(found.values())


def _entries(visits: Sequence[Visit], wanted: Wanted) -> Iterator[Entry]:
    challenge = visits[0].challenge
    _refuse_mixed(challenge)
    for condition in challenge.conditions:
        for figure in (*challenge.scoring.metrics, *challenge.scoring.per_trial):
            known = [(visit.age, found) for visit in visits if (found := _summary(visit, condition, figure))]
            versions = sorted({found["definition"] for _, found in known})
            if len(versions) > 1:
                raise NormError(f"the records hold {' and '.join(versions)}: those are not one figure")
            bands = tuple(_bands(known, wanted))
            if bands:
                example = known[0][1]
                yield Entry(
                    figure=figure,
                    definition=example["definition"],
                    unit=example["unit"],
                    eyes=(condition.eyes,),
                    surface=condition.surface.kind,
                    bands=bands,
                )


def _refuse_mixed(challenge: Challenge) -> None:
    kinds = {(one.stance, one.duration_s, one.trials, one.task) for one in challenge.conditions}
    cells = {(one.eyes, one.surface) for one in challenge.conditions}
    if len(kinds) > 1 or len(cells) < len(challenge.conditions):
        raise NormError(
            f"the conditions of {challenge.id} differ in more than eyes and surface: a norm is of one stance, one task,"
            " one duration"
        )


def _summary(visit: Visit, condition: Condition, figure: str) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] = visit.result.get("conditions", {}).get(condition.id, {}).get(figure, {})
    values = [value for value in found.get("values", ()) if value is not None]
    return {**found, "mean": fmean(values)} if len(values) == condition.trials else None


def _bands(known: Sequence[tuple[float, Mapping[str, Any]]], wanted: Wanted) -> Iterator[Band]:
    for low, high in wanted.ages:
        values = [found["mean"] for age, found in known if low <= age < high]
        if len(values) >= wanted.least:
            yield band(f"{low:g} to {high:g}", (low, high), values)
