"""What a client of MQTT 3.1.1 may send, checked before any of it is decoded. No I/O here.

The decoder behind this door trusts lengths, reads past the end of a packet, and takes any bytes for text; one packet
that lies desynchronises it. What passes here is complete, well-formed and no longer than it claims.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Final

MAX_PACKET: Final = 64 * 1024
"""Bytes after the fixed header. Clients send commands of a few hundred; MQTT itself would allow 256 MB."""
MQTT_311: Final = 4
MQTT_5: Final = 5
MAX_FILTERS: Final = 32
"""Topic filters in one packet."""


class Malformed(ValueError):
    """The bytes are not MQTT 3.1.1 as a client speaks it; the message says what is wrong with them."""


class WrongVersion(Malformed):
    """A client of another MQTT than 3.1.1; ``answer`` is the CONNACK that tells it so in its own form."""

    def __init__(self, level: int) -> None:
        super().__init__(f"protocol level {level}; this broker speaks MQTT 3.1.1 (level 4)")
        self.answer = b"\x20\x03\x00\x84\x00" if level == MQTT_5 else b"\x20\x02\x00\x01"


class Type(IntEnum):
    """Packets that a client may send (MQTT 3.1.1, table 2.1)."""

    CONNECT = 1
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    UNSUBSCRIBE = 10
    PINGREQ = 12
    DISCONNECT = 14


FLAGS: Final = {Type.PUBREL: 2, Type.SUBSCRIBE: 2, Type.UNSUBSCRIBE: 2}
"""The four low bits of the first byte where they are not zero (table 2.2); PUBLISH has real flags."""


class _Body:
    """Reads fields off a packet's body; Malformed where there is less than a field says."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, n: int) -> bytes:
        if n > self.left:
            raise Malformed(f"a field of {n} bytes where {self.left} are left")
        self._at += n
        return self._data[self._at - n : self._at]

    def number(self, n: int) -> int:
        return int.from_bytes(self.take(n), "big")

    def blob(self) -> bytes:
        return self.take(self.number(2))

    def text(self) -> str:
        try:
            text = self.blob().decode()
        except UnicodeDecodeError:
            raise Malformed("text that is not UTF-8") from None
        if not text.isprintable():
            raise Malformed("control characters in a text")
        return text


def check(first: int, body: bytes) -> Type:
    """The type of the packet with this first byte and this body; Malformed where a client may not send it."""
    try:
        kind = Type(first >> 4)
    except ValueError:
        raise Malformed(f"no packet of a client begins with byte {first:#04x}") from None
    if kind is not Type.PUBLISH and first & 0x0F != FLAGS.get(kind, 0):
        raise Malformed(f"{kind.name} with flags {first & 0x0F:#x}")
    fields = _Body(body)
    if kind is Type.PUBLISH:
        _check_publish(first, fields)
    else:
        _CHECKS[kind](fields)
    if fields.left:
        raise Malformed(f"{kind.name} with {fields.left} bytes too many")
    return kind


def _check_connect(fields: _Body) -> None:
    name, level = fields.text(), fields.number(1)
    if (name, level) != ("MQTT", MQTT_311):
        raise WrongVersion(level)
    flags = fields.number(1)
    fields.take(2)
    if flags & 0x01:
        raise Malformed("CONNECT with the reserved flag")
    if flags & 0x04 == 0 and flags & 0x38:
        raise Malformed("CONNECT with flags of a will, but no will")
    fields.text()
    if flags & 0x04:
        _topic_name(fields.text())
        fields.blob()
        _quality(flags >> 3 & 3)
    if flags & 0x80:
        fields.text()
    if flags & 0x40:
        fields.text()


def _check_publish(first: int, fields: _Body) -> None:
    quality = _quality(first >> 1 & 3)
    if quality == 0 and first & 0x08:
        raise Malformed("a repeated PUBLISH of quality 0")
    _topic_name(fields.text())
    if quality:
        _packet_id(fields)
    fields.take(fields.left)


def _check_subscribe(fields: _Body) -> None:
    _packet_id(fields)
    for _ in range(MAX_FILTERS):
        _topic_filter(fields.text())
        _quality(fields.number(1))
        if not fields.left:
            return


def _check_unsubscribe(fields: _Body) -> None:
    _packet_id(fields)
    for _ in range(MAX_FILTERS):
        _topic_filter(fields.text())
        if not fields.left:
            return


def _check_empty(_: _Body) -> None:
    """PINGREQ and DISCONNECT have nothing in them."""


def _packet_id(fields: _Body) -> None:
    if fields.number(2) == 0:
        raise Malformed("packet number 0")


def _quality(quality: int) -> int:
    if quality > 2:  # noqa: PLR2004 - MQTT knows the qualities 0, 1 and 2
        raise Malformed(f"quality of service {quality}")
    return quality


def _topic_name(topic: str) -> None:
    if not topic or "+" in topic or "#" in topic:
        raise Malformed(f"{topic[:100]!r} is not the name of a topic")


def _topic_filter(topic: str) -> None:
    *above, last = topic.split("/")
    whole = topic and all(not ({"+", "#"} & set(level)) or level == "+" for level in above)
    if not whole or (last not in ("+", "#") and {"+", "#"} & set(last)):
        raise Malformed(f"{topic[:100]!r} is not a topic filter")


_CHECKS: Final[dict[Type, Callable[[_Body], None]]] = {
    Type.CONNECT: _check_connect,
    Type.PUBACK: _packet_id,
    Type.PUBREC: _packet_id,
    Type.PUBREL: _packet_id,
    Type.PUBCOMP: _packet_id,
    Type.SUBSCRIBE: _check_subscribe,
    Type.UNSUBSCRIBE: _check_unsubscribe,
    Type.PINGREQ: _check_empty,
    Type.DISCONNECT: _check_empty,
}
