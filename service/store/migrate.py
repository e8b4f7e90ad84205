"""Brings a database to the schema of this version, from nothing or from any version before."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from otolith.service.errors import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(url: URL, revision: str = "head") -> None:
    """Upgrade to a revision. Blocks, in a loop of its own: for a thread. Raises StoreError, SQLAlchemyError."""
    asyncio.run(_migrate(url, revision))


async def _migrate(url: URL, revision: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, revision)
    except CommandError as error:
        place = url.render_as_string(hide_password=True)
        raise StoreError(f"the records at {place} were written by a newer version of this program: {error}") from error
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
