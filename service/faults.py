"""What is wrong with the station right now, in words; set and cleared by whoever notices."""

from collections.abc import Awaitable, Callable


class Faults:
    """One sentence per key; ``changed`` is called whenever the set changes."""

    def __init__(self, changed: Callable[[], Awaitable[None]]) -> None:
        self._sentences: dict[str, str] = {}
        self._changed = changed

    @property
    def sentences(self) -> tuple[str, ...]:
        """In the order in which they came up."""
        return tuple(self._sentences.values())

    async def raise_(self, key: str, sentence: str) -> None:
        """Set the fault of this key."""
        if self._sentences.get(key) != sentence:
            self._sentences[key] = sentence
            await self._changed()

    async def clear(self, key: str) -> None:
        """The fault of this key is over, if there was one."""
        if self._sentences.pop(key, None) is not None:
            await self._changed()
