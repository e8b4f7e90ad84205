"""Checksummed frames of the U3 and the U6 (LabJack U3 and U6 datasheets, 5.1; exodriver).

A normal command is its checksum and a body. An extended one is a checksum of its head, its kind (F8; F9 for stream
data), the number of words after byte 5, its number, a checksum of those words, and the words.
"""

import struct
from typing import Final

from otolith.drivers.errors import ReportError

COMMAND: Final = 0xF8
STREAM: Final = 0xF9
REFUSED: Final = b"\xb8\xb8"
"""What a LabJack answers to a command with a wrong checksum."""
HEAD: Final = 6
"""Bytes before the words."""
_SUM: Final = struct.Struct("<H")


def checksum8(data: bytes) -> int:
    """Sum of the bytes, its carries added twice."""
    total = sum(data)
    total = (total & 0xFF) + (total >> 8)
    return (total & 0xFF) + (total >> 8)


def checksum16(data: bytes) -> int:
    """Sum of the bytes in 16 bits."""
    return sum(data) & 0xFFFF


def normal(body: bytes) -> bytes:
    """A normal command, or the answer to one."""
    return bytes([checksum8(body)]) + body


def extended(number: int, words: bytes, kind: int = COMMAND) -> bytes:
    """An extended command, or an answer; ``words`` of an even number of bytes."""
    if len(words) % 2:
        raise ValueError(f"{len(words)} bytes are no whole number of words")
    head = bytes([kind, len(words) // 2, number]) + _SUM.pack(checksum16(words))
    return bytes([checksum8(head)]) + head + words


def body_of(raw: bytes, size: int) -> bytes:
    """The body of a normal frame of ``size`` bytes; ReportError."""
    if raw[:2] == REFUSED:
        raise ReportError("it found the checksum of the command wrong (B8 B8)")
    if len(raw) != size or raw[0] != checksum8(raw[1:]):
        raise ReportError(f"{size} bytes with their checksum were due, not {raw[:16].hex(' ')}")
    return raw[1:]


def words_of(raw: bytes, number: int, kind: int = COMMAND) -> bytes:
    """What an extended frame carries after its head; ReportError where it is another one, cut, long or damaged."""
    if raw[:2] == REFUSED:
        raise ReportError("it found the checksum of the command wrong (B8 B8)")
    if len(raw) < HEAD or (raw[1], raw[3]) != (kind, number):
        raise ReportError(f"a frame {kind:02x} .. {number:02x} was due, not {raw[:HEAD].hex(' ') or 'nothing'}")
    if len(raw) != HEAD + 2 * raw[2]:
        raise ReportError(f"a frame of {HEAD + 2 * raw[2]} bytes has {len(raw)}")
    words = raw[HEAD:]
    if raw[0] != checksum8(raw[1:HEAD]) or _SUM.unpack_from(raw, 4)[0] != checksum16(words):
        raise ReportError("a checksum of the frame is wrong")
    return words
