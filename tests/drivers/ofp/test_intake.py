"""Torn, lossy, repeated and late wires: a packet costs only itself, and what is lost is counted exactly."""

from dataclasses import astuple
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.counters import Counters
from otolith.drivers.errors import BoardTimeout
from otolith.drivers.ofp.codec.numbers import Status
from otolith.drivers.ofp.codec.packet import Packet, encode
from otolith.drivers.ofp.intake import Intake, flags_of

TAG = 9
MS = 1_000_000
FINE = Status(0)


def packet(first: int, scans: int = 2, status: Status = FINE, tag: int = TAG, channels: int = 4) -> bytes:
    rows = tuple(tuple(1000 * (first % 2**20 + scan) + channel for channel in range(channels)) for scan in range(scans))
    return encode(Packet(first % 2**32, 5_000_000 + 1000 * first, 1000, status, tag, rows))


def fed(packets: list[bytes], intake: Intake, step: int = MS) -> list[Batch]:
    batches = [batch for index, one in enumerate(packets) for batch in intake.take(one, (index + 1) * step)]
    return batches + intake.flush()


def counts(batches: list[Batch]) -> list[int]:
    return [int(row[0]) // 1000 for batch in batches for row in batch.counts]


@pytest.fixture
def counters() -> Counters:
    return Counters()


@pytest.fixture
def intake(counters: Counters) -> Intake:
    return Intake(4, TAG, 0.001, counters)


def test_samples_carry_both_clocks(intake: Intake) -> None:
    batches = fed([packet(at) for at in range(0, 12, 2)], intake)
    assert counts(batches) == list(range(12))
    clock = np.concatenate([batch.t_device for batch in batches if batch.t_device is not None])
    np.testing.assert_allclose(clock, 5.0 + np.arange(12) * 1e-3, rtol=0, atol=1e-9)
    assert [int(t) for batch in batches for t in batch.t_host] == [MS * (1 + k // 2) for k in range(12)]


@given(st.sets(st.integers(0, 29)), st.sets(st.integers(0, 29)), st.integers(0, 2**32))
def test_lost_and_corrupt_packets_cost_only_themselves(lost: set[int], corrupt: set[int], seed: int) -> None:
    counters = Counters()
    wire = []
    for index in range(30):
        one = packet(2 * index)
        if index in corrupt:
            bit = (seed + index) % 512
            one = (int.from_bytes(one, "big") ^ 1 << bit).to_bytes(64, "big")
        if index not in lost:
            wire.append(one)
    batches = fed(wire, Intake(4, TAG, 0.001, counters))
    gone = lost | corrupt
    arrived = [scan for scan in range(60) if scan // 2 not in gone]
    assert counts(batches) == arrived
    assert [batch.seq for batch in batches] == [int(batch.counts[0, 0]) // 1000 for batch in batches]
    assert counters.missed == (arrived[-1] + 1 - len(arrived) if arrived else 0)
    assert sum(batch.missed for batch in batches) == counters.missed
    assert counters.malformed == len(corrupt - lost)


@given(st.lists(st.integers(0, 19), min_size=1, max_size=60))
def test_repeated_and_late_packets_are_no_samples(order: list[int]) -> None:
    counters = Counters()
    batches = fed([packet(2 * index) for index in order], Intake(4, TAG, 0.001, counters))
    found = counts(batches)
    assert found == sorted(set(found))
    newest = [index for at, index in enumerate(order) if index > max(order[:at], default=-1)]
    assert found == [scan for index in newest for scan in (2 * index, 2 * index + 1)]
    assert counters.malformed == len(order) - len(newest)


@given(st.integers(0, 64), st.binary(min_size=0, max_size=63))
def test_torn_packets_and_noise_between_them(cut: int, noise: bytes) -> None:
    counters = Counters()
    wire = [packet(0), packet(2)[:cut], noise, packet(4)]
    batches = fed(wire, Intake(4, TAG, 0.001, counters))
    assert counts(batches) == ([0, 1, 2, 3, 4, 5] if cut == 64 else [0, 1, 4, 5])
    assert counters.missed == (0 if cut == 64 else 2)


def test_the_number_wraps(intake: Intake, counters: Counters) -> None:
    intake._next = 2**32 - 3
    wire = [packet(2**32 - 3, 1), packet(2**32 - 2), packet(2**32 + 4)]
    batches = fed(wire, intake)
    assert [batch.missed for batch in batches] == [0, 4]
    assert batches[1].flags[0] == Flag.AFTER_GAP
    assert (counters.samples, counters.missed, counters.malformed) == (5, 4, 0)


def test_a_gap_before_the_first_packet_is_a_gap(intake: Intake, counters: Counters) -> None:
    (batch,) = fed([packet(6)], intake)
    assert (batch.seq, batch.missed, counters.missed) == (6, 6, 6)


def test_what_is_left_of_an_earlier_stream_is_nothing(intake: Intake, counters: Counters) -> None:
    assert counts(fed([packet(5000, tag=8), packet(0)], intake)) == [0, 1]
    assert (counters.malformed, counters.missed) == (0, 0)


def test_other_numbers_of_channels_are_refused(intake: Intake, counters: Counters) -> None:
    assert fed([packet(0, channels=5)], intake) == []
    assert counters.malformed == 1


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        ([bytes(64)] * 1200, "begins with a5 01"),
        ([packet(0)] * 1200, "twice, or late"),
        ([packet(0, tag=1)] * 1200, "all are of an earlier stream"),
    ],
    ids=["zeros", "one packet again and again", "another stream"],
)
def test_a_plate_that_sends_nothing_usable_is_silent(intake: Intake, wire: list[bytes], reason: str) -> None:
    with pytest.raises(BoardTimeout, match=reason):
        fed(wire, intake)


@pytest.mark.parametrize(
    ("status", "flags"),
    [
        (Status(0), 0),
        (Status.OVERRUN, 0),
        (Status.SATURATED, Flag.SATURATED),
        (Status.LOW_SUPPLY | Status.CHANNEL_ERROR, Flag.CHANNEL_ERROR),
        (Status.TARED, Flag.INVALID),
        (Status.TEST_PATTERN | Status.SATURATED, Flag.INVALID | Flag.SATURATED),
        (Status(0x80), 0),
    ],
)
def test_status_bits_become_flags(status: Status, flags: int, intake: Intake) -> None:
    assert flags_of(status) == flags
    (batch,) = fed([packet(0, status=status)], intake)
    assert batch.flags.tolist() == [flags, flags]


@given(
    pieces=st.lists(st.integers(1, 7), min_size=1, max_size=12),
    channels=st.integers(1, 10),
    first=st.sampled_from([0, 0, 7, 2**31 - 5, 2**31, 2**32 - 9]),
    harm=st.dictionaries(st.integers(0, 40), st.sampled_from(["lost", "flipped", "twice", "foreign", "status", "cut"])),
)
def test_packets_in_one_piece_are_read_as_one_by_one(
    pieces: list[int], channels: int, first: int, harm: dict[int, str]
) -> None:
    wire = [harmed(index, first, channels, harm.get(index)) for index in range(sum(pieces))]
    cuts = np.cumsum([0, *pieces])
    together, alone = Counters(), Counters()
    in_pieces, singly = Intake(channels, TAG, 0.001, together), Intake(channels, TAG, 0.001, alone)
    whole, parts = [], []
    for turn, (start, end) in enumerate(pairwise(cuts)):
        if piece := b"".join(b"".join(one) for one in wire[start:end]):
            whole += in_pieces.take(piece, (turn + 1) * MS)
        parts += [batch for one in wire[start:end] for raw in one for batch in singly.take(raw, (turn + 1) * MS)]
    assert astuple(together) == astuple(alone)
    for got, expected in zip(columns(whole + in_pieces.flush()), columns(parts + singly.flush()), strict=True):
        np.testing.assert_array_equal(got, expected)


def harmed(index: int, first: int, channels: int, harm: str | None) -> list[bytes]:
    scans = 10 // channels
    one = packet(first + index * scans, scans, tag=TAG + (harm == "foreign"), channels=channels)
    if harm == "status":
        one = packet(first + index * scans, scans, Status.SATURATED, channels=channels)
    match harm:
        case "lost":
            return []
        case "flipped":
            return [one[:30] + bytes([one[30] ^ 4]) + one[31:]]
        case "twice":
            return [one, one]
        case "cut":
            return [one[:-1] + b"\0"]
    return [one]


def columns(batches: list[Batch]) -> list[np.ndarray]:
    """Seq of every sample, gaps before it, and what came with it: however the batches are cut."""
    seqs = [np.arange(batch.seq, batch.seq + len(batch)) for batch in batches]
    missed = [np.array([batch.missed, *([0] * (len(batch) - 1))]) for batch in batches]
    parts = (
        seqs,
        missed,
        [batch.counts.ravel() for batch in batches],
        [batch.t_host for batch in batches],
        [batch.flags for batch in batches],
        [batch.t_device for batch in batches if batch.t_device is not None],
    )
    return [np.concatenate(part) if part else np.empty(0) for part in parts]
