"""A device that gives back what it gets: the twin of nothing, to try a bus, a server or a host with."""

import asyncio

from otolith.drivers.usb.gadget import Setup, Speed, Stall

VENDOR, PRODUCT = 0x1209, 0x0001  # pid.codes' test PID: for private testing, never for a product
PACKET = 64  # wMaxPacketSize of all endpoints
SOURCE, SINK, ECHO = 0x81, 0x02, 0x82  # interrupt IN, bulk OUT, bulk IN
MEMORY = 1  # vendor request: write (0x41) and read back (0xC1)
_RELEASE = 0x0123
_ROOM = 1024  # packets on their way back: a host that only writes fills no memory


class Loopback:
    """Bulk OUT comes back on bulk IN; ``emit`` feeds the interrupt endpoint; a vendor request is a small memory.

    Alternate setting 1 of its interface has no endpoints. What a host has not fetched is gone for the next one.
    """

    configuration_descriptor = bytes.fromhex(
        "09 02 30 00 01 01 00 80 32"  # configuration 1: 48 bytes, one interface, bus powered, 100 mA
        "09 04 00 00 03 FF 00 00 00"  # interface 0, alternate 0, vendor class, three endpoints
        "07 05 81 03 40 00 01"  # 0x81 interrupt, 64 bytes, every ms
        "07 05 02 02 40 00 00"  # 0x02 bulk, 64 bytes
        "07 05 82 02 40 00 00"  # 0x82 bulk, 64 bytes
        "09 04 00 01 00 FF 00 00 00"  # interface 0, alternate 1, no endpoints
    )

    def __init__(self, serial: str = "0001") -> None:
        identity = b"".join(number.to_bytes(2, "little") for number in (VENDOR, PRODUCT, _RELEASE))
        self.device_descriptor = bytes.fromhex("12 01 00 02 FF 00 00 40") + identity + bytes((1, 2, 3, 1))
        self.strings = {1: "Otolith", 2: "Loopback", 3: serial}
        self.speed = Speed.FULL
        self.memory = b""
        self.attached = asyncio.Event()
        """Set while a host holds it."""
        self._queues = _queues()

    def emit(self, packet: bytes) -> None:
        """Send a packet on the interrupt endpoint."""
        self._queues[SOURCE].put_nowait(packet)

    def stall(self, endpoint: int = SOURCE) -> None:
        """Halt an IN endpoint once what was sent before has been fetched."""
        self._queues[endpoint].put_nowait(Stall())

    async def attach(self) -> None:
        """Start empty."""
        self._queues = _queues()
        self.attached.set()

    async def detach(self) -> None:
        """Wait for the next host."""
        self.attached.clear()

    async def control(self, setup: Setup, data: bytes) -> bytes:
        """Write or read the memory; anything else stalls."""
        match setup.request_type, setup.request:
            case 0x41, 1:
                self.memory = data
                return b""
            case 0xC1, 1:
                return self.memory
            case _:
                raise Stall

    async def read(self, endpoint: int, length: int) -> bytes:  # noqa: ARG002 - a packet is as long as it is
        """Fetch what was emitted or written."""
        packet = await self._queues[endpoint].get()
        if isinstance(packet, Stall):
            raise packet
        return packet

    async def write(self, endpoint: int, data: bytes) -> int:
        """Put it where the bulk IN endpoint finds it; waits while that is full."""
        await self._queues[endpoint | 0x80].put(data)
        return len(data)


def _queues() -> dict[int, asyncio.Queue[bytes | Stall]]:
    return {SOURCE: asyncio.Queue(), ECHO: asyncio.Queue(_ROOM)}
