"""What a driver needs of the way to its board: met by a USB pipe, by one that is listened to, by a capture."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

T = TypeVar("T")


class Overruns(Protocol):
    """The part of a wire's statistics that a board reports on."""

    @property
    def overruns(self) -> int:
        """Transformed packets dropped because the consumer was too slow."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """What a board says of itself before it is opened."""

    release: int
    """bcdDevice."""
    serial: str
    name: str
    """iProduct."""


class Wire(Protocol):
    """Packets in, control transfers both ways; ``drivers.usb.pipe.Pipe`` is the manual."""

    async def control(
        self,
        request_type: int,
        request: int,
        value: int,
        index: int,
        data_or_length: bytes | int = b"",
    ) -> bytes:
        """Control transfer; returns what was read. Raises BoardRefused, BoardTimeout, BoardLost."""
        ...

    def packets(
        self, transform: Callable[[bytes, int], T | None], *, silence: float | None = None, length: int = 0
    ) -> AsyncGenerator[T, None]:
        """Every packet through ``transform(packet, t_host)`` in the reader's thread; raises BoardLost, BoardTimeout.

        Full packets may come in one piece of ``length`` bytes, with one time: so many fewer transfers.
        """
        ...

    def statistics(self) -> Overruns:
        """Read the counters, from any thread."""
        ...

    async def aclose(self) -> None:
        """Let go; safe to call twice."""
        ...


class UsbWire(Wire, Protocol):
    """A wire to a USB board, whose other endpoints can be talked to as well."""

    async def ask(self, out: int, question: bytes, into: int, length: int = 64) -> bytes:
        """Send to an OUT endpoint, read the answer from an IN endpoint. Raises as ``control`` does."""
        ...

    async def write(self, endpoint: int, data: bytes) -> int:
        """Send to an OUT endpoint; what answers comes among the packets, if anything. Raises as ``control`` does."""
        ...

    async def drain(self, endpoint: int) -> int:
        """Throw away what waits on an IN endpoint; returns how many bytes."""
        ...


Listen = Callable[[UsbWire], UsbWire]
"""What may put itself between a driver and its board."""
