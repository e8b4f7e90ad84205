"""The station's records, in one database with one writer."""

from types import TracebackType
from typing import Self

from otolith.service.clock import Clock, SystemClock
from otolith.service.store.audit import Audit
from otolith.service.store.recordings import Recordings
from otolith.service.store.tares import Tares
from otolith.service.store.tokens import Tokens


class Store:
    """Open it before use; ``open`` brings the schema up to date. Raises StoreError where that is impossible."""

    tokens: Tokens
    recordings: Recordings
    tares: Tares
    audit: Audit

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        self.url = url
        self._clock = clock or SystemClock()

    async def open(self) -> None:
        """Connect, migrate, start the writer."""
        raise NotImplementedError

    async def close(self) -> None:
        """Write what is queued and disconnect; safe to call twice."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
