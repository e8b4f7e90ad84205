"""The newest names that records have, so that whatever is made next sorts after them, wherever the clock was set."""

from sqlalchemy import func, select

from otolith.service.store.database import Database
from otolith.service.store.tables import decisions, enrolments, recordings, runs, sessions, trials

NAMED = (recordings, sessions, runs, trials, enrolments, decisions)
"""Tables whose rows are named by ``service.ids``."""


async def newest(database: Database) -> list[str]:
    """One of each table that has records."""
    names = [(await database.read(select(func.max(table.c.id).label("name"))))[0]["name"] for table in NAMED]
    return [name for name in names if name]
