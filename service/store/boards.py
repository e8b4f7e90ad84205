"""Which board answered to which moniker last, so that an absent board keeps its name."""

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from otolith.service.store.database import Database
from otolith.service.store.tables import boards


class Boards:
    """Remember, recall."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remember(self, moniker: str, board: str) -> None:
        """Keep the id of the board that answered."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(boards).where(boards.c.moniker == moniker))
            await connection.execute(insert(boards).values(moniker=moniker, board=board))

        await self._database.write(work)

    async def known(self) -> dict[str, str]:
        """Ids by moniker."""
        return {row["moniker"]: row["board"] for row in await self._database.read(select(boards))}
