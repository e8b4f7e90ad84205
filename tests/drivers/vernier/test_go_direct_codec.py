"""Packets of Go Direct: the maker's bytes, records there and back, and whatever else may come."""

from struct import pack

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.errors import ReportError
from otolith.drivers.vernier.go_direct.codec import commands, measurement
from otolith.drivers.vernier.go_direct.codec.commands import HELLO, STOP_ALL, Command, period_body, start_body
from otolith.drivers.vernier.go_direct.codec.measurement import Kind, Notice, Values
from otolith.drivers.vernier.go_direct.codec.packet import (
    MEASUREMENT,
    REPORT,
    REQUEST,
    Assembler,
    Packet,
    encode,
    reports,
)
from otolith.drivers.vernier.go_direct.twin import SENSORS

BODIES = st.binary(max_size=250)
PACKETS = st.builds(Packet, st.sampled_from([REQUEST, MEASUREMENT]), st.integers(0, 255), st.integers(0, 255), BODIES)
SINGLES = st.floats(width=32, allow_nan=False)
WHOLES = st.integers(-(2**24), 2**24).map(float)


@pytest.mark.parametrize(
    ("counter", "command", "body", "expected"),
    [
        (0xFE, Command.INIT, HELLO, "58 19 FE 3F 1A A5 4A 06 49 07 48 08 47 09 46 0A 45 0B 44 0C 43 0D 42 0E 41"),
        (0xFD, Command.STATUS, b"", "58 05 FD 6A 10"),
        (0xFD, Command.SET_PERIOD, period_body(10_000), "58 0F FD B5 1B FF 00 10 27 00 00 00 00 00 00"),
        (0xFC, Command.START, start_body(2), "58 13 FC 81 18 FF 01 02 00 00 00 00 00 00 00 00 00 00 00"),
        (0xFB, Command.STOP, STOP_ALL, "58 0B FB 72 19 FF 00 FF FF FF FF"),
        # As Vernier's own client (godirect 1.1.4) went on against the twin:
        (0xFC, Command.INFO, b"", "58 05 FC AE 55"),
        (0xFB, Command.AVAILABLE, b"", "58 05 FB A9 51"),
        (0xFA, Command.SENSOR, b"\x01", "58 06 FA A9 50 01"),
        (0xF7, Command.SET_PERIOD, period_body(10_000), "58 0F F7 AF 1B FF 00 10 27 00 00 00 00 00 00"),
        (0xF6, Command.START, start_body(2), "58 13 F6 7B 18 FF 01 02 00 00 00 00 00 00 00 00 00 00 00"),
        (0xF4, Command.DISCONNECT, b"", "58 05 F4 A5 54"),
    ],
)
def test_requests_are_those_of_the_makers_client(counter: int, command: Command, body: bytes, expected: str) -> None:
    raw = encode(Packet(REQUEST, counter, command, body))
    assert raw == bytes.fromhex(expected)
    (report,) = reports(raw)
    assert report == (bytes([len(raw)]) + raw).ljust(64, b"\0")


@given(PACKETS)
def test_a_packet_comes_back_from_its_reports(packet: Packet) -> None:
    assembler = Assembler()
    assembler.feed(reports(encode(Packet(REQUEST, 0, Command.INIT)))[0])
    pieces = reports(encode(packet))
    assert all(len(piece) == REPORT for piece in pieces)
    assert [assembler.feed(piece) for piece in pieces] == [None] * (len(pieces) - 1) + [packet]


@given(PACKETS, st.data())
def test_a_wrong_byte_is_found_by_the_checksum(packet: Packet, data: st.DataObject) -> None:
    assembler = Assembler()
    assembler.feed(reports(encode(Packet(REQUEST, 0, Command.INIT)))[0])
    raw = bytearray(encode(packet))
    raw[data.draw(st.integers(2, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    *first, last = reports(bytes(raw))
    assert [assembler.feed(piece) for piece in first] == [None] * len(first)
    with pytest.raises(ReportError, match="checksum"):
        assembler.feed(last)


def test_a_device_that_fills_in_no_checksums_is_taken_as_it_is() -> None:
    assembler = Assembler()
    for counter in (1, 2):
        raw = bytearray(encode(Packet(REQUEST, counter, Command.INIT, b"\x01")))
        raw[3] ^= 0xFF
        assert assembler.feed(reports(bytes(raw))[0]) == Packet(REQUEST, counter, Command.INIT, b"\x01")


@given(st.lists(st.binary(max_size=80), max_size=12))
def test_noise_is_refused_or_read_and_never_worse(noise: list[bytes]) -> None:
    assembler = Assembler()
    for report in noise:
        try:
            packet = assembler.feed(report)
            if packet and packet.kind == MEASUREMENT:
                measurement.decode(packet)
        except ReportError:
            continue


@given(st.integers(0, 255), BODIES)
def test_any_measurement_is_read_or_refused(kind: int, body: bytes) -> None:
    try:
        news = measurement.decode(Packet(MEASUREMENT, 0, kind, body))
    except ReportError:
        return
    assert isinstance(news, Notice) or (news.rows and all(len(row) == len(news.sensors) for row in news.rows))


@given(
    st.sampled_from([Kind.REAL, Kind.WIDE_REAL]),
    st.sets(st.integers(0, 15), min_size=1, max_size=4),
    st.integers(1, 12),
    st.data(),
)
def test_values_of_several_sensors_come_back(kind: Kind, sensors: set[int], count: int, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.tuples(*[SINGLES] * len(sensors)), min_size=count, max_size=count))
    values = Values(kind, tuple(sorted(sensors)), tuple(rows))
    assert measurement.decode(measurement.encode(values, 7)) == values


@given(st.sampled_from(measurement.SINGLE), st.integers(0, 31), st.lists(WHOLES, min_size=1, max_size=50))
def test_values_of_one_sensor_come_back(kind: Kind, sensor: int, column: list[float]) -> None:
    values = Values(kind, (sensor,), tuple((value,) for value in column))
    assert measurement.decode(measurement.encode(values, 7)) == values


@pytest.mark.parametrize(
    ("kind", "head", "sensors", "start"),
    [
        (0x06, "06 00 02 00", (1, 2), 9),
        (0x07, "06 00 01 00 02 00", (1, 2, 16), 11),
        (0x08, "00 03 02", (3,), 8),
        (0x0A, "00 03 02", (3,), 8),
    ],
)
def test_where_things_stand_in_a_measurement(kind: int, head: str, sensors: tuple[int, ...], start: int) -> None:
    flat = np.arange(2 * len(sensors), dtype=np.float32) + 0.5
    raw = encode(Packet(MEASUREMENT, 0, kind, bytes.fromhex(head) + flat.tobytes()))
    assert raw[start : start + 4] == pack("<f", 0.5)
    news = measurement.decode(Packet(raw[0], raw[2], raw[4], raw[5:]))
    assert news == Values(Kind(kind), sensors, tuple(map(tuple, flat.reshape(2, -1).tolist())))


@pytest.mark.parametrize("kind", measurement.NOTICES)
def test_notices_are_no_samples(kind: Kind) -> None:
    assert measurement.decode(Packet(MEASUREMENT, 0, kind, b"\x01")) == Notice(kind, b"\x01")


def test_records_stand_where_the_maker_has_them() -> None:
    status = commands.Status(0, 0, 1, 2, 345, 6, 7, 890, 80, commands.Charger.CHARGING)
    raw = commands.encode_status(status)
    assert raw == bytes.fromhex("00 00 01 02 59 01 06 07 7A 03 50 01")
    assert commands.decode_status(raw) == status
    sensor = commands.encode_sensor(SENSORS[0])
    assert len(sensor) == 148
    assert sensor[8:13] == b"Force"
    assert sensor[68:70] == b"N\0"
    assert sensor[124:128] == (10_000).to_bytes(4, "little")
    assert commands.decode_sensor(sensor) == SENSORS[0]
    assert commands.numbers(commands.decode_mask(bytes.fromhex("06 00 00 80"))) == (1, 2, 31)


@pytest.mark.parametrize(
    "decode", [commands.decode_status, commands.decode_info, commands.decode_sensor, commands.decode_mask]
)
def test_short_records_are_refused(decode: object) -> None:
    assert callable(decode)
    with pytest.raises(ReportError, match=r"3 bytes where \d+ were due"):
        decode(b"\0\0\0")


def test_text_that_is_none_is_refused() -> None:
    with pytest.raises(ReportError, match="is no text"):
        commands.decode_info(b"\xff" * 152)
