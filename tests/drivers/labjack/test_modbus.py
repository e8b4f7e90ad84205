"""Modbus frames, and a T7 twin at the other end of them."""

import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.analogue.file import read_plates
from otolith.drivers.analogue.standing import standing
from otolith.drivers.errors import ReportError
from otolith.drivers.labjack.codec import modbus, t7
from otolith.drivers.labjack.codec.modbus import Frame, Refusal
from otolith.drivers.labjack.twin import T7Twin

WIRING = read_plates(None, simulated=True)
FRAMES = st.builds(Frame, st.integers(0, 65535), st.integers(0, 255), st.binary(max_size=56))


@pytest.fixture
async def twin() -> T7Twin:
    twin = T7Twin(standing("constant:700", WIRING), WIRING, serial=470012345)
    await twin.attach()
    return twin


def read(twin: T7Twin, address: int, registers: int) -> bytes:
    question = modbus.ask_read(7, address, registers)
    return modbus.answer_of(twin.answer(question), question)


def write(twin: T7Twin, address: int, data: bytes) -> None:
    question = modbus.ask_write(8, address, data)
    assert modbus.answer_of(twin.answer(question), question) == b""


def test_the_known_frames() -> None:
    """By hand from the Modbus specification: read of the test register, start of a stream."""
    assert modbus.ask_read(1, 55100, 2).hex(" ") == "00 01 00 00 00 06 01 03 d7 3c 00 02"
    start = modbus.ask_write(2, t7.ENABLE, bytes([0, 0, 0, 1]))
    assert start.hex(" ") == "00 02 00 00 00 0b 01 10 13 7e 00 02 04 00 00 00 01"
    answer = bytes.fromhex("00 01 00 00 00 07 01 03 04 00 11 22 33")
    assert modbus.answer_of(answer, modbus.ask_read(1, 55100, 2)).hex() == "00112233"


@given(FRAMES, st.integers(0, 20))
def test_a_frame_survives_the_wire_and_padding(frame: Frame, zeros: int) -> None:
    assert modbus.decode(modbus.encode(frame)) == frame
    assert modbus.decode(modbus.encode(frame) + bytes(zeros)) == frame


@given(st.binary(max_size=80))
def test_any_bytes_are_a_frame_or_a_report_error(noise: bytes) -> None:
    with suppress(ReportError):
        modbus.decode(noise)
    with suppress(ReportError):
        modbus.answer_of(noise, modbus.ask_read(0, 0, 2))


@given(FRAMES)
def test_any_frame_is_an_answer_or_a_report_error(frame: Frame) -> None:
    with suppress(ReportError):
        assert len(modbus.answer_of(modbus.encode(frame), modbus.ask_read(frame.transaction, 0, 4))) == 8


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Frame(2, 3, b"\4abcd"), "transaction 1 was answered by transaction 2"),
        (Frame(1, 16, b"abcd"), "function 3 was answered by function 16"),
        (Frame(1, 3, b"\4abc"), "2 registers were due"),
        (Frame(1, 0x83, b"\2"), "refused register 9: no such register"),
        (Frame(1, 0x83, b""), "refused register 9: 0"),
    ],
)
def test_other_answers_are_refused(answer: Frame, reason: str) -> None:
    with pytest.raises(ReportError, match=reason):
        modbus.answer_of(modbus.encode(answer), modbus.ask_read(1, 9, 2))


async def test_the_twin_says_who_it_is(twin: T7Twin) -> None:
    assert read(twin, t7.TEST, 2).hex() == "00112233"
    assert struct.unpack(">3f", read(twin, t7.PRODUCT_ID, 6))[0] == 7.0
    assert int.from_bytes(read(twin, t7.SERIAL, 2), "big") == 470012345


async def test_its_flash_holds_its_calibration(twin: T7Twin) -> None:
    sets = []
    for index in range(4):
        write(twin, t7.FLASH_POINTER, (t7.CALIBRATION + 16 * index).to_bytes(4, "big"))
        above, below, centre, offset = struct.unpack(">4f", read(twin, t7.FLASH, 8))
        sets.append((above, below, centre, offset))
    volts = t7.scale(tuple(sets)).volts(np.array([[0] * 4, [0xFFFF] * 4], dtype=np.uint16))
    np.testing.assert_allclose(volts[0], [-10.587, -1.0587, -0.10587, -0.010587], rtol=0.02)
    np.testing.assert_allclose(volts[1], [10.11, 1.011, 0.1011, 0.01011], rtol=0.02)
    assert sets[0] != t7.NOMINAL


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (modbus.ask_read(1, 12345, 2), "no such register"),
        (modbus.ask_write(1, t7.SERIAL, bytes(4)), "no such register"),
        (modbus.ask_read(1, t7.FLASH, 8), "no such register"),
        (modbus.encode(Frame(1, 5, bytes(4))), "no such function"),
        (modbus.ask_write(1, t7.SCAN_RATE, bytes(4)), "no such value"),
        (modbus.ask_write(1, t7.ENABLE, bytes(4)), "no such value"),
        (modbus.ask_write(1, t7.ENABLE, bytes([0, 0, 0, 1])), "no such value"),
    ],
)
async def test_what_the_twin_refuses(twin: T7Twin, question: bytes, reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        modbus.answer_of(twin.answer(question), question)


async def test_noise_is_not_answered(twin: T7Twin) -> None:
    assert twin.answer(b"noise that is no Modbus frame") == b""
