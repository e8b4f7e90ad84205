"""The station's records, in one database with one writer."""

from types import TracebackType
from typing import Self

from otolith.service.clock import Clock, SystemClock
from otolith.service.ids import Ids
from otolith.service.store.audit import Audit
from otolith.service.store.boards import Boards
from otolith.service.store.database import Database
from otolith.service.store.newest import newest
from otolith.service.store.people import People
from otolith.service.store.programs import EnrolmentRecords
from otolith.service.store.recordings import Recordings
from otolith.service.store.sessions import Sessions
from otolith.service.store.tares import Tares
from otolith.service.store.tokens import Tokens


class Store:
    """``url`` is SQLAlchemy's, of an async driver. Open it before use; every part raises StoreError."""

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        clock = clock or SystemClock()
        self._database = Database(url)
        self.ids = Ids()
        """Of all records; those made from now on sort after those that are there."""
        self.tokens = Tokens(self._database, clock)
        self.recordings = Recordings(self._database)
        self.tares = Tares(self._database)
        self.people = People(self._database)
        self.sessions = Sessions(self._database)
        self.programs = EnrolmentRecords(self._database, clock)
        self.boards = Boards(self._database)
        self.audit = Audit(self._database, clock)

    async def open(self) -> None:
        """Bring the schema up to date, connect, start the writer."""
        await self._database.open()
        for name in await newest(self._database):
            self.ids.follow(name)

    async def close(self) -> None:
        """Write what is queued and disconnect; safe to call twice."""
        await self._database.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
