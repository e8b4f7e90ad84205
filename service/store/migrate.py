"""Brings a database to the schema of this version, from nothing or from any version before."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from otolith.service.errors import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(url: URL, revision: str = "head") -> None:
    """Upgrade to a revision. Blocks, in a loop of its own: for a thread. Raises StoreError, SQLAlchemyError."""
    try:
        if url.get_backend_name() == "sqlite":
            _migrate_sqlite(url, revision)
        else:
            asyncio.run(_migrate_server(url, revision))
    except CommandError as error:
        place = url.render_as_string(hide_password=True)
        raise StoreError(f"the records at {place} were written by a newer version of this program: {error}") from error


def _migrate_sqlite(url: URL, revision: str) -> None:
    """By the standard library's driver: the async one leaves a thread behind where a file cannot be opened."""
    engine = create_engine(url.set(drivername="sqlite"), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            _upgrade(connection, revision)
    finally:
        engine.dispose()


async def _migrate_server(url: URL, revision: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, revision)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
