"""Zeros taken, per board."""

from dataclasses import asdict

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from otolith.service.store.database import Database
from otolith.service.store.rows import TareRow
from otolith.service.store.tables import tares


class Tares:
    """Keep every tare, find the newest."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, row: TareRow) -> None:
        """Keep a tare."""

        async def work(connection: AsyncConnection) -> None:
            values = asdict(row) | {"zero": [*row.zero]}
            await connection.execute(insert(tares).values(values))

        await self._database.write(work)

    async def latest(self, serial: str) -> TareRow | None:
        """The newest tare of a board, by ``BoardInfo.id``."""
        query = select(tares).where(tares.c.serial == serial).order_by(tares.c.n.desc()).limit(1)
        found = await self._database.read(query)
        if not found:
            return None
        row = found[0]
        zero = tuple(float(z) for z in row["zero"])
        return TareRow(row["serial"], row["at"], row["by"], zero, row["noise_n"], row["offset_n"])
