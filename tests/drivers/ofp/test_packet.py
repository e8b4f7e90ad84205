from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.errors import ReportError
from otolith.drivers.ofp.codec.form import crc32c, opened, sealed
from otolith.drivers.ofp.codec.numbers import PACKET, VALUES, Status
from otolith.drivers.ofp.codec.packet import Packet, decode, encode

I32 = st.integers(-(2**31), 2**31 - 1)


@st.composite
def packets(draw: st.DrawFn) -> Packet:
    channels = draw(st.integers(1, VALUES))
    scans = draw(st.integers(1, VALUES // channels))
    rows = draw(st.lists(st.tuples(*[I32] * channels), min_size=scans, max_size=scans))
    return Packet(
        sequence=draw(st.integers(0, 2**32 - 1)),
        clock=draw(st.integers(0, 2**64 - 1)),
        period=draw(st.integers(0, 2**16 - 1)),
        status=Status(draw(st.integers(0, 127))),
        tag=draw(st.integers(0, 255)),
        scans=tuple(rows),
    )


@given(packets())
def test_a_packet_comes_back_as_it_was(packet: Packet) -> None:
    raw = encode(packet)
    assert len(raw) == PACKET
    assert decode(raw) == packet


@given(packets(), st.integers(0, PACKET * 8 - 32), st.integers(1, 2**32 - 1))
def test_no_burst_of_up_to_32_flipped_bits_passes(packet: Packet, at: int, burst: int) -> None:
    raw = int.from_bytes(encode(packet), "little") ^ burst << at
    with pytest.raises(ReportError):
        decode(raw.to_bytes(PACKET, "little"))


@given(st.binary(max_size=80))
def test_noise_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(ReportError, match="data packet"):
        decode(raw)


@pytest.mark.parametrize("scans", [0, 3, 255])
def test_scans_that_cannot_be_are_refused(scans: int) -> None:
    raw = bytearray(encode(Packet(0, 0, 1000, Status(0), 0, ((1, 2, 3, 4),)))[:-4])
    raw[2] = scans
    with pytest.raises(ReportError, match=f"cannot hold {scans} scans of 4 channels"):
        decode(sealed(bytes(raw)))


@pytest.mark.parametrize("scans", [(), ((),), ((1, 2), (3,)), ((0,) * 6,) * 2])
def test_a_packet_that_cannot_be_is_not_made(scans: Any) -> None:
    with pytest.raises(ValueError, match="1 to 10 values"):
        encode(Packet(0, 0, 0, Status(0), 0, scans))


def test_checksums_are_castagnolis() -> None:
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(sealed(b"any record")) == 0x48674BC7


def test_a_record_too_short_is_refused() -> None:
    with pytest.raises(ReportError, match="INFO has 3 bytes, and needs 48"):
        opened(b"abc", 44, "INFO")
