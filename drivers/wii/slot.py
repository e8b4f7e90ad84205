"""One of the four slots of a Mayflash DolphinBar in mode 4: USB HID, one interface per slot."""

from collections.abc import AsyncGenerator, Callable
from typing import Final, TypeVar

from otolith.drivers.wire import Overruns, Wire

VENDOR: Final = 0x057E
PRODUCT: Final = 0x0306
PRODUCTS: Final = (PRODUCT, 0x0330)
"""0330: other adapters and firmwares."""
SLOTS: Final = range(1, 5)
PADDED: Final = 22
"""Bytes of an output report that the bar takes (Dolphin pads all to this)."""
SET_REPORT: Final = 0x09
OUTPUT: Final = 0x0200
"""Report type in the high byte of wValue (HID 1.11, 7.2.2)."""

T = TypeVar("T")


def endpoint(slot: int) -> int:
    """Interrupt IN endpoint of a slot."""
    return 0x80 + slot


class Slot:
    """A ``Way`` over the wire of the slot's interface; an empty slot stalls what it is sent."""

    def __init__(self, wire: Wire, slot: int) -> None:
        self._wire = wire
        self._interface = slot - 1

    async def send(self, report: bytes) -> None:
        """SET_REPORT, since the bar has no OUT endpoints."""
        await self._wire.control(0x21, SET_REPORT, OUTPUT | report[0], self._interface, report.ljust(PADDED, b"\0"))

    async def reports(
        self, transform: Callable[[bytes, int], T | None], *, silence: float | None = None
    ) -> AsyncGenerator[T, None]:
        """See ``Way``."""
        packets = self._wire.packets(transform, silence=silence)
        try:
            async for item in packets:
                yield item
        finally:
            if isinstance(packets, AsyncGenerator):
                await packets.aclose()

    def statistics(self) -> Overruns:
        """See ``Way``."""
        return self._wire.statistics()

    async def aclose(self) -> None:
        """See ``Way``."""
        await self._wire.aclose()
