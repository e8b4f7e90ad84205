"""Tokens: high-entropy secrets, of which only a hash is kept."""

import hashlib
import hmac
import secrets

from sqlalchemy import insert, select, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from otolith.service.clock import Clock, rfc3339
from otolith.service.errors import UnknownToken
from otolith.service.store.database import Database
from otolith.service.store.roles import Role
from otolith.service.store.rows import TokenRow
from otolith.service.store.tables import tokens

PREFIX = "otolith_"
"""Lets secret scanners recognise one that leaked."""
ENTROPY = 32
"""Bytes."""


class Tokens:
    """Create, verify, list and revoke.

    A secret is 256 random bits, so one SHA-256 of it at rest is enough: there is nothing to guess that a slow
    hash would protect, and every request can afford it. It is looked up by that hash, so that the time of the
    look-up tells nothing about the secret; what was found is compared in constant time.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(self, name: str, role: Role) -> tuple[TokenRow, str]:
        """A new token and its secret, which is shown this once."""
        secret = PREFIX + secrets.token_urlsafe(ENTROPY)
        row = TokenRow(secrets.token_hex(8), name, role, rfc3339(self._clock.now()))

        async def work(connection: AsyncConnection) -> None:
            values = {"id": row.id, "name": name, "role": role.value, "hash": _hash(secret), "created": row.created}
            await connection.execute(insert(tokens).values(values))

        await self._database.write(work)
        return row, secret

    async def verify(self, secret: str) -> TokenRow | None:
        """The token of this secret; None if unknown or revoked."""
        digest = _hash(secret)
        found = await self._database.read(select(tokens).where(tokens.c.hash == digest, tokens.c.revoked.is_(None)))
        return next((_row(token) for token in found if hmac.compare_digest(token["hash"], digest)), None)

    async def list(self) -> tuple[TokenRow, ...]:
        """All tokens, oldest first, revoked ones too."""
        found = await self._database.read(select(tokens).order_by(tokens.c.created, tokens.c.id))
        return tuple(_row(token) for token in found)

    async def revoke(self, token_id: str) -> TokenRow:
        """End a token now; again is no error. Raises UnknownToken."""

        async def work(connection: AsyncConnection) -> None:
            ending = update(tokens).where(tokens.c.id == token_id, tokens.c.revoked.is_(None))
            await connection.execute(ending.values(revoked=rfc3339(self._clock.now())))

        await self._database.write(work)
        found = await self._database.read(select(tokens).where(tokens.c.id == token_id))
        if not found:
            raise UnknownToken(f"no token {token_id!r}")
        return _row(found[0])

    async def ensure_admin(self) -> str | None:
        """When no valid admin token exists (the first start): make one and return its secret; else None."""
        valid = select(tokens.c.id).where(tokens.c.role == Role.ADMIN.value, tokens.c.revoked.is_(None))
        if await self._database.read(valid.limit(1)):
            return None
        return (await self.create("first admin", Role.ADMIN))[1]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _row(token: RowMapping) -> TokenRow:
    return TokenRow(token["id"], token["name"], Role(token["role"]), token["created"], token["revoked"])
