"""What the U3 and the U6 are asked alike: who they are, their calibration memory, start and stop."""

import struct
from dataclasses import dataclass
from typing import Final

from otolith.drivers.errors import ReportError
from otolith.drivers.labjack.codec.frame import body_of, extended, normal, words_of

CONFIG: Final = 0x08
READ_CAL: Final = 0x2D
STREAM_CONFIG: Final = 0x11
START: Final = normal(b"\xa8")
STOP: Final = normal(b"\xb0")
STARTED: Final = 0xA9
STOPPED: Final = 0xB1
ASK_CONFIG: Final = extended(CONFIG, bytes(20))
"""ConfigU3 and ConfigU6 with nothing to write."""
VALUES: Final = 4
"""Numbers in a block of calibration memory."""
_ONE: Final = 1 << 32
_DONE: Final = 4
_ANSWER: Final = struct.Struct("<BxxBBBBBBIHB16s")
_FIXED: Final = struct.Struct("<Ii")


@dataclass(frozen=True, slots=True)
class Config:
    """The answer to ``ASK_CONFIG``."""

    firmware: tuple[int, int]
    """1.43 is (1, 43)."""
    bootloader: tuple[int, int]
    hardware: tuple[int, int]
    serial: int
    product: int
    local: int = 1
    """A number that its owner gave it."""
    rest: bytes = bytes(16)
    """Settings of the model's own; the last byte says which variant it is."""

    @property
    def variant(self) -> int:
        """VersionInfo: which variant of the model."""
        return self.rest[-1]


def decode_config(raw: bytes) -> Config:
    """Read the answer; ReportError, also where the device reports an error."""
    words = words_of(raw, CONFIG)
    if len(words) != _ANSWER.size:
        raise ReportError(f"a configuration of {_ANSWER.size} bytes was due, not of {len(words)}")
    error, minor, major, boot_minor, boot, hard_minor, hard, serial, product, local, rest = _ANSWER.unpack(words)
    if error:
        raise ReportError(f"it refused to say who it is (LabJack error {error})")
    return Config((major, minor), (boot, boot_minor), (hard, hard_minor), serial, product, local, rest)


def encode_config(config: Config) -> bytes:
    """The inverse of :func:`decode_config`."""
    versions = [part for version in (config.firmware, config.bootloader, config.hardware) for part in version[::-1]]
    return extended(CONFIG, _ANSWER.pack(0, *versions, config.serial, config.product, config.local, config.rest))


def ask_block(block: int) -> bytes:
    """Have a block of calibration memory sent."""
    return extended(READ_CAL, bytes([0, block]))


def decode_block(raw: bytes) -> tuple[float, ...]:
    """Four numbers of calibration memory, each a 32.32 fixed-point one; ReportError."""
    words = words_of(raw, READ_CAL)
    if words[:1] != b"\0":
        raise ReportError(f"it does not let its calibration be read (LabJack error {words[:1].hex() or 'none'})")
    if len(words) != 2 + VALUES * _FIXED.size:
        raise ReportError(f"a block of {VALUES} numbers was due, not of {len(words)} bytes")
    return tuple(whole + part / _ONE for part, whole in _FIXED.iter_unpack(words[2:]))


def encode_block(values: tuple[float, ...], error: int = 0) -> bytes:
    """The inverse of :func:`decode_block`; each value is rounded to 2**-32."""
    fixed = [round(value * _ONE) for value in values]
    packed = b"".join(_FIXED.pack(number % _ONE, number // _ONE) for number in fixed)
    return extended(READ_CAL, bytes([error, 0]) + packed)


def decode_error(raw: bytes, number: int) -> int:
    """The error code with which an extended command was answered, 0 for none; ReportError."""
    words = words_of(raw, number)
    if not words:
        raise ReportError("an answer without an error code")
    return words[0]


def encode_error(number: int, error: int) -> bytes:
    """The inverse of :func:`decode_error`."""
    return extended(number, bytes([error, 0]))


def decode_done(raw: bytes, number: int) -> int:
    """The error code with which start or stop was answered, 0 for none; ReportError."""
    body = body_of(raw, _DONE)
    if body[0] != number:
        raise ReportError(f"an answer {number:02x} was due, not {body[0]:02x}")
    return body[1]


def encode_done(number: int, error: int = 0) -> bytes:
    """The inverse of :func:`decode_done`."""
    return normal(bytes([number, error, 0]))


def version(numbers: tuple[int, int]) -> str:
    """As its maker writes it: 1.43."""
    return f"{numbers[0]}.{numbers[1]:02d}"
