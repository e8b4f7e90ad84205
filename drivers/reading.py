"""What all drivers do alike: say who the board is, give it to one reader at a time, close with its context."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Self, TypeVar

from otolith.drivers.batch import Batch
from otolith.drivers.board import BoardInfo
from otolith.drivers.errors import BoardBusy

T = TypeVar("T")


class OneReader(ABC):
    """The part of ``Board`` that needs no wire; a driver adds the rest: statistics, stream, identify, aclose."""

    def __init__(self, info: BoardInfo) -> None:
        self._info = info
        self._streaming = False

    @property
    def info(self) -> BoardInfo:
        """Who it is, as it was when the board was opened."""
        return self._info

    def batches(self) -> AsyncIterator[Batch]:
        """Every batch, in order; raises BoardLost, BoardTimeout, and BoardBusy where a stream runs already."""
        return self.stream(lambda batch: batch)

    @abstractmethod
    def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        """See ``Board``."""

    @abstractmethod
    async def aclose(self) -> None:
        """See ``Board``."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _claim(self) -> None:
        """Become the one reader. Raises BoardBusy; whoever claimed it sets ``_streaming`` back."""
        if self._streaming:
            raise BoardBusy(f"{self._info.moniker} is being read already, and has one reader at a time")
        self._streaming = True
