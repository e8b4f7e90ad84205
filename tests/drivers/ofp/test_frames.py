from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.errors import ReportError
from otolith.drivers.ofp.codec.frames import (
    LONGEST,
    Answer,
    Ask,
    Framer,
    decode_answer,
    decode_ask,
    encode_answer,
    encode_ask,
    frame,
)

U8, DATA = st.integers(0, 255), st.binary(max_size=500)
RECORDS = st.lists(st.binary(min_size=1, max_size=512), min_size=1, max_size=10)


@given(st.builds(Ask, U8, U8, st.integers(0, 2**16 - 1), DATA), st.builds(Answer, U8, U8, U8, DATA))
def test_messages_come_back(ask: Ask, answer: Answer) -> None:
    assert decode_ask(encode_ask(ask)) == ask
    assert decode_answer(encode_answer(answer)) == answer
    with pytest.raises(ReportError):
        decode_ask(encode_answer(answer))
    with pytest.raises(ReportError):
        decode_answer(encode_ask(ask))


@given(st.binary(max_size=600))
def test_noise_is_refused_in_words(raw: bytes) -> None:
    for decode in (decode_ask, decode_answer):
        with pytest.raises(ReportError):
            decode(raw)


@given(RECORDS, st.integers(1, 100), st.integers(0, 2**32))
def test_records_come_back_whatever_the_pieces(records: list[bytes], most: int, seed: int) -> None:
    stream, random, framer = b"".join(map(frame, records)), Random(seed), Framer()
    found: list[bytes] = []
    while stream:
        size = random.randint(1, most)
        found += framer.feed(stream[:size])
        stream = stream[size:]
    assert found == records
    assert framer.refused == 0


@given(RECORDS, RECORDS, st.binary(max_size=2000))
def test_noise_costs_at_most_the_record_it_runs_into(before: list[bytes], after: list[bytes], noise: bytes) -> None:
    framer = Framer()
    stream = b"".join(map(frame, before)) + noise + b"".join(map(frame, after))
    found = list(framer.feed(stream))
    assert found[: len(before)] == before
    assert found[len(found) - len(after) + 1 :] == after[1:]


def test_what_never_ends_fills_no_memory() -> None:
    framer = Framer()
    for _ in range(100):
        assert list(framer.feed(b"\x01" * 1000)) == []
    assert len(framer._waiting) <= LONGEST
    assert list(framer.feed(b"\0" + frame(b"next"))) == [b"next"]
    assert framer.refused == 1


def test_frames_are_cobs() -> None:
    """Examples of Cheshire and Baker (1999), as Wikipedia's article on COBS lists them."""
    assert frame(bytes.fromhex("11 22 00 33")) == bytes.fromhex("03 11 22 02 33 00")
    assert frame(bytes.fromhex("00 00")) == bytes.fromhex("01 01 01 00")
    assert frame(bytes(range(1, 255))) == b"\xff" + bytes(range(1, 255)) + b"\0"
