"""People on programs: where they are, what they did, what was decided and by whom. One change, one transaction."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Table, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from otolith.service.clock import Clock
from otolith.service.errors import ProgramRefused, UnknownEnrolment
from otolith.service.store.audit import append_line
from otolith.service.store.database import Database
from otolith.service.store.program_rows import DecisionRow, EnrolmentRow, LadderRow, SetRow
from otolith.service.store.tables import decisions, enrolments, ladders, sets

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of an enrolment in one stroke."""

    enrolment: EnrolmentRow
    """As it will be, with the ``seq`` that it was read with."""
    action: str
    """For the audit log; empty where nobody but the station decided."""
    by: str
    detail: str = ""
    decision: DecisionRow | None = None
    ladder: LadderRow | None = None
    answered: tuple[str, Mapping[str, float]] | None = None
    """A set, and its symptoms."""


class EnrolmentRecords:
    """Begin, change, read."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def begin(self, row: EnrolmentRow, ladder: LadderRow, decision: DecisionRow) -> None:
        """Enrol. Raises ProgramRefused where the person is on this program already."""

        async def work(connection: AsyncConnection) -> None:
            active = select(enrolments.c.id).where(
                enrolments.c.person == row.person, enrolments.c.program == row.program, enrolments.c.ended.is_(None)
            )
            if (await connection.execute(active)).first() is not None:
                raise ProgramRefused(f"{row.person} is on {row.program} already: go on with that, or end it first")
            for table, values in ((enrolments, row), (ladders, ladder), (decisions, decision)):
                await connection.execute(insert(table).values(asdict(values)))
            await append_line(
                connection, self._clock, by=row.by, action="program-enrol", subject=row.id, detail=row.program
            )

        await self._database.write(work)

    async def change(self, change: Change) -> EnrolmentRow:
        """All of it, or nothing. Raises ProgramRefused where somebody else changed the enrolment meanwhile."""
        row = replace(change.enrolment, seq=change.enrolment.seq + 1)
        values = {key: value for key, value in asdict(row).items() if key != "run"}

        async def work(connection: AsyncConnection) -> None:
            place = (enrolments.c.id == row.id) & (enrolments.c.seq == change.enrolment.seq)
            changed = await connection.execute(update(enrolments).where(place).values(values))
            if not changed.rowcount:
                raise ProgramRefused("somebody has changed this program meanwhile: look at it again, then decide")
            await self._add(connection, change)

        await self._database.write(work)
        return row

    async def _add(self, connection: AsyncConnection, change: Change) -> None:
        if change.ladder is not None:
            await connection.execute(insert(ladders).values(asdict(change.ladder)))
        if change.decision is not None:
            await connection.execute(insert(decisions).values(asdict(change.decision)))
        if change.answered is not None:
            done, symptoms = change.answered
            values = {"symptoms": dict(symptoms), "decision": change.decision.id if change.decision else ""}
            await connection.execute(update(sets).where(sets.c.id == done).values(values))
        if change.action:
            await append_line(
                connection,
                self._clock,
                by=change.by,
                action=change.action,
                subject=change.enrolment.id,
                detail=change.detail,
            )

    async def set_run(self, enrolment: str, run: str) -> None:
        """Note whose run it is, before its first trial; nobody's decision, so ``seq`` stays."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(update(enrolments).where(enrolments.c.id == enrolment).values(run=run))

        await self._database.write(work)

    async def add_sets(self, rows: tuple[SetRow, ...], void: tuple[str, ...] = ()) -> None:
        """Those that are not there yet; a set that is known stays as it is.

        ``void`` sets are done once more: those that nobody has answered for count no longer, and ask nothing. A fall
        stays one.
        """

        async def work(connection: AsyncConnection) -> None:
            unanswered = sets.c.id.in_(void) & sets.c.symptoms.is_(None) & sets.c.fell.is_(False)
            await connection.execute(update(sets).where(unanswered).values(valid=False, symptoms={}))
            for row in rows:
                known = select(sets.c.id).where(sets.c.id == row.id)
                if (await connection.execute(known)).first() is None:
                    await connection.execute(insert(sets).values(asdict(row)))

        await self._database.write(work)

    async def enrolment(self, enrolment: str) -> EnrolmentRow:
        """One. Raises UnknownEnrolment."""
        found = await self._database.read(select(enrolments).where(enrolments.c.id == enrolment))
        if not found:
            raise UnknownEnrolment(f"no enrolment {enrolment!r}")
        return EnrolmentRow(**found[0])

    async def of_person(self, person: str) -> tuple[EnrolmentRow, ...]:
        """Everything that somebody is or was on, oldest first."""
        query = select(enrolments).where(enrolments.c.person == person).order_by(enrolments.c.id)
        return tuple(EnrolmentRow(**row) for row in await self._database.read(query))

    async def of_run(self, run: str) -> EnrolmentRow | None:
        """Whose sets a run is; None where it is no program's."""
        found = await self._database.read(select(enrolments).where(enrolments.c.run == run))
        return EnrolmentRow(**found[0]) if found else None

    async def ladder(self, enrolment: str, revision: int) -> LadderRow:
        """One revision. Raises UnknownEnrolment."""
        query = select(ladders).where(ladders.c.enrolment == enrolment, ladders.c.revision == revision)
        found = await self._database.read(query)
        if not found:
            raise UnknownEnrolment(f"no ladder {revision} of the enrolment {enrolment!r}")
        return LadderRow(**found[0])

    async def ladders(self, enrolment: str) -> tuple[LadderRow, ...]:
        """Every revision, oldest first."""
        return await self._all(ladders, LadderRow, enrolment, "revision")

    async def sets(self, enrolment: str) -> tuple[SetRow, ...]:
        """Everything that was done, oldest first."""
        return await self._all(sets, SetRow, enrolment, "id")

    async def decisions(self, enrolment: str) -> tuple[DecisionRow, ...]:
        """Everything that was decided, oldest first."""
        return await self._all(decisions, DecisionRow, enrolment, "id")

    async def _all(self, table: Table, kind: type[T], enrolment: str, order: str) -> tuple[T, ...]:
        query = select(table).where(table.c.enrolment == enrolment).order_by(table.c[order])
        make: Any = kind
        return tuple(make(**row) for row in await self._database.read(query))
