"""The eight bytes of Go!Link, and what they mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.errors import ReportError
from otolith.drivers.vernier.go_link.codec.packet import (
    Answers,
    Command,
    Measurement,
    Part,
    decode,
    encode,
    encode_request,
)
from otolith.drivers.vernier.go_link.codec.records import (
    Channel,
    State,
    Status,
    decode_serial,
    decode_status,
    decode_word,
    encode_serial,
    encode_status,
    failure,
    volts,
)
from otolith.drivers.vernier.go_link.force import nominal
from otolith.drivers.vernier.go_link.twin import _memory

I16 = st.integers(-32768, 32767)
MEASUREMENTS = st.builds(Measurement, st.integers(0, 255), st.lists(I16, min_size=1, max_size=3).map(tuple))
PARTS = st.builds(
    Part,
    st.binary(max_size=6),
    st.one_of(st.none(), st.integers(0, 255)),
    last=st.booleans(),
    failed=st.booleans(),
    init=st.booleans(),
)


@given(st.one_of(MEASUREMENTS, PARTS))
def test_a_packet_comes_back_as_it_was(packet: Measurement | Part) -> None:
    raw = encode(packet)
    assert len(raw) == 8
    assert decode(raw) == packet


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (Measurement(7, (1, -2, 3)), "03 07 01 00 FE FF 03 00"),
        (Measurement(8, (-32768,)), "01 08 00 80 00 00 00 00"),
        (Part(b"\0", Command.START), "5A 18 00 00 00 00 00 00"),
        (Part(b"\x36", Command.SET_PERIOD, failed=True), "7A 1B 36 00 00 00 00 00"),
        (Part(b"\0", Command.INIT, init=True), "9A 1A 00 00 00 00 00 00"),
        (Part(encode_status(Status(State.CONVERSION_LOST, 0x61, 0x01)), Command.STATUS), "5E 10 80 61 01 00 00 00"),
        (Part(encode_serial(0x14, 0x26, 100001), Command.SERIAL), "5F 20 14 26 A1 86 01 00"),
        (Part((100).to_bytes(4, "little"), Command.GET_PERIOD), "5D 1C 64 00 00 00 00 00"),
    ],
)
def test_packets_are_those_of_the_makers_headers(packet: Measurement | Part, expected: str) -> None:
    assert encode(packet) == bytes.fromhex(expected)
    assert decode(bytes.fromhex(expected)) == packet


def test_requests_are_eight_bytes() -> None:
    assert encode_request(Command.INIT) == bytes.fromhex("1A 00 00 00 00 00 00 00")
    assert encode_request(Command.SET_PERIOD, 10, 0, 0, 0) == bytes.fromhex("1B 0A 00 00 00 00 00 00")
    assert encode_request(Command.SET_CHANNEL, Channel.FIVE) == bytes.fromhex("29 02 00 00 00 00 00 00")


@given(st.binary(max_size=12))
def test_noise_is_read_or_refused(raw: bytes) -> None:
    answers = Answers()
    try:
        packet = decode(raw)
        if isinstance(packet, Part):
            answers.feed(packet)
    except ReportError:
        return
    assert len(raw) == 8


@given(st.integers(0, 127))
def test_an_answer_of_many_packets_is_put_together(size: int) -> None:
    data = bytes(range(size))
    parts = [decode(encode(part)) for part in _memory(Command.READ_REMOTE, data)]
    answers = Answers()
    *begun, whole = [answers.feed(part) for part in parts if isinstance(part, Part)]
    assert begun == [None] * (len(parts) - 1)
    assert whole is not None
    assert (whole.data, whole.command) == (data, Command.READ_REMOTE)
    first = encode(_memory(Command.READ_REMOTE, data)[0])
    assert first[0] == 0x49 + min(size, 6) + (0x10 if size <= 6 else 0)


def test_the_end_of_nothing_is_refused() -> None:
    with pytest.raises(ReportError, match="without its beginning"):
        Answers().feed(Part(b"x"))


def test_records_are_read() -> None:
    assert decode_status(bytes([0x40, 0x61, 0x01])) == Status(State.FIFO_OVERFLOW, 0x61, 0x01)
    assert Status(State(0), 0x61, 0x01).firmware == "1.61"
    assert decode_serial(encode_serial(0x14, 0x26, 100001)) == "2614-100001"
    assert decode_word(bytes.fromhex("64 00 00 00 00 00")) == 100
    assert failure(b"\x36") == "invalid parameter"
    assert failure(b"\x99") == "reason 0x99"
    with pytest.raises(ReportError, match="2 bytes where 3"):
        decode_status(b"\0\0")


@pytest.mark.parametrize(
    ("raw", "channel", "expected"),
    [(-32768, Channel.FIVE, 0.0), (0, Channel.FIVE, 2.5), (16384, Channel.FIVE, 3.75), (-16384, Channel.TEN, -5.0)],
)
def test_volts(raw: int, channel: Channel, expected: float) -> None:
    assert volts(raw, channel) == expected


@pytest.mark.parametrize(("span", "slope"), [("3500", 1000.0), ("800", 250.0)])
@given(raw=I16)
def test_newtons_are_those_of_the_plates_formula(span: str, slope: float, raw: int) -> None:
    (newtons,) = nominal(span).loads(np.array([[float(raw)]]))[0]
    assert newtons == pytest.approx(slope * volts(raw, Channel.FIVE) - slope, abs=1e-9)
