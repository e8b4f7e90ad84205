"""People: add, change, forget."""

from dataclasses import asdict

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from otolith.service.errors import UnknownPerson
from otolith.service.store.database import Database
from otolith.service.store.rows import Page, refuse_limit
from otolith.service.store.session_rows import PersonRow
from otolith.service.store.tables import people


class People:
    """Everybody who was ever here, until they are forgotten."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, row: PersonRow) -> None:
        """Add somebody, or change what is known of them."""

        async def work(connection: AsyncConnection) -> None:
            changed = await connection.execute(update(people).where(people.c.id == row.id).values(asdict(row)))
            if not changed.rowcount:
                await connection.execute(insert(people).values(asdict(row)))

        await self._database.write(work)

    async def get(self, person: str) -> PersonRow:
        """One of them. Raises UnknownPerson."""
        found = await self._database.read(select(people).where(people.c.id == person))
        if not found:
            raise UnknownPerson(f"nobody is called {person!r} here")
        return PersonRow(**found[0])

    async def list(self, *, cursor: str | None = None, limit: int = 50) -> Page[PersonRow]:
        """By id. Raises ValueError where the limit is not of this list."""
        refuse_limit(limit)
        query = select(people).order_by(people.c.id).limit(limit + 1)
        if cursor is not None:
            query = query.where(people.c.id > cursor)
        rows = tuple(PersonRow(**row) for row in await self._database.read(query))
        return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)

    async def forget(self, person: str) -> None:
        """Take somebody out; their sessions stay, and are nobody's. Raises UnknownPerson."""
        await self.get(person)

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(people).where(people.c.id == person))

        await self._database.write(work)
