"""Checksummed frames of the U3 and the U6."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.errors import ReportError
from otolith.drivers.labjack.codec import commands
from otolith.drivers.labjack.codec.frame import (
    COMMAND,
    STREAM,
    body_of,
    checksum8,
    checksum16,
    extended,
    normal,
    words_of,
)

WORDS = st.binary(max_size=120).map(lambda data: data[: len(data) // 2 * 2])


def test_carries_are_added_twice() -> None:
    assert checksum8(bytes([0xFF, 0xFF])) == 0xFF
    assert checksum8(bytes([0xFF, 0x02])) == 0x02
    assert checksum8(bytes([0xFF] * 258)) == checksum8(bytes([0xFF]))
    assert checksum16(b"\xff" * 300) == 300 * 255 & 0xFFFF


def test_the_known_commands() -> None:
    """The first three are in the datasheets (5.2); configuration read and block 0 derived by hand."""
    assert bytes.fromhex("A8 A8") == commands.START
    assert bytes.fromhex("B0 B0") == commands.STOP
    assert bytes.fromhex("0B F8 0A 08") + bytes(22) == commands.ASK_CONFIG
    assert commands.ask_block(0) == bytes.fromhex("27 F8 01 2D 00 00 00 00")
    assert commands.encode_done(commands.STARTED) == bytes.fromhex("A9 A9 00 00")
    assert commands.encode_done(commands.STOPPED, 52) == bytes.fromhex("E5 B1 34 00")


@given(st.integers(0, 255), WORDS, st.sampled_from([COMMAND, STREAM]))
def test_a_frame_survives_the_wire(number: int, words: bytes, kind: int) -> None:
    assert words_of(extended(number, words, kind), number, kind) == words


@given(st.binary(min_size=3, max_size=3))
def test_a_normal_frame_survives_the_wire(body: bytes) -> None:
    assert body_of(normal(body), 4) == body


@given(WORDS, st.data())
def test_one_changed_byte_is_noticed(words: bytes, data: st.DataObject) -> None:
    raw = bytearray(extended(0x11, words))
    at = data.draw(st.integers(0, len(raw) - 1))
    change = data.draw(st.integers(1, 255))
    raw[at] ^= change
    if raw[at] in (0, 255) and raw[at] ^ change in (0, 255):
        return  # 00 and FF weigh the same in a sum with carries
    with pytest.raises(ReportError):
        words_of(bytes(raw), 0x11)


@given(st.binary(max_size=80))
def test_any_bytes_are_a_frame_or_a_report_error(noise: bytes) -> None:
    with suppress(ReportError):
        number = noise[3] if len(noise) > 3 else 0
        assert extended(number, words_of(noise, number)) == noise
    with suppress(ReportError):
        assert normal(body_of(noise, 4)) == noise


def test_a_command_with_a_wrong_checksum_is_answered_b8_b8() -> None:
    with pytest.raises(ReportError, match="checksum of the command wrong"):
        words_of(bytes.fromhex("B8 B8"), 8)
    with pytest.raises(ReportError, match="checksum of the command wrong"):
        body_of(bytes.fromhex("B8 B8"), 4)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not nothing"),
        (extended(0x12, b"ab"), "a frame f8 .. 11 was due"),
        (extended(0x11, b"ab") + b"\0", "a frame of 8 bytes has 9"),
        (extended(0x11, b"ab")[:-1] + b"c", "a checksum of the frame is wrong"),
    ],
)
def test_other_frames_are_refused_in_words(raw: bytes, reason: str) -> None:
    with pytest.raises(ReportError, match=reason):
        words_of(raw, 0x11)


def test_words_come_in_pairs_of_bytes() -> None:
    with pytest.raises(ValueError, match="no whole number of words"):
        extended(0x11, b"abc")
