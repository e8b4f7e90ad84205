"""Boards that can prove their way to us: they send a pattern of which we know every bit."""

from dataclasses import Field
from typing import Any, ClassVar, Protocol, runtime_checkable


class Proof(Protocol):
    """What came of it: a dataclass with as many counts as its family has, and one verdict."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def holds(self) -> bool:
        """Nothing lost, repeated or wrong, and something there."""
        ...


@runtime_checkable
class Provable(Protocol):
    """A board with a test pattern."""

    async def prove(self, seconds: float) -> Proof:
        """Have so many seconds of samples sent, by the board's own clock, and judge them.

        Raises DriverError, BoardBusy while it streams.
        """
        ...
