"""Tokens: high-entropy secrets, of which only a hash is kept."""

from otolith.service.store.roles import Role
from otolith.service.store.rows import TokenRow


class Tokens:
    """Create, verify, list and revoke.

    A secret is 256 random bits, so one SHA-256 of it at rest is enough: there is nothing to guess that a slow
    hash would protect, and every request can afford it.
    """

    async def create(self, name: str, role: Role) -> tuple[TokenRow, str]:
        """A new token and its secret, which is shown this once."""
        raise NotImplementedError

    async def verify(self, secret: str) -> TokenRow | None:
        """The token of this secret; None if unknown or revoked."""
        raise NotImplementedError

    async def list(self) -> tuple[TokenRow, ...]:
        """All tokens, oldest first, revoked ones too."""
        raise NotImplementedError

    async def revoke(self, token_id: str) -> TokenRow:
        """End a token now; again is no error. Raises UnknownToken."""
        raise NotImplementedError

    async def ensure_admin(self) -> str | None:
        """On the first start, when no valid admin token exists: make one and return its secret; else None."""
        raise NotImplementedError
