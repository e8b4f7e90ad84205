"""The catalogue of journals."""

import re
from dataclasses import asdict

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from otolith.service.errors import UnknownRecording
from otolith.service.store.database import Database
from otolith.service.store.rows import Page, RecordingRow, refuse_limit
from otolith.service.store.tables import recordings

CURSOR = re.compile(r"[a-z0-9-]{1,64}")


class Recordings:
    """Add, close, find."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, row: RecordingRow) -> None:
        """Enter a journal that is about to be opened."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert(recordings).values(asdict(row)))

        await self._database.write(work)

    async def close(self, recording_id: str, *, ended: str, reason: str, samples: int, size: int) -> RecordingRow:
        """Note how it ended. Raises UnknownRecording."""

        async def work(connection: AsyncConnection) -> None:
            ending = update(recordings).where(recordings.c.id == recording_id)
            await connection.execute(ending.values(ended=ended, end_reason=reason, samples=samples, size=size))

        await self._database.write(work)
        return await self.get(recording_id)

    async def get(self, recording_id: str) -> RecordingRow:
        """One entry. Raises UnknownRecording."""
        found = await self._database.read(select(recordings).where(recordings.c.id == recording_id))
        if not found:
            raise UnknownRecording(f"no recording {recording_id!r}")
        return RecordingRow(**found[0])

    async def list(self, *, cursor: str | None = None, limit: int = 50, board: str | None = None) -> Page[RecordingRow]:
        """Newest first. Raises ValueError where cursor or limit are not of this list."""
        refuse_limit(limit)
        query = select(recordings).order_by(recordings.c.id.desc()).limit(limit + 1)
        if cursor is not None:
            if not CURSOR.fullmatch(cursor):
                raise ValueError("this cursor is not one of this list's")
            query = query.where(recordings.c.id < cursor)
        if board is not None:
            query = query.where(recordings.c.board == board)
        rows = tuple(RecordingRow(**row) for row in await self._database.read(query))
        return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)

    async def delete(self, recording_id: str) -> None:
        """Forget an entry; the file is the caller's. Raises UnknownRecording."""

        async def work(connection: AsyncConnection) -> bool:
            result = await connection.execute(delete(recordings).where(recordings.c.id == recording_id))
            return result.rowcount > 0

        if not await self._database.write(work):
            raise UnknownRecording(f"no recording {recording_id!r}")

    async def open(self) -> tuple[RecordingRow, ...]:
        """Those that were never closed, oldest first."""
        query = select(recordings).where(recordings.c.ended.is_(None)).order_by(recordings.c.id)
        return tuple(RecordingRow(**row) for row in await self._database.read(query))

    async def beyond(self, keep: int) -> tuple[RecordingRow, ...]:
        """The oldest closed segments of mode ``always`` that do not fit into ``keep`` bytes, oldest first."""
        newer = func.sum(recordings.c.size).over(order_by=recordings.c.id.desc()).label("newer")
        closed = select(recordings, newer).where(recordings.c.mode == "always", recordings.c.ended.is_not(None))
        ranked = closed.subquery()
        columns = [ranked.c[column.name] for column in recordings.c]
        query = select(*columns).where(ranked.c.newer > keep).order_by(ranked.c.id)
        return tuple(RecordingRow(**row) for row in await self._database.read(query))
