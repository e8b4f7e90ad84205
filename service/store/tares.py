"""Zeros taken, per board."""

from otolith.service.store.rows import TareRow


class Tares:
    """Keep every tare, find the newest."""

    async def add(self, row: TareRow) -> None:
        """Keep a tare."""
        raise NotImplementedError

    async def latest(self, serial: str) -> TareRow | None:
        """The newest tare of a board, by ``BoardInfo.id``."""
        raise NotImplementedError
