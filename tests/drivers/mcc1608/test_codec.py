"""Bytes of the wire: golden ones, laws, and whatever else may come."""

import struct
from datetime import datetime
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.errors import ReportError
from otolith.drivers.mcc1608.codec.memory import SIZE, Converter, decode_memory, encode_memory
from otolith.drivers.mcc1608.codec.numbers import PRODUCT, RANGES, TOP, VENDOR, Option, Request, Status
from otolith.drivers.mcc1608.codec.pacer import pacer, rate_of
from otolith.drivers.mcc1608.codec.records import (
    Scan,
    decode_ranges,
    decode_scan,
    decode_serial,
    decode_status,
    encode_scan,
)
from otolith.drivers.mcc1608.codec.unrolling import Unroller
from otolith.drivers.mcc1608.pattern import verify
from otolith.drivers.mcc1608.twin import factory

MASKS = st.integers(1, 255)
SCANS = st.builds(
    Scan,
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    MASKS,
    st.sampled_from([Option(0), Option.IMMEDIATE, Option.COUNTING | Option.PACER_OUT, Option.NO_STALL]),
    st.integers(0, 4),
)


def test_numbers_of_the_wire() -> None:
    assert (VENDOR, PRODUCT) == (0x09DB, 0x00EA)
    assert [request.value for request in Request] == [
        *(0x10, 0x11, 0x12, 0x14, 0x15, 0x20, 0x30, 0x41, 0x42, 0x44, 0x48),
    ]
    assert (Status.RUNNING, Status.OVERRUN) == (0b10, 0b100)
    assert RANGES == (10.0, 5.0, 2.5, 2.0, 1.25, 1.0, 0.625, 0.3125)


@pytest.mark.parametrize(
    ("scan", "golden"),
    [
        (Scan(0, 39_999, 0x3F, Option(0)), "00 00 00 00 3F 9C 00 00 3F 00"),
        (Scan(64, 399, 0xFF, Option.COUNTING), "40 00 00 00 8F 01 00 00 FF 20"),
        (Scan(0, 399_999, 0x81, Option.IMMEDIATE | Option.NO_STALL, 3), "00 00 00 00 7F 1A 06 00 81 8D"),
    ],
)
def test_golden_scans(scan: Scan, golden: str) -> None:
    assert encode_scan(scan) == bytes.fromhex(golden)
    assert decode_scan(bytes.fromhex(golden)) == scan


@given(SCANS)
def test_scans_come_back(scan: Scan) -> None:
    assert decode_scan(encode_scan(scan)) == scan
    assert sum(1 << number for number in scan.inputs) == scan.mask


@pytest.mark.parametrize(("rate", "divisor"), [(1000, 39_999), (100_000, 399), (300, 133_332), (7.0, 5_714_285)])
def test_golden_paces(rate: float, divisor: int) -> None:
    assert pacer(rate) == divisor


@given(st.floats(0.01, 100_000))
def test_the_pace_is_the_nearest_there_is(rate: float) -> None:
    assert abs(40e6 / rate - 40e6 / rate_of(pacer(rate))) <= 0.5 * (1 + 1e-9)


@pytest.mark.parametrize("rate", [0.0, -1.0, 100_001.0, float("nan"), float("inf")])
def test_paces_that_cannot_be(rate: float) -> None:
    with pytest.raises(ValueError, match=r"samples 0\.01 to 100000 times"):
        pacer(rate)


def test_golden_volts() -> None:
    """A perfect converter: -FS, 0 and one code less than FS; range 7 is 0.3125 V."""
    perfect = [Converter(1.0, 0.0, full) for full in RANGES]
    assert [(one.volts(0), one.volts(32_768)) for one in perfect] == [(-full, 0.0) for full in RANGES]
    assert perfect[0].volts(TOP) == 10.0 - 10.0 / 32_768
    assert perfect[7].volts(49_152) == 0.15625
    assert Converter(1.001, -12.5, 5.0).volts(40_000) == pytest.approx((40_000 * 1.001 - 12.5 - 32_768) * 5 / 32_768)


@given(st.integers(0, 63), st.integers(0, TOP), st.integers(0, 99))
def test_codes_can_be_had_back_from_volts(index: int, code: int, serial: int) -> None:
    one = factory(serial).converter(index % 8, index // 8)
    assert round(one.volts(code) / one.gain + one.zero) == code


def test_the_memory_is_by_range_and_then_by_input() -> None:
    raw = bytearray(struct.pack("<ff", 1.0, 0.0) * 64 + b"\xff" * 256)
    raw[8:16] = struct.pack("<ff", 1.01, 2.0)
    raw[64:72] = struct.pack("<ff", 0.99, -3.0)
    raw[0x200:0x206] = bytes([26, 2, 28, 23, 59, 58])
    memory = decode_memory(bytes(raw))
    assert memory.pairs[0] == (1.0, 0.0)
    assert (memory.converter(1, 0).intercept, memory.converter(1, 0).full) == (2.0, 10.0)
    assert (memory.converter(0, 1).intercept, memory.converter(0, 1).full) == (-3.0, 5.0)
    assert memory.date == datetime(2026, 2, 28, 23, 59, 58)  # noqa: DTZ001 - as the memory has it
    raw[0x201] = 13
    assert decode_memory(bytes(raw)).date is None


@given(st.integers(0, 10**8 - 1))
def test_memories_come_back(serial: int) -> None:
    assert decode_memory(encode_memory(factory(serial))) == factory(serial)


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"\xff" * SIZE, "blank: nothing but 0xff"),
        (bytes(SIZE), "blank: nothing but 0x00"),
        (bytes(767), "has 768 bytes, not 767"),
        (struct.pack("<ff", 1.0, 0.0) * 20 + b"\xff" * 608, r"input 4 on ±2.5 V cannot be: slope nan"),
        (struct.pack("<ff", 1.2, 0.0) * 96, "slope 1.2"),
    ],
)
def test_memories_that_cannot_be(raw: bytes, complaint: str) -> None:
    with pytest.raises(ReportError, match=complaint):
        decode_memory(raw)


@given(st.binary(max_size=800) | st.binary(min_size=SIZE, max_size=SIZE))
def test_other_bytes_are_refused_or_make_sense(raw: bytes) -> None:
    for decode in (decode_scan, decode_ranges, decode_status, decode_serial):
        try:
            decode(raw)
        except ReportError:
            continue
    try:
        memory = decode_memory(raw)
    except ReportError:
        return
    assert all(abs(slope - 1.0) < 0.1 for slope, _ in memory.pairs)


@pytest.mark.parametrize(
    ("raw", "status"), [(b"\x02\x00", Status.RUNNING), (b"\x04\x80", Status.OVERRUN), (b"\0\0", 0)]
)
def test_golden_states(raw: bytes, status: Status) -> None:
    assert decode_status(raw) == status


@pytest.mark.parametrize("raw", [b"0123456", b"\xff" * 8, bytes(8), b"01234 67"])
def test_serials_that_are_none(raw: bytes) -> None:
    with pytest.raises(ReportError, match="8 letters and digits"):
        decode_serial(raw)
    assert decode_serial(b"01A2B3C4") == "01A2B3C4"


def rolled(channels: int, packets: int) -> tuple[list[tuple[int, ...]], list[bytes]]:
    """Scans of ``channels`` inputs, their samples numbered, and the packets that they travel in."""
    samples = range(32 * packets)
    scans = [tuple(samples[at : at + channels]) for at in range(0, len(samples) - channels + 1, channels)]
    return scans, [struct.pack("<32H", *samples[at : at + 32]) for at in range(0, len(samples), 32)]


@given(MASKS, st.integers(1, 20))
def test_scans_roll_on_from_packet_to_packet(mask: int, packets: int) -> None:
    scans, sent = rolled(mask.bit_count(), packets)
    unroller = Unroller(mask.bit_count(), immediate=False)
    assert [scan for packet in sent for scan in unroller.feed(packet)] == scans


@given(MASKS, st.sets(st.integers(0, 11), max_size=4), st.integers(0, 63))
def test_a_cut_packet_costs_its_scans_and_turns_nothing(mask: int, cut: set[int], length: int) -> None:
    channels = mask.bit_count()
    scans, sent = rolled(channels, 12)
    unroller = Unroller(channels, immediate=False)
    got = []
    for index, packet in enumerate(sent):
        if index in cut and length:
            with pytest.raises(ReportError, match=f"a packet of {length} bytes; all have 64"):
                unroller.feed(packet[:length])
        else:
            got += unroller.feed(packet)
    spoilt = {sample for index in cut if length for sample in range(32 * index, 32 * index + 32)}
    assert got == [scan for scan in scans if not spoilt & set(scan)]


@given(MASKS, st.lists(st.binary(max_size=80), max_size=30), st.booleans())
def test_any_packets_make_whole_scans_or_are_refused(mask: int, packets: list[bytes], immediate: bool) -> None:
    unroller = Unroller(mask.bit_count(), immediate=immediate)
    for packet in packets:
        try:
            scans = unroller.feed(packet)
        except ReportError:
            continue
        assert {len(scan) for scan in scans} <= {mask.bit_count()}


def test_immediate_packets_are_one_scan_each() -> None:
    unroller = Unroller(3, immediate=True)
    assert unroller.feed(struct.pack("<3H", 1, 2, 3)) == [(1, 2, 3)]
    assert unroller.feed(b"") == []
    with pytest.raises(ReportError, match="a packet of 64 bytes; all have 6"):
        unroller.feed(bytes(64))
    assert unroller.feed(struct.pack("<3H", 4, 5, 6)) == [(4, 5, 6)]


def test_the_pattern_proves_order_and_loss() -> None:
    numbers = (value % 65_536 for value in count(65_500))
    packets = [struct.pack("<32H", *(next(numbers) for _ in range(32))) for _ in range(8)]
    assert verify(packets).holds
    assert (verify(packets).packets, verify(packets).samples) == (8, 256)
    assert verify(packets[:2] + packets[4:]).lost == 64
    assert verify([*packets[:3], packets[2], *packets[3:]]).late == 1
    assert verify([packets[0][:-1], *packets[1:]]).odd == 1
    assert not verify([]).holds
