"""Sessions, their runs and the trials of these."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Table, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from otolith.service.errors import UnknownRun, UnknownSession, UnknownTrial
from otolith.service.store.database import Database
from otolith.service.store.rows import Page, refuse_limit
from otolith.service.store.session_rows import PersonRow, RunRow, SessionRow, TrialRow
from otolith.service.store.tables import people, runs, sessions, trials


class Sessions:
    """Everything is written the moment it is known, so that nothing of a visit hangs on the power."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, row: SessionRow | RunRow | TrialRow) -> None:
        """Add it, or what has changed of it."""
        table = _table(row)
        values = asdict(row)

        async def work(connection: AsyncConnection) -> None:
            changed = await connection.execute(update(table).where(table.c.id == row.id).values(values))
            if not changed.rowcount:
                await connection.execute(insert(table).values(values))

        await self._database.write(work)

    async def session(self, session: str) -> SessionRow:
        """One visit. Raises UnknownSession."""
        found = await self._database.read(select(sessions).where(sessions.c.id == session))
        if not found:
            raise UnknownSession(f"no session {session!r}")
        return SessionRow(**found[0])

    async def run(self, run: str) -> RunRow:
        """One run. Raises UnknownRun."""
        found = await self._database.read(select(runs).where(runs.c.id == run))
        if not found:
            raise UnknownRun(f"no run {run!r}")
        return RunRow(**found[0])

    async def runs(self, session: str) -> tuple[RunRow, ...]:
        """Of a visit, in order."""
        query = select(runs).where(runs.c.session == session).order_by(runs.c.id)
        return tuple(RunRow(**row) for row in await self._database.read(query))

    async def trials(self, run: str) -> tuple[TrialRow, ...]:
        """Of a run, in order."""
        query = select(trials).where(trials.c.run == run).order_by(trials.c.id)
        return tuple(TrialRow(**row) for row in await self._database.read(query))

    async def trial(self, trial: str) -> TrialRow:
        """One trial. Raises UnknownTrial."""
        found = await self._database.read(select(trials).where(trials.c.id == trial))
        if not found:
            raise UnknownTrial(f"no trial {trial!r}")
        return TrialRow(**found[0])

    async def open_runs(self) -> tuple[RunRow, ...]:
        """Those that were never ended: they can be taken up again."""
        query = select(runs).where(runs.c.ended.is_(None)).order_by(runs.c.id)
        return tuple(RunRow(**row) for row in await self._database.read(query))

    async def of_person(self, person: str, challenge: str) -> tuple[RunRow, ...]:
        """A person's finished runs of one challenge, oldest first."""
        query = (
            select(runs)
            .join(sessions, sessions.c.id == runs.c.session)
            .where(sessions.c.person == person, runs.c.challenge == challenge, runs.c.end == "finished")
            .order_by(runs.c.id)
        )
        return tuple(RunRow(**row) for row in await self._database.read(query))

    async def finished(self, challenge: str) -> tuple[tuple[RunRow, PersonRow], ...]:
        """Finished runs of a challenge by people who are known here, oldest first."""
        who = [column.label(f"person_{column.name}") for column in people.c]
        query = (
            select(runs, *who)
            .join(sessions, sessions.c.id == runs.c.session)
            .join(people, people.c.id == sessions.c.person)
            .where(runs.c.challenge == challenge, runs.c.end == "finished")
            .order_by(runs.c.id)
        )
        return tuple(
            (
                RunRow(**{column.name: row[column.name] for column in runs.c}),
                PersonRow(**{column.name: row[f"person_{column.name}"] for column in people.c}),
            )
            for row in await self._database.read(query)
        )

    async def list(self, *, cursor: str | None = None, limit: int = 50, person: str | None = None) -> Page[SessionRow]:
        """Newest first. Raises ValueError where the limit is not of this list."""
        refuse_limit(limit)
        query = select(sessions).order_by(sessions.c.id.desc()).limit(limit + 1)
        if cursor is not None:
            query = query.where(sessions.c.id < cursor)
        if person is not None:
            query = query.where(sessions.c.person == person)
        rows = tuple(SessionRow(**row) for row in await self._database.read(query))
        return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def _table(row: SessionRow | RunRow | TrialRow) -> Table:
    kinds: dict[type[Any], Table] = {SessionRow: sessions, RunRow: runs, TrialRow: trials}
    return kinds[type(row)]
