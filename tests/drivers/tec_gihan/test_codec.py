"""Lines, blocks and FTDI packets: golden bytes by the maker's program and the kernel's header, and what cannot be."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.errors import ReportError
from otolith.drivers.ftdi.chip import data_of
from otolith.drivers.tec_gihan.codec import block, words
from otolith.drivers.tec_gihan.codec.words import Lines, Question, line


def test_commands_as_the_maker_writes_them() -> None:
    assert line(words.depth(106).command) == b"FP_0106_GET_AZ0\n"
    assert line(words.scales(106).command) == b"FP_0106_GETFS\n"
    assert line(words.plate_serial(0).command) == b"FPSERIAL_0\n"
    assert line(words.set_rate("2.5K").command) == b"SPS_2.5K\n"


@pytest.mark.parametrize(
    ("question", "said", "answer"),
    [
        (words.STATE, "IDLE", "IDLE"),
        (words.STATE, "RX_ERR 3", "RX_ERR 3"),
        (words.STATE, "SERIAL_5", None),
        (words.SERIAL, "SERIAL_12", "12"),
        (words.SERIAL, "VER_1.0", None),
        (words.RATE, "SPS_1k", "1K"),
        (words.set_rate("1K"), "SPS_OK", "OK"),
        (words.RANGE, "RANGE_3KN", "3kN"),
        (words.PLATES, "FPCOUNT_2", 2),
        (words.plate_serial(1), "FPSERIAL_1_107", 107),
        (words.plate_serial(1), "FPSERIAL_0_106", None),
        (words.depth(106), "AZ0_-0.0425", -0.0425),
    ],
)
def test_answers_and_lines_that_are_none(question: Question[Any], said: str, answer: object) -> None:
    assert question.answer(said) == answer


def test_full_scales_come_by_range() -> None:
    said = "FS_" + ",".join(str(value) for value in range(1, 19))
    assert words.scales(106).answer(said) == (
        (1.0, 2.0, 3.0, 4.0, 5.0, 6.0),
        (7.0, 8.0, 9.0, 10.0, 11.0, 12.0),
        (13.0, 14.0, 15.0, 16.0, 17.0, 18.0),
    )


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (words.PLATES, "FPCOUNT_0"),
        (words.PLATES, "FPCOUNT_x"),
        (words.RATE, "SPS_3K"),
        (words.depth(1), "AZ0_nan"),
        (words.scales(1), "FS_1,2,3"),
        (words.scales(1), "FS_" + ",".join(["0"] * 18)),
        (words.set_rate("1K"), "SPS_1K"),
    ],
)
def test_answers_that_cannot_be_are_told(question: Question[Any], said: str) -> None:
    with pytest.raises(ReportError, match=f"the controller answers '{said}' to {question.command}"):
        question.answer(said)


@given(cuts=st.lists(st.integers(0, 30), max_size=5), end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_lines_come_whole_in_any_pieces(cuts: list[int], end: str) -> None:
    data = end.join(["IDLE", "SERIAL_7", "VER_1.0.0", ""]).encode()
    lines, edges = Lines(), [0, *sorted(cuts), len(data)]
    said = [one for a, b in pairwise(edges) for one in lines.feed(data[a:b])]
    assert said == ["IDLE", "SERIAL_7", "VER_1.0.0"]


def test_noise_without_an_end_is_given_up() -> None:
    lines = Lines()
    assert lines.feed(b"\xff" * 600) == []
    assert lines.feed(b"\nIDLE\n") == ["IDLE"]


def test_a_block_is_plate_after_plate() -> None:
    raw = bytes.fromhex(
        "0100 0200 0300 0400 0500 0600  0700 0800 0900 0a00 0b00 0c00"  # first plate, two samples
        "ffff feff fdff fcff fbff faff  0080 ff7f 0000 0000 0000 0000"
    )
    codes = block.decode(raw, 2, 2)
    assert codes.tolist() == [
        [1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6],
        [7, 8, 9, 10, 11, 12, -32768, 32767, 0, 0, 0, 0],
    ]
    assert block.encode(codes) == raw
    with pytest.raises(ReportError, match="has 48 bytes, not 47"):
        block.decode(raw[:-1], 2, 2)


@given(samples=st.integers(1, 5), plates=st.integers(1, 3), seed=st.integers(0, 99))
def test_blocks_there_and_back(samples: int, plates: int, seed: int) -> None:
    codes = np.random.default_rng(seed).integers(-32768, 32768, (samples, 6 * plates)).astype(np.int16)
    np.testing.assert_array_equal(block.decode(block.encode(codes), samples, plates), codes)


def test_two_bytes_of_status_go_before_the_data() -> None:
    assert data_of(bytes.fromhex("11 60 41 42")) == b"AB"
    assert data_of(bytes.fromhex("01 60")) == b""


@pytest.mark.parametrize(
    ("packet", "reason"),
    [("", "two bytes of status"), ("00 00 41", "without any status"), ("01 62", "OVERRUN"), ("01 68", "FRAMING")],
)
def test_packets_that_tell_of_harm(packet: str, reason: str) -> None:
    with pytest.raises(ReportError, match=reason):
        data_of(bytes.fromhex(packet))
