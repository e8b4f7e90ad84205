"""Who did what: append-only, each line chained to the one before by its hash."""

from otolith.service.store.rows import AuditRow, Page


class Audit:
    """Append, read, verify."""

    async def append(self, *, by: str, action: str, subject: str, detail: str = "") -> AuditRow:
        """Add a line."""
        raise NotImplementedError

    async def list(self, *, cursor: str | None = None, limit: int = 50) -> Page[AuditRow]:
        """Newest first."""
        raise NotImplementedError
