"""How long to wait before the next attempt."""

import random


class Backoff:
    """Doubles from ``first`` to a cap, seconds; each wait is 50 to 100 % of it, so that boards do not knock in step."""

    def __init__(self, first: float = 0.1, *, seed: int | None = None) -> None:
        self._first = first
        self._attempt = 0
        self._random = random.Random(seed)  # noqa: S311 - spreads load, guards nothing

    def next(self, cap: float) -> float:
        """Seconds to wait before the attempt that follows."""
        wait = min(cap, self._first * 2.0 ** min(self._attempt, 30))
        self._attempt += 1
        return wait * self._random.uniform(0.5, 1.0)

    def reset(self) -> None:
        """The last attempt held: begin again."""
        self._attempt = 0
