"""Names for records: they sort by time, are safe in a path, and do not repeat."""

import secrets
from datetime import UTC, datetime, timedelta


class Ids:
    """``20260101t000000000000-a1b2c3``: UTC to the microsecond, and three random bytes against other stations."""

    def __init__(self) -> None:
        self._last = datetime.min.replace(tzinfo=UTC)

    def make(self, now: datetime) -> str:
        """Greater than every id made before, even where the clock stood still or was set back."""
        self._last = max(now, self._last + timedelta(microseconds=1))
        return f"{self._last:%Y%m%dt%H%M%S%f}-{secrets.token_hex(3)}"
