"""Slows the guessing of tokens down by device, never by address: a clinic's computers share one.

A browser that once logged in carries a signed device cookie and has an allowance of its own. All devices that never
did share another, so that guessing from anywhere cannot lock a known device out.
"""

import hashlib
import hmac
import secrets
from collections import deque
from typing import Final

from otolith.service.clock import Clock

WINDOW_S: Final = 60.0
KNOWN_FAILURES: Final = 5
UNKNOWN_FAILURES: Final = 20
UNKNOWN: Final = ""


class LoginThrottle:
    """Counts failed logins. Device cookies are valid until the station restarts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._failures: dict[str, deque[float]] = {}

    def new_device(self) -> str:
        """The cookie of a device that has just logged in."""
        name = secrets.token_urlsafe(12)
        return f"{name}.{self._signature(name)}"

    def device(self, cookie: str) -> str:
        """The device that the cookie names; the shared one where the signature is not ours."""
        name, _, signature = cookie.partition(".")
        return name if hmac.compare_digest(signature.encode(), self._signature(name).encode()) else UNKNOWN

    def wait(self, device: str) -> float:
        """Seconds until the device may try again; 0 where it may now."""
        now = self._now()
        failures = self._failures.get(device, deque())
        while failures and failures[0] <= now - WINDOW_S:
            failures.popleft()
        allowed = KNOWN_FAILURES if device else UNKNOWN_FAILURES
        return failures[0] + WINDOW_S - now if len(failures) >= allowed else 0.0

    def failed(self, device: str) -> None:
        """Count a failure."""
        self._failures.setdefault(device, deque(maxlen=UNKNOWN_FAILURES)).append(self._now())

    def succeeded(self, device: str) -> None:
        """Forget the failures of a known device; the shared ones only age."""
        if device:
            self._failures.pop(device, None)

    def _signature(self, name: str) -> str:
        return hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()

    def _now(self) -> float:
        return self._clock.monotonic_ns() / 1e9
