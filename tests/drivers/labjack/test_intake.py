"""Torn, lossy and noisy wires, and packets that come many at a time: a packet costs only itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.counters import Counters
from otolith.drivers.errors import BoardRefused, BoardTimeout
from otolith.drivers.labjack.codec import packet, t7, u6
from otolith.drivers.labjack.codec.packet import Packet
from otolith.drivers.labjack.intake import Intake
from otolith.drivers.labjack.models import T7, U6, Model
from otolith.drivers.labjack.plan import Packing, samples_in_packet

MS = 1_000_000
CHANNELS = 6
SCALE = u6.scale(u6.nominal_memory(), (0,) * CHANNELS)
ENCODE = {U6.name: packet.encode, T7.name: t7.encode}
MODELS = st.sampled_from([U6, T7])


def packing(model: Model, rate: float = 1000.0) -> Packing:
    return model.packing(CHANNELS, rate)


def intake(model: Model, counters: Counters | None = None, rate: float = 1000.0) -> Intake:
    return Intake(packing(model, rate), SCALE, rate, counters or Counters())


def scan(number: int) -> list[int]:
    return [(97 * number + channel) % 60_000 + 1 for channel in range(CHANNELS)]


def wire(model: Model, packets: int, rate: float = 1000.0) -> list[bytes]:
    samples = packing(model, rate).layout.samples
    flat = np.array([code for number in range(packets * samples) for code in scan(number)], dtype=np.uint16)
    rows = flat[: packets * samples].reshape(packets, samples)
    return [ENCODE[model.name](Packet(number, row)) for number, row in enumerate(rows)]


def scans(batches: list[Batch]) -> dict[int, list[int]]:
    """Codes by the number of the scan."""
    found = {}
    for batch in batches:
        for index, row in enumerate(np.rint(SCALE.codes(batch.counts)).astype(int).tolist()):
            found[batch.seq + index] = row
    return found


@given(MODELS, st.sets(st.integers(0, 39)), st.sets(st.integers(0, 39)), st.integers(1, 63), st.binary(max_size=60))
def test_torn_and_lost_packets_and_noise_cost_only_themselves(
    model: Model, torn: set[int], lost: set[int], cut: int, noise: bytes
) -> None:
    counters = Counters()
    taker = intake(model, counters)
    batches: list[Batch] = []
    for number, raw in enumerate(wire(model, 40)):
        if number in lost:
            continue
        batches += taker.take(raw[:cut] if number in torn else raw, number * MS)
        batches += taker.take(noise, number * MS) if number % 7 == 3 else []
    samples = packing(model).layout.samples
    touched = {at // CHANNELS for number in torn | lost for at in range(number * samples, (number + 1) * samples)}
    whole = 40 * samples // CHANNELS
    assert scans(batches) == {number: scan(number) for number in range(whole) if number not in touched}
    assert sum(batch.missed for batch in batches) == counters.missed
    assert counters.samples == whole - len(touched & set(range(whole)))


@given(MODELS, st.lists(st.integers(1, 5), min_size=1, max_size=20))
def test_any_grouping_into_transfers_gives_the_same(model: Model, groups: list[int]) -> None:
    raws = wire(model, 40)
    taker = intake(model)
    batches: list[Batch] = []
    at = 0
    for size in [*groups, 40]:
        batches += taker.take(b"".join(raws[at : at + size]), at * MS)
        at += size
    whole = 40 * packing(model).layout.samples // CHANNELS
    assert scans(batches) == {number: scan(number) for number in range(whole)}


@given(MODELS, st.lists(st.binary(max_size=200), max_size=30))
def test_noise_alone_is_malformed_and_nothing_else(model: Model, noise: list[bytes]) -> None:
    counters = Counters()
    taker = intake(model, counters)
    assert [batch for raw in noise for batch in taker.take(raw, MS)] == []
    assert counters.malformed == counters.reports


def test_what_a_transfer_brings_is_delivered_at_once() -> None:
    (first, second) = wire(U6, 2)
    taker = intake(U6)
    assert [len(batch) for batch in taker.take(first, 0)] == [4]
    assert [(len(batch), batch.seq) for batch in taker.take(second, MS)] == [(4, 4)]


def test_the_ends_of_the_converter_are_flagged() -> None:
    codes = np.array([scan(0), scan(1), scan(2), scan(3)], dtype=np.uint16)
    codes[1, 2], codes[3, 5] = 0, 0xFFFF
    (batch,) = intake(T7).take(t7.encode(Packet(0, codes.ravel())), 0)
    assert batch.flags.tolist() == [0, Flag.SATURATED, 0, Flag.SATURATED]


def test_a_gap_is_flagged_and_a_full_buffer_is_remembered() -> None:
    samples = np.array([scan(number) for number in range(4)], dtype=np.uint16).ravel()
    taker = intake(T7)
    taker.take(t7.encode(Packet(0, samples, 0.75, recovering=True)), 0)
    (batch,) = taker.take(t7.encode(Packet(1, samples, 0.0, dropped=100)), MS)
    assert (batch.missed, batch.seq, batch.flags[0]) == (100, 104, Flag.AFTER_GAP)
    assert taker.backlog == 0.75


@pytest.mark.parametrize("raw", [bytes(64), b"\xb8\xb8", wire(U6, 1)[0][:-1] + b"\x01"])
def test_a_board_that_sends_nothing_usable_is_silent(raw: bytes) -> None:
    taker = intake(U6)
    assert taker.take(raw, 0) == taker.take(raw, 1000 * MS) == []
    with pytest.raises(BoardTimeout, match="none that can be used"):
        taker.take(raw, 1001 * MS)


def test_a_device_that_cannot_go_on_says_why() -> None:
    with pytest.raises(BoardRefused, match="it threw away more scans than it can count"):
        intake(T7).take(t7.encode(Packet(0, np.zeros(24, dtype=np.uint16), error=2943)), 0)


@pytest.mark.parametrize(
    ("model", "rate", "samples", "transfer"),
    [
        (U6, 50, 6, 64),
        (U6, 400, 12, 64),
        (U6, 1000, 25, 64),
        (U6, 8000, 25, 9 * 64),
        (T7, 1000, 24, 64),
        (T7, 10_000, 24, 768),
    ],
)
def test_packets_hold_what_comes_in_time(model: Model, rate: float, samples: int, transfer: int) -> None:
    found = packing(model, rate)
    assert (found.layout.samples, found.transfer(rate)) == (samples, transfer)


@given(st.floats(0.3, 50_000.0), st.integers(1, 16), st.booleans())
def test_packets_hold_a_scan_at_least_and_no_more_than_they_can(rate: float, channels: int, whole: bool) -> None:
    most = 24 if whole else 25
    samples = samples_in_packet(rate, channels, most, whole=whole)
    assert channels <= samples <= most
    assert samples == most or samples % channels == 0
