"""The connection: many readers, one writer, so that no write ever waits for another's lock."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy import Executable, event
from sqlalchemy.engine import URL, RowMapping, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from otolith.service.errors import StoreError
from otolith.service.store.migrate import migrate

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[Any]]
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")
"""SQLite: readers never wait for the writer; what was committed survives a power cut."""


class Database:
    """Opened and closed by one event loop. Everything raises StoreError, in words without the password."""

    def __init__(self, url: str) -> None:
        try:
            self._url: URL = make_url(url)
        except ArgumentError as error:
            raise StoreError(f"the database's URL cannot be read: {error}") from error
        self._engine: AsyncEngine | None = None
        self._queue: asyncio.Queue[tuple[Work, asyncio.Future[Any]] | None] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Migrate, connect, start the writer."""
        try:
            await asyncio.to_thread(migrate, self._url)
            self._engine = create_async_engine(self._url)
        except (SQLAlchemyError, OSError, ImportError) as error:
            raise self._failed("opened", error) from error
        if self._url.get_backend_name() == "sqlite":
            event.listen(self._engine.sync_engine, "connect", _set_pragmas)
        self._writer = asyncio.create_task(self._write_all(self._engine), name="store writer")

    async def close(self) -> None:
        """Write what is queued and disconnect; safe to call twice."""
        if self._writer is not None:
            self._queue.put_nowait(None)
            await self._writer
            self._writer = None
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    async def read(self, query: Executable) -> list[RowMapping]:
        """All rows of a query."""
        if self._engine is None:
            raise StoreError("the records are not open")
        try:
            async with self._engine.connect() as connection:
                return list((await connection.execute(query)).mappings())
        except (SQLAlchemyError, OSError) as error:
            raise self._failed("read", error) from error

    async def write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run ``work`` in a transaction of the writer; done even if the caller is cancelled meanwhile."""
        if self._writer is None:
            raise StoreError("the records are not open")
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((work, done))
        return await done

    async def _write_all(self, engine: AsyncEngine) -> None:
        while (item := await self._queue.get()) is not None:
            work, done = item
            try:
                async with engine.begin() as connection:
                    result = await work(connection)
            except Exception as error:  # noqa: BLE001 - the caller's to handle; the writer goes on
                if not done.done():
                    known = isinstance(error, SQLAlchemyError | OSError)
                    done.set_exception(self._failed("written", error) if known else error)
            else:
                if not done.done():
                    done.set_result(result)

    def _failed(self, what: str, error: Exception) -> StoreError:
        place = self._url.render_as_string(hide_password=True)
        reason = getattr(error, "orig", None) or error
        return StoreError(f"the records at {place} cannot be {what}: {reason}")


def _set_pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401 - the DBAPI's own type
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
