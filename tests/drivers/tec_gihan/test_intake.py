"""Fetching blocks that have no framing of their own: what is whole counts, and the rest is known to be missing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.counters import Counters
from otolith.drivers.errors import BoardTimeout
from otolith.drivers.ftdi.twin import IDLE
from otolith.drivers.tec_gihan.codec import block
from otolith.drivers.tec_gihan.intake import Intake

M = 12
BLOCK = 100_000_000
"""ns: twelve samples at 120 Hz."""


class Wire:
    """An intake that is fed, and the time that passes."""

    def __init__(self) -> None:
        self.counters = Counters()
        self.intake = Intake(M, 1, 120.0, self.counters)
        self.now = 1_000_000_000

    def feed(self, *packets: bytes, step: int = 1_000_000) -> list[Batch | None]:
        ended = []
        for packet in packets:
            self.now += step
            fetched = self.intake.take(packet, self.now)
            if fetched is not None:
                ended.append(fetched.batch)
        return ended


def codes(number: int) -> np.ndarray:
    return (np.arange(6 * M).reshape(M, 6) + 100 * number).astype(np.int16)


def packets(raw: bytes, size: int = 62) -> list[bytes]:
    return [IDLE + raw[at : at + size] for at in range(0, len(raw), size)]


@given(sizes=st.lists(st.integers(1, 62), min_size=1, max_size=40))
def test_a_block_in_any_pieces(sizes: list[int]) -> None:
    wire, raw, got = Wire(), block.encode(codes(1)), []
    for size in [*sizes, len(raw)]:
        got += wire.feed(IDLE + raw[:size])
        raw = raw[size:]
    (batch,) = [*got, *wire.feed(IDLE)]
    assert batch is not None
    np.testing.assert_array_equal(batch.counts, codes(1))
    assert (batch.seq, batch.missed, wire.counters.samples) == (0, 0, M)


def test_blocks_follow_one_another_and_their_time_is_that_of_their_last_byte() -> None:
    wire, got = Wire(), []
    for number in range(3):
        got += wire.feed(*packets(block.encode(codes(number))))
        came = wire.now
        got += wire.feed(IDLE)
        assert got[-1] is not None
        assert set(got[-1].t_host.tolist()) == {came}
        wire.now += BLOCK
    assert [batch.seq for batch in got if batch] == [0, M, 2 * M]


@pytest.mark.parametrize("spoil", ["cut", "surplus", "none", "overrun"])
def test_a_block_that_is_not_whole_is_missing_and_costs_only_itself(spoil: str) -> None:
    wire, raw = Wire(), block.encode(codes(0))
    sent = {
        "cut": packets(raw[:-1]),
        "surplus": packets(raw + b"?"),
        "none": [],
        "overrun": [*packets(raw)[:-1], b"\x11\x62" + raw[-20:]],
    }[spoil]
    (first,) = [*wire.feed(*sent), *wire.feed(*[IDLE] * (9 if spoil in {"cut", "none", "overrun"} else 1), step=BLOCK)]
    assert first is None
    (second,) = wire.feed(*packets(block.encode(codes(1))), IDLE)
    assert second is not None
    np.testing.assert_array_equal(second.counts, codes(1))
    assert (second.seq, second.missed, second.flags[0]) == (M, M, Flag.AFTER_GAP)
    assert (wire.counters.malformed, wire.counters.missed) == (1, M)


def test_the_same_block_twice_is_one() -> None:
    wire, raw = Wire(), block.encode(codes(0))
    (batch,) = wire.feed(*packets(raw), *packets(raw), IDLE)
    assert batch is not None
    assert len(batch) == M
    assert (wire.counters.malformed, wire.counters.missed) == (1, 0)


def test_the_ends_of_a_channel_are_flagged() -> None:
    wire, raw = Wire(), codes(0)
    raw[3, 2], raw[4, 5] = 32767, -32768
    (batch,) = wire.feed(*packets(block.encode(raw)), IDLE)
    assert batch is not None
    assert np.flatnonzero(batch.flags & Flag.SATURATED).tolist() == [3, 4]


def test_a_chip_whose_controller_is_dead_times_out() -> None:
    wire = Wire()
    with pytest.raises(BoardTimeout, match="none that can be used: a block of 12 samples of 1 plates has 144 bytes"):
        wire.feed(*[IDLE] * 100, step=BLOCK)
    assert wire.counters.samples == 0
