import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.errors import ReportError
from otolith.drivers.phidget_bridge.codec import vendor
from otolith.drivers.phidget_bridge.codec.vendor import Fault, Packet

RATIOS = st.floats(-1.0, 1.0, width=32)
PACKETS = st.one_of(
    st.builds(Packet, st.integers(0, 3), RATIOS, st.none() | st.sampled_from(Fault)),
    st.builds(Packet, st.integers(0, 3), st.none(), st.sampled_from(Fault)),
)


def test_known_packets() -> None:
    transfer = bytes.fromhex("1B 02") + struct.pack("<f", 2.0**-10) + bytes.fromhex("1C 03 FF")
    assert list(vendor.decode(transfer)) == [Packet(2, 2.0**-10), Packet(3, None, Fault.LOW)]


@given(st.lists(PACKETS, min_size=1, max_size=9))
def test_packets_survive_the_wire(packets: list[Packet]) -> None:
    assert list(vendor.decode(b"".join(map(vendor.encode, packets)))) == packets


@given(st.lists(PACKETS, min_size=1, max_size=5), st.integers(1, 40))
def test_a_torn_transfer_gives_what_is_whole(packets: list[Packet], cut: int) -> None:
    wire = b"".join(map(vendor.encode, packets))
    read: list[Packet] = []
    try:
        for packet in vendor.decode(wire[:-cut]):
            read.append(packet)  # noqa: PERF402 - what was read before the error counts
    except ReportError:
        pass
    whole = [(packet.channel, packet.ratio) for packet in packets]
    assert [(packet.channel, packet.ratio) for packet in read] == whole[: len(read)]


@given(st.binary(max_size=64))
def test_any_bytes_are_packets_or_a_report_error(noise: bytes) -> None:
    try:
        packets = list(vendor.decode(noise))
    except ReportError:
        return
    assert packets


@pytest.mark.parametrize(
    ("transfer", "reason"),
    [
        (b"", "empty"),
        (bytes(24), "begins with 00"),
        (b"\x1b\x04" + bytes(4), "channel 4"),
        (b"\x1b\x00\x00", "ends after 3"),
        (b"\x1b\x00" + struct.pack("<f", 1.5), "outside the converter's range"),
        (b"\x1b\x00" + struct.pack("<f", float("nan")), "outside the converter's range"),
        (b"\x1c\x00\x07", "fault 07"),
    ],
)
def test_garbage_is_refused_with_a_reason(transfer: bytes, reason: str) -> None:
    with pytest.raises(ReportError, match=reason):
        list(vendor.decode(transfer))


def test_requests() -> None:
    assert vendor.encode_trigger(0.5) == bytes.fromhex("40000000")
    assert vendor.encode_interval(1.0) == bytes.fromhex("0000803F")
    assert vendor.decode_interval(bytes.fromhex("0000803F")) == 1.0
    status = vendor.Status(5, (1.0, 2.0, 4.0, 8.0))
    assert len(vendor.encode_status(status)) == 17
    assert vendor.decode_status(vendor.encode_status(status)) == status


@pytest.mark.parametrize("payload", [b"", bytes(4), bytes.fromhex("0000C07F"), bytes(5)])
def test_intervals_that_are_none(payload: bytes) -> None:
    with pytest.raises(ReportError):
        vendor.decode_interval(payload)
