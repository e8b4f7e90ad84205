"""Names for records: they sort in the order in which they were made, are safe in a path, and do not repeat."""

import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

FORMAT: Final = "%Y%m%dt%H%M%S%f"


class Ids:
    """``20260101t000000000000-a1b2c3``: UTC to the microsecond, and three random bytes against other stations."""

    def __init__(self) -> None:
        self._last = datetime.min.replace(tzinfo=UTC)

    def follow(self, name: str) -> None:
        """Go on after a name that was made before, by another process perhaps; any other text is nothing."""
        with suppress(ValueError):
            self._last = max(self._last, datetime.strptime(name.partition("-")[0], FORMAT).replace(tzinfo=UTC))

    def make(self, now: datetime) -> str:
        """Greater than every id made before, even where the clock stood still or was set back."""
        self._last = max(now, self._last + timedelta(microseconds=1))
        return f"{self._last:{FORMAT}}-{secrets.token_hex(3)}"
