"""One client's connection, as the broker behind it sees it: whole, checked packets in; bounded bytes out."""

import asyncio
import ssl
from typing import Final

from amqtt.adapters import ReaderAdapter, WriterAdapter

from otolith.api.mqtt.packets import MAX_PACKET, Malformed, Type, WrongVersion, check

CONNECT_TIMEOUT: Final = 5.0
"""Seconds from the open connection to a complete CONNECT."""
GRACE: Final = 1.5
"""A client is gone after this many of its own keep-alive times in silence (MQTT 3.1.1, 3.1.2.10)."""
LINGER: Final = 0.5
"""Seconds for the last bytes to leave."""
MAX_QUEUED: Final = 1024 * 1024
"""Bytes on their way to one client: beyond, it is not reading at all and is cut off."""


class PacketReader(ReaderAdapter):  # type: ignore[misc] # amqtt is seen as untyped
    """Feeds the decoder packet by packet; ends, for ever, at whatever a client may not send, and at silence."""

    def __init__(self, stream: asyncio.StreamReader) -> None:
        self._stream = stream
        self._packet = b""
        self._at = 0
        self._silence: float | None = CONNECT_TIMEOUT
        self._expected: Type | None = Type.CONNECT
        self.reason = ""
        """Why it ended, in plain words."""
        self.answer = b""
        """What to tell the client before closing."""

    def accepted(self, keep_alive: int) -> None:
        """CONNECT was answered with yes: from now on anything but a second one, within the client's keep-alive time."""
        self._silence = keep_alive * GRACE if keep_alive > 0 else None
        self._expected = None

    async def read(self, n: int = -1) -> bytes:
        """The next ``n`` bytes; fewer, and then none, at the end."""
        if n == 0:
            return b""
        if self._at == len(self._packet) and not self.reason:
            await self._next()
        self._at += n
        return self._packet[self._at - n : self._at]

    def feed_eof(self) -> None:
        """Nothing to acknowledge."""

    async def _next(self) -> None:
        self._packet, self._at = b"", 0
        try:
            async with asyncio.timeout(self._silence):
                self._packet = await self._load()
        except TimeoutError:
            self.reason = f"silent for {self._silence:g} s"
        except (asyncio.IncompleteReadError, OSError):
            self.reason = "closed by the client"
        except WrongVersion as error:
            self.reason, self.answer = str(error), error.answer
        except Malformed as error:
            self.reason = str(error)

    async def _load(self) -> bytes:
        """One whole packet, as it came."""
        await asyncio.sleep(0)  # a flood of packets takes turns with everything else in the loop
        header = await self._stream.readexactly(2)
        while header[-1] & 0x80:
            if len(header) > 4:  # noqa: PLR2004 - one byte of type, at most four of length (2.2.3)
                raise Malformed("a length of more than four bytes")
            header += await self._stream.readexactly(1)
        length = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(header[1:]))
        if length > MAX_PACKET:
            raise Malformed(f"a packet of {length} bytes; the most is {MAX_PACKET}")
        self._check_type(header[0])
        body = await self._stream.readexactly(length)
        check(header[0], body)
        return header + body

    def _check_type(self, first: int) -> None:
        if self._expected is not None and first >> 4 != self._expected:
            raise Malformed(f"the first packet is CONNECT, not one that begins with {first:#04x}")
        if self._expected is None and first >> 4 == Type.CONNECT:
            raise Malformed("a second CONNECT")


class PacketWriter(WriterAdapter):  # type: ignore[misc] # amqtt is seen as untyped
    """Never makes the broker wait: what a slow client does not take is bounded here and at the sender."""

    def __init__(self, stream: asyncio.StreamWriter) -> None:
        self._stream = stream

    @property
    def queued(self) -> int:
        """Bytes written and not yet taken by the system."""
        return self._stream.transport.get_write_buffer_size()

    def write(self, data: bytes) -> None:
        """Hand over; nothing where the connection is closing."""
        if self._stream.transport.is_closing():
            return
        self._stream.write(data)
        if self.queued > MAX_QUEUED:
            self._stream.transport.abort()

    async def drain(self) -> None:
        """Not waited for, see the class."""

    def get_peer_info(self) -> tuple[str, int]:
        """Address and port of the client."""
        peer = self._stream.get_extra_info("peername") or ("unknown", 0)
        return str(peer[0]), int(peer[1])

    def get_ssl_info(self) -> ssl.SSLObject | None:
        """None: the broker does no TLS."""
        return None

    def abort(self) -> None:
        """End the connection now; what is queued is lost."""
        self._stream.transport.abort()

    async def close(self) -> None:
        """Send what is queued, for half a second at most, and close; safe to call twice."""
        self._stream.close()
        try:
            async with asyncio.timeout(LINGER):
                await self._stream.wait_closed()
        except (TimeoutError, OSError):
            self._stream.transport.abort()
