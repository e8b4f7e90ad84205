import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.calibration import Piecewise
from otolith.drivers.errors import ReportError
from otolith.drivers.wii.codec import block
from otolith.drivers.wii.codec.block import Block

REAL = bytes.fromhex(
    "10690000 07C33CF8048C296B 0ED243840B3A3069 15E94A1011EF376E 5E40E9B6"  # a real board (WiiBrew); 60 and 61 inferred
)
DOLPHIN = (
    bytes.fromhex("01690000")
    + b"".join(count.to_bytes(2, "big") * 4 for count in (10000, 11700, 13400))
    + bytes.fromhex("DC710D7D")
)
G = 9.80665


@pytest.mark.parametrize(("wire", "reference", "checksum"), [(REAL, "1A01", 0x5E40E9B6), (DOLPHIN, "1901", 0xDC710D7D)])
def test_golden_checksums(wire: bytes, reference: str, checksum: int) -> None:
    found = block.decode(wire, bytes.fromhex(reference))
    assert (found.whole, found.checksum, found.computed) == (True, checksum, checksum)
    assert found.encode() == (wire, bytes.fromhex(reference))


@given(st.integers(0, len(REAL) + 1), st.integers(0, 7))
def test_a_changed_bit_is_noticed(at: int, bit: int) -> None:
    """But in bytes 2 and 3, which no checksum covers."""
    wire = bytearray(REAL + bytes.fromhex("1A01"))
    wire[at] ^= 1 << bit
    whole = block.decode(bytes(wire[:32]), bytes(wire[32:])).whole
    assert whole is (at in (2, 3))


@pytest.mark.parametrize(("size", "tail"), [(31, 2), (32, 1), (0, 0)])
def test_a_cut_block_is_refused(size: int, tail: int) -> None:
    with pytest.raises(ReportError, match="a calibration block of"):
        block.decode(REAL[:size], b"\x1a\x01"[:tail])


def calibration() -> Piecewise:
    return block.decode(REAL, bytes.fromhex("1A01")).calibration()


def test_its_points_weigh_what_they_say() -> None:
    factory = calibration()
    assert factory.source == "factory"
    assert list(factory.zero) == [0x07C3, 0x3CF8, 0x048C, 0x296B]
    loads = calibration().loads(np.array(factory.points))
    np.testing.assert_allclose(loads, np.outer([0.0, 17.0 * G, 34.0 * G], np.ones(4)), rtol=1e-12)


def test_lines_go_on_at_both_ends() -> None:
    """Negative below zero; beyond 34 kg on the second line, where other drivers stop."""
    factory = calibration()
    zero, middle, full = (np.array([row]) for row in factory.points)
    np.testing.assert_allclose(factory.loads(zero - (middle - zero)), -17.0 * G)
    np.testing.assert_allclose(factory.loads(full + 2 * (full - middle)), 68.0 * G)


@given(st.lists(st.floats(-500, 2000), min_size=4, max_size=4))
def test_counts_and_loads_are_inverse(newtons: list[float]) -> None:
    factory = calibration()
    np.testing.assert_allclose(factory.loads(factory.counts(np.array([newtons]))), [newtons], atol=1e-9)


def test_another_mark_means_other_weights() -> None:
    points = tuple((count,) * 4 for count in (1, 2, 3))
    other = block.sealed(points, bytes(4), b"\x1a\x02").calibration()
    assert other.newtons == pytest.approx((0.0, 12.5 * G, 25.0 * G))


def test_counts_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ReportError, match="cannot be used: loads must increase"):
        block.sealed(((5, 5, 5, 5), (6, 6, 5, 6), (7, 7, 7, 7)), bytes(4), b"\x1a\x01").calibration()


def test_a_block_has_one_layout() -> None:
    with pytest.raises(ValueError, match="three points for four cells"):
        Block(((1, 2, 3),), bytes(4), bytes(2), 0)
