"""OFP on a byte stream (CDC, UART, TCP): COBS frames, each ended by a zero byte (Cheshire and Baker, 1999)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cobs import cobs

from otolith.drivers.errors import ReportError
from otolith.drivers.ofp.codec.form import Field, Form, opened, sealed
from otolith.drivers.ofp.codec.numbers import ANSWER_MARK, ASK_MARK, RECORD, WIRE_VERSION

ASK: Final = Form(
    "ask",
    (
        Field("mark", "u8", "0xA6"),
        Field("wire_version", "u8", "0x01"),
        Field("request", "u8", "request code"),
        Field("token", "u8", "any number; its answer repeats it"),
        Field("value", "u16", "wValue"),
        Field("size", "u16", "bytes of data that follow"),
    ),
)
ANSWER: Final = Form(
    "answer",
    (
        Field("mark", "u8", "0xA7"),
        Field("wire_version", "u8", "0x01"),
        Field("request", "u8", "request code"),
        Field("token", "u8", "that of the request"),
        Field("refusal", "u8", "0, or why it was refused"),
        Field("reserved", "u8", "0"),
        Field("size", "u16", "bytes of data that follow"),
    ),
)
LONGEST: Final = RECORD + 64
"""Bytes of a frame, COBS and head included; what is longer is noise."""
_HEAD: Final = struct.Struct("<BBBBHH")


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, host to plate."""

    request: int
    token: int
    value: int = 0
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a plate answers; ``refusal`` 0 means that it did as asked."""

    request: int
    token: int
    refusal: int = 0
    data: bytes = b""


def encode_ask(ask: Ask) -> bytes:
    """The record, not yet a frame."""
    head = ASK.struct.pack(ASK_MARK, WIRE_VERSION, ask.request, ask.token, ask.value, len(ask.data))
    return sealed(head + ask.data)


def encode_answer(answer: Answer) -> bytes:
    """The record, not yet a frame."""
    numbers = ANSWER_MARK, WIRE_VERSION, answer.request, answer.token, answer.refusal, 0, len(answer.data)
    return sealed(ANSWER.struct.pack(*numbers) + answer.data)


def decode_ask(record: bytes) -> Ask:
    """ReportError for what is none."""
    request, token, value, data = _decode(record, ASK_MARK, "a request")
    return Ask(request, token, value, data)


def decode_answer(record: bytes) -> Answer:
    """ReportError for what is none."""
    request, token, refusal, data = _decode(record, ANSWER_MARK, "an answer")
    return Answer(request, token, refusal & 0xFF, data)


def frame(record: bytes) -> bytes:
    """As it goes over the stream."""
    return bytes(cobs.encode(record)) + b"\0"


class Framer:
    """A stream cut into records, whatever the pieces it comes in.

    Bounded: at most ``LONGEST`` bytes wait for their end. ``refused`` counts frames that are no COBS, or too long.
    """

    def __init__(self) -> None:
        self.refused = 0
        self._waiting = bytearray()
        self._lost = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Records that these bytes complete, checksums not yet looked at; empty frames are nothing."""
        *whole, rest = data.split(b"\0")
        for piece in whole:
            self._gather(piece)
            record = self._unstuffed()
            if record:
                yield record
        self._gather(rest)

    def _gather(self, piece: bytes) -> None:
        self._lost |= len(self._waiting) + len(piece) > LONGEST
        if self._lost:
            self._waiting.clear()
        else:
            self._waiting += piece

    def _unstuffed(self) -> bytes | None:
        stuffed, lost = bytes(self._waiting), self._lost
        self._waiting.clear()
        self._lost = False
        try:
            record = bytes(cobs.decode(stuffed))
        except cobs.DecodeError:
            lost = True
        self.refused += lost
        return None if lost else record


def _decode(record: bytes, mark: int, what: str) -> tuple[int, int, int, bytes]:
    body = opened(record, _HEAD.size, what)
    first, version, request, token, number, size = _HEAD.unpack_from(body)
    if (first, version) != (mark, WIRE_VERSION) or size != len(body) - _HEAD.size:
        raise ReportError(f"{what} begins with {mark:02x} 01 and says its size; this begins with {body[:8].hex(' ')}")
    return request, token, number, body[_HEAD.size :]
