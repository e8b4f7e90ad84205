"""The door of the broker: everything a client may send passes, everything else does not, and nothing surprises."""

import asyncio
import random
from typing import Any

import pytest
from amqtt.adapters import BufferReader
from amqtt.mqtt import packet_class
from amqtt.mqtt.packet import MQTTFixedHeader
from hypothesis import given, settings
from hypothesis import strategies as st

from otolith.api.mqtt.packets import Malformed, Type, WrongVersion, check


def field(text: bytes) -> bytes:
    return len(text).to_bytes(2, "big") + text


CONNECT = field(b"MQTT") + b"\x04\xc2\x00\x3c" + field(b"me") + field(b"user") + field(b"secret")
WILL = (
    field(b"MQTT") + b"\x04\xee\x00\x3c" + field(b"me") + field(b"a/b") + field(b"\xff\x00") + field(b"u") + field(b"p")
)
GOOD = [
    (0x10, CONNECT),
    (0x10, WILL),
    (0x10, field(b"MQTT") + b"\x04\x02\x00\x00" + field(b"")),
    (0x30, field(b"a/b") + b"\xff\xfe"),
    (0x3B, field(b"a/b") + b"\x00\x07"),
    (0x34, field("größe".encode()) + b"\x00\x07x"),
    (0x40, b"\x00\x07"),
    (0x50, b"\x00\x07"),
    (0x62, b"\x00\x07"),
    (0x70, b"\xff\xff"),
    (
        0x82,
        b"\x00\x01"
        + field(b"a/+/c")
        + b"\x00"
        + field(b"#")
        + b"\x02"
        + field(b"a/#")
        + b"\x01"
        + field(b"+")
        + b"\x00",
    ),
    (0xA2, b"\x00\x01" + field(b"a/+/c") + field(b"/")),
    (0xC0, b""),
    (0xE0, b""),
]
BAD = {
    "a type that only brokers send": (0x20, b"\x00\x00"),
    "type 0": (0x00, b""),
    "type 15": (0xF0, b""),
    "CONNECT with a reserved bit in its first byte": (0x11, CONNECT),
    "CONNECT with the reserved flag": (0x10, field(b"MQTT") + b"\x04\x03\x00\x3c" + field(b"me")),
    "CONNECT with a will's quality, but no will": (0x10, field(b"MQTT") + b"\x04\x0a\x00\x3c" + field(b"me")),
    "CONNECT with a will of quality 3": (0x10, WILL.replace(b"\x04\xee", b"\x04\xfe")),
    "CONNECT that ends too soon": (0x10, CONNECT[:-1]),
    "CONNECT with bytes after it": (0x10, CONNECT + b"x"),
    "CONNECT with a line break in the client id": (0x10, field(b"MQTT") + b"\x04\x02\x00\x3c" + field(b"a\nb")),
    "a field longer than its packet": (0x30, b"\xff\xffab"),
    "an empty topic": (0x30, field(b"")),
    "a topic with a wildcard": (0x30, field(b"a/#")),
    "a topic that is not UTF-8": (0x30, field(b"\xff\xfe")),
    "a topic with a surrogate": (0x30, field(b"\xed\xa0\x80")),
    "quality 3": (0x36, field(b"a") + b"\x00\x01"),
    "a repeated message of quality 0": (0x38, field(b"a")),
    "a message without its number": (0x32, field(b"a")),
    "message number 0": (0x32, field(b"a") + b"\x00\x00"),
    "PUBACK of three bytes": (0x40, b"\x00\x01\x00"),
    "PUBREL with wrong flags": (0x60, b"\x00\x01"),
    "SUBSCRIBE with wrong flags": (0x80, b"\x00\x01" + field(b"a") + b"\x00"),
    "SUBSCRIBE to nothing": (0x82, b"\x00\x01"),
    "SUBSCRIBE with quality 3": (0x82, b"\x00\x01" + field(b"a") + b"\x03"),
    "SUBSCRIBE to an empty filter": (0x82, b"\x00\x01" + field(b"") + b"\x00"),
    "a filter that goes on after #": (0x82, b"\x00\x01" + field(b"#/a") + b"\x00"),
    "a filter with + inside a level": (0x82, b"\x00\x01" + field(b"a+/b") + b"\x00"),
    "a filter with # inside a level": (0x82, b"\x00\x01" + field(b"a/b#") + b"\x00"),
    "SUBSCRIBE to more than the door allows": (0x82, b"\x00\x01" + 33 * (field(b"a") + b"\x00")),
    "UNSUBSCRIBE from nothing": (0xA2, b"\x00\x01"),
    "PINGREQ with something in it": (0xC0, b"\x00"),
    "DISCONNECT with something in it": (0xE0, b"\x00"),
}


def length(n: int) -> bytes:
    out = bytearray()
    while True:
        n, low = divmod(n, 128)
        out.append(low | (0x80 if n else 0))
        if not n:
            return bytes(out)


async def decoded(first: int, body: bytes) -> tuple[Any, bytes]:
    """What amqtt makes of a packet, and the bytes it leaves for the next."""
    reader = BufferReader(bytes([first]) + length(len(body)) + body)
    header = await MQTTFixedHeader.from_stream(reader)
    assert header is not None
    packet = await packet_class(header).from_stream(reader, fixed_header=header)
    return packet, await reader.read(-1)


@pytest.mark.parametrize(("first", "body"), GOOD)
async def test_good_packets_pass_and_are_decoded_to_their_last_byte(first: int, body: bytes) -> None:
    assert check(first, body) is Type(first >> 4)
    packet, rest = await decoded(first, body)
    assert packet.fixed_header.packet_type == first >> 4
    assert rest == b""


@pytest.mark.parametrize(("first", "body"), BAD.values(), ids=BAD.keys())
def test_bad_packets_do_not_pass(first: int, body: bytes) -> None:
    with pytest.raises(Malformed):
        check(first, body)


@pytest.mark.parametrize(("level", "answer"), [(5, "2003008400"), (3, "20020001")])
def test_another_mqtt_is_told_so_in_its_own_form(level: int, answer: str) -> None:
    with pytest.raises(WrongVersion, match=r"3\.1\.1") as refused:
        check(0x10, field(b"MQTT") + bytes([level]) + b"\x02\x00\x3c\x00" + field(b"me"))
    assert refused.value.answer.hex() == answer


@given(st.integers(0, 255), st.binary(max_size=64))
def test_any_bytes_pass_or_are_malformed(first: int, body: bytes) -> None:
    try:
        kind = check(first, body)
    except Malformed:
        return
    assert kind == first >> 4


@settings(max_examples=300)
@given(st.sampled_from(GOOD), st.randoms(use_true_random=False))
def test_what_passes_after_damage_is_still_decoded_to_its_last_byte(
    good: tuple[int, bytes], chance: random.Random
) -> None:
    """The law that keeps the decoder behind the door in step."""
    damaged = bytearray(bytes([good[0]]) + good[1])
    for _ in range(chance.randint(1, 3)):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    try:
        check(damaged[0], bytes(damaged[1:]))
    except Malformed:
        return
    _, rest = asyncio.run(decoded(damaged[0], bytes(damaged[1:])))
    assert rest == b""
