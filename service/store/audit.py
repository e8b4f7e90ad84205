"""Who did what: append-only, each line chained to the one before by its hash."""

import hashlib
import json
from dataclasses import replace

from sqlalchemy import insert, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from otolith.service.clock import Clock, rfc3339
from otolith.service.store.database import Database
from otolith.service.store.rows import AuditRow, Page, refuse_limit
from otolith.service.store.tables import audit

GENESIS = "0" * 64
"""What the first line is chained to."""


class Audit:
    """Append, read, verify."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def append(self, *, by: str, action: str, subject: str, detail: str = "") -> AuditRow:
        """Add a line."""
        return await self._database.write(
            lambda connection: append_line(
                connection, self._clock, by=by, action=action, subject=subject, detail=detail
            )
        )

    async def list(self, *, cursor: str | None = None, limit: int = 50) -> Page[AuditRow]:
        """Newest first. Raises ValueError where cursor or limit are not of this list."""
        refuse_limit(limit)
        query = select(audit).order_by(audit.c.n.desc()).limit(limit + 1)
        if cursor is not None:
            if not (cursor.isascii() and cursor.isdigit()):
                raise ValueError("this cursor is not one of this list's")
            query = query.where(audit.c.n < int(cursor))
        rows = tuple(_row(row) for row in await self._database.read(query))
        return Page(rows[:limit], str(rows[limit - 1].n) if len(rows) > limit else None)

    async def verify(self) -> int | None:
        """Number of the first line that was changed, or that follows a removed one; None where the chain holds."""
        before, expected = GENESIS, 1
        for row in [_row(row) for row in await self._database.read(select(audit).order_by(audit.c.n))]:
            if row.n != expected or row.hash != chained(row, before):
                return row.n
            before, expected = row.hash, row.n + 1
        return None


async def append_line(
    connection: AsyncConnection, clock: Clock, *, by: str, action: str, subject: str, detail: str = ""
) -> AuditRow:
    """Add a line within the writer's transaction, so that what was done and that it was done are kept together."""
    newest = select(audit.c.n, audit.c.hash).order_by(audit.c.n.desc()).limit(1)
    last = (await connection.execute(newest)).first()
    n, before = (last.n + 1, last.hash) if last else (1, GENESIS)
    row = AuditRow(n, rfc3339(clock.now()), by, action, subject, detail, "")
    row = replace(row, hash=chained(row, before))
    values = {name: getattr(row, name) for name in audit.c.keys()}  # noqa: SIM118 - a collection, no dict
    await connection.execute(insert(audit).values(values))
    return row


def chained(row: AuditRow, before: str) -> str:
    """SHA-256 over the hash of the line before and this line's own content."""
    content = json.dumps([before, row.n, row.at, row.by, row.action, row.subject, row.detail])
    return hashlib.sha256(content.encode()).hexdigest()


def _row(row: RowMapping) -> AuditRow:
    return AuditRow(**row)
