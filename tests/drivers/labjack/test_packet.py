"""Packets of a stream, as the U3 and the U6 write them, and as the T7 does."""

from contextlib import suppress
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from otolith.drivers.errors import ReportError
from otolith.drivers.labjack.codec import packet, t7
from otolith.drivers.labjack.codec.packet import Packet


def packets(wrap: int, most: int, dropped: int, steps: int) -> st.SearchStrategy[Packet]:
    states = st.one_of(
        st.just((False, 0, 0)),
        st.just((True, 0, 0)),
        st.tuples(st.just(False), st.integers(1, dropped), st.just(0)),
        st.tuples(st.just(False), st.just(0), st.sampled_from([54, 55])),
    )
    return st.builds(
        lambda number, samples, backlog, state: Packet(number, samples, backlog / steps, *state),
        st.integers(0, wrap - 1),
        arrays(np.uint16, st.integers(1, most)),
        st.integers(0, min(255, steps)),
        states,
    )


def alike(one: Packet, other: Packet) -> bool:
    numbers = [value for value in astuple(one) if not isinstance(value, np.ndarray)]
    return np.array_equal(one.samples, other.samples) and numbers == [
        value for value in astuple(other) if not isinstance(value, np.ndarray)
    ]


@given(packets(256, 25, 2**32 - 1, 256))
def test_packets_of_a_u6_survive_the_wire(one: Packet) -> None:
    raw = packet.encode(one)
    assert len(raw) == packet.size(len(one.samples))
    assert alike(packet.decode(raw, len(one.samples)), one)


@given(packets(65536, 24, 65535, t7.BUFFER))
def test_packets_of_a_t7_survive_the_wire(one: Packet) -> None:
    raw = t7.encode(one)
    assert len(raw) == t7.size(len(one.samples))
    assert alike(t7.decode(raw, len(one.samples)), one)
    assert alike(t7.decode(raw.ljust(64, b"\0"), len(one.samples)), one)


def test_a_full_packet_fills_the_endpoint() -> None:
    assert packet.size(25) == 64
    assert t7.size(24) == 64


def test_where_everything_is_in_a_packet_of_a_u6() -> None:
    """Datasheet 5.2.12, by hand: kind, words, number, counter, error, samples, backlog."""
    samples = np.arange(25, dtype=np.uint16) + 0x8000
    raw = packet.encode(Packet(0x21, samples, 0.5, recovering=True))
    assert raw[1:4].hex(" ") == "f9 1d c0"
    assert raw[6:12].hex(" ") == "00 00 00 00 21 3b"
    assert (raw[12:16].hex(" "), raw[62:].hex(" ")) == ("00 80 01 80", "80 00")
    assert int.from_bytes(raw[4:6], "little") == sum(raw[6:])
    assert packet.encode(Packet(0, samples, dropped=0x0102))[6:12].hex(" ") == "02 01 00 00 00 3c"


def test_where_everything_is_in_a_packet_of_a_t7() -> None:
    """Datasheet 3.2.4, by hand, big-endian: transaction, protocol, length, unit, function, type, backlog, status."""
    samples = np.array([0x1234, 0xABCD], dtype=np.uint16)
    raw = t7.encode(Packet(258, samples, 256 / t7.BUFFER))
    assert raw.hex(" ") == "01 02 00 00 00 0e 01 4c 10 00 01 00 00 00 00 00 12 34 ab cd"
    assert t7.encode(Packet(0, samples, dropped=7))[12:16].hex(" ") == "0b 7d 00 07"
    assert t7.encode(Packet(0, samples, recovering=True))[12:16].hex(" ") == "0b 7c 00 00"


@given(st.binary(max_size=80), st.integers(1, 25))
def test_any_bytes_are_a_packet_or_a_report_error(noise: bytes, samples: int) -> None:
    with suppress(ReportError):
        assert len(packet.decode(noise, samples).samples) == samples
    with suppress(ReportError):
        assert len(t7.decode(noise, samples).samples) == samples


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (bytes(64), "a frame f9 .. c0 was due"),
        (packet.encode(Packet(0, np.zeros(24, dtype=np.uint16))), "a packet of 25 samples has 64 bytes, not 62"),
    ],
)
def test_other_packets_are_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(ReportError, match=reason):
        packet.decode(raw, 25)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (bytes(64), "this is no packet of 24 samples"),
        (bytes(63), "has 64 bytes, not 63"),
        (t7.encode(Packet(0, np.zeros(24, dtype=np.uint16))) + b"\1", "has 64 bytes, not 65"),
    ],
)
def test_other_packets_are_refused_of_a_t7(raw: bytes, reason: str) -> None:
    with pytest.raises(ReportError, match=reason):
        t7.decode(raw, 24)
