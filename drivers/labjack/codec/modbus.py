"""Modbus TCP frames, big-endian, as a T7 takes and gives them over USB (T-Series datasheet, 3.1)."""

import struct
from dataclasses import dataclass
from typing import Final

from otolith.drivers.errors import ReportError

READ: Final = 3
WRITE: Final = 16
REFUSED: Final = 0x80
"""Added to the function where the device refuses."""
LONGEST: Final = 64
"""Bytes: one packet of the endpoint."""
MOST_READ: Final = 26
"""Registers in a read that is answered in one packet; even, as all values here have two registers."""
UNIT: Final = 1
_HEAD: Final = struct.Struct(">HHHBB")
_SPAN: Final = struct.Struct(">HH")
_REASONS: Final = {1: "no such function", 2: "no such register", 3: "no such value", 4: "the device failed", 6: "busy"}


class Refusal(ReportError):
    """The device understood a request, and refused it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A request or an answer."""

    transaction: int
    function: int
    body: bytes


def encode(frame: Frame) -> bytes:
    """Bytes on the wire."""
    return _HEAD.pack(frame.transaction, 0, len(frame.body) + 2, UNIT, frame.function) + frame.body


def decode(raw: bytes) -> Frame:
    """A frame, and after it nothing but zeros up to the end of a packet; ReportError."""
    if len(raw) < _HEAD.size:
        raise ReportError(f"{len(raw)} bytes are no Modbus frame")
    transaction, protocol, length, unit, function = _HEAD.unpack_from(raw)
    end = 6 + length
    if protocol or unit != UNIT or not _HEAD.size <= end <= len(raw) or any(raw[end:]):
        raise ReportError(f"this is no Modbus frame: {raw[: _HEAD.size].hex(' ')}")
    return Frame(transaction, function, raw[_HEAD.size : end])


def ask_read(transaction: int, address: int, registers: int) -> bytes:
    """Have registers of 16 bits sent."""
    return encode(Frame(transaction, READ, _SPAN.pack(address, registers)))


def ask_write(transaction: int, address: int, data: bytes) -> bytes:
    """Write registers; ``data`` as on the wire."""
    return encode(Frame(transaction, WRITE, _SPAN.pack(address, len(data) // 2) + bytes([len(data)]) + data))


def answer_of(raw: bytes, asked: bytes) -> bytes:
    """What was read, or nothing after a write; ReportError where this does not answer ``asked``, Refusal."""
    answer, question = decode(raw), decode(asked)
    if answer.transaction != question.transaction:
        raise ReportError(f"transaction {question.transaction} was answered by transaction {answer.transaction}")
    if answer.function == question.function | REFUSED:
        code = answer.body[0] if answer.body else 0
        raise Refusal(f"it refused register {_SPAN.unpack_from(question.body)[0]}: {_REASONS.get(code, code)}")
    if answer.function != question.function:
        raise ReportError(f"function {question.function} was answered by function {answer.function}")
    return _read(answer.body, question.body) if answer.function == READ else b""


def _read(body: bytes, question: bytes) -> bytes:
    _, registers = _SPAN.unpack(question)
    if body[:1] != bytes([2 * registers]) or len(body) != 1 + 2 * registers:
        raise ReportError(f"{registers} registers were due, not {body.hex(' ')}")
    return body[1:]
