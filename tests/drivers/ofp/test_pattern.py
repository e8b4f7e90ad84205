import ast
import inspect
import sys
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.ofp import pattern
from otolith.drivers.ofp.codec.numbers import Status
from otolith.drivers.ofp.codec.packet import Packet, encode
from otolith.drivers.ofp.pattern import scan_of, value, verify


def stream(ticks: Sequence[int], channels: int = 4, scans: int = 2, rate: float = 1000.0) -> list[bytes]:
    """Packets that begin at these scans; the clock is that of the first scan's true number."""
    return [
        encode(
            Packet(
                at % 2**32,
                round((at - ticks[0]) * 1e6 / rate) + 1000,
                round(1e6 / rate),
                Status.TEST_PATTERN,
                1,
                tuple(tuple(value(at + scan, channel) for channel in range(channels)) for scan in range(scans)),
            )
        )
        for at in ticks
    ]


def test_an_honest_stream_is_proved() -> None:
    proof = verify(stream(range(0, 1000, 2)))
    assert proof.holds
    assert (proof.packets, proof.scans, proof.rate) == (500, 1000, 1000.0)
    assert not verify([]).holds


def test_it_is_proved_across_the_wrap() -> None:
    assert verify(stream(range(2**32 - 20, 2**32 + 20, 2))).holds


@given(st.sets(st.integers(1, 48), max_size=20))
def test_every_lost_scan_is_counted(lost: set[int]) -> None:
    proof = verify([one for index, one in enumerate(stream(range(0, 100, 2))) if index not in lost])
    assert proof.lost == 2 * len(lost)
    assert proof.holds == (not lost)
    assert proof.rate == pytest.approx(1000.0)


@given(st.permutations(range(20)))
def test_order_is_judged(order: list[int]) -> None:
    packets = stream(range(0, 40, 2))
    proof = verify([packets[index] for index in order])
    assert proof.holds == (order == sorted(order))
    assert proof.wrong == 0


@given(st.integers(0, 19), st.integers(0, 511))
def test_a_flipped_bit_costs_its_packet_and_no_other(victim: int, bit: int) -> None:
    packets = stream(range(0, 40, 2))
    packets[victim] = (int.from_bytes(packets[victim], "big") ^ 1 << bit).to_bytes(64, "big")
    proof = verify(packets)
    assert (proof.corrupt, proof.packets, proof.wrong) == (1, 19, 0)


def test_repetition_is_no_sample() -> None:
    packets = stream(range(0, 40, 2))
    proof = verify([packets[0], *packets])
    assert (proof.out_of_order, proof.scans, proof.holds) == (1, 40, False)


@pytest.mark.parametrize(
    "packet",
    [
        Packet(6, 9999, 1000, Status(0), 1, ((value(6, 0),),)),
        Packet(6, 9999, 1000, Status.TEST_PATTERN, 1, ((value(7, 0),),)),
        Packet(6, 1, 1000, Status.TEST_PATTERN, 1, ((value(6, 0),),)),
    ],
    ids=["not a test pattern", "values and number differ", "the clock runs back"],
)
def test_faults_of_the_firmware_are_told_apart(packet: Packet) -> None:
    proof = verify([*stream(range(0, 6, 2)), encode(packet)])
    assert (proof.wrong, proof.corrupt, proof.holds) == (1, 0, False)


@given(st.integers(0, 2**32 - 1), st.integers(0, 9))
def test_a_value_tells_its_scan(scan: int, channel: int) -> None:
    assert -(2**31) <= value(scan, channel) < 2**31
    assert scan_of(value(scan, channel), channel) == scan


def test_it_stands_alone() -> None:
    imported = {
        node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(inspect.getsource(pattern)))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert {name.partition(".")[0] for name in imported} <= set(sys.stdlib_module_names)
