"""What a driver needs of the way to a HID board: reports out, reports in. A hidraw node, two sockets, an adapter."""

from collections.abc import AsyncGenerator, Callable
from typing import Protocol, TypeVar

from otolith.drivers.wire import Overruns

T = TypeVar("T")


class Way(Protocol):
    """Reports with their number in the first byte."""

    async def send(self, report: bytes) -> None:
        """Send an output report; raises BoardRefused, BoardTimeout, BoardLost."""
        ...

    def reports(
        self, transform: Callable[[bytes, int], T | None], *, silence: float | None = None
    ) -> AsyncGenerator[T, None]:
        """Every input report through ``transform(report, t_host)`` where it arrives; raises BoardLost, BoardTimeout."""
        ...

    def statistics(self) -> Overruns:
        """Read the counters, from any thread."""
        ...

    async def aclose(self) -> None:
        """Let go; safe to call twice."""
        ...


ListenWay = Callable[[Way], Way]
"""What may put itself between a driver and its board."""
