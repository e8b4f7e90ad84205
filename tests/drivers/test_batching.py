import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.batch import Flag
from otolith.drivers.batching import Batcher, joined


@given(st.integers(0, 7), st.lists(st.integers(0, 3), max_size=40))
def test_numbers_leave_exactly_the_declared_gaps(size: int, gaps: list[int]) -> None:
    batcher = Batcher(size)
    batches = [b for i, gap in enumerate(gaps) for b in batcher.add((float(i),), 10 * i, 0, gap)] + batcher.flush()
    expected = 0
    for batch in batches:
        assert batch.seq == expected + batch.missed
        assert len(batch) <= max(1, size)
        assert [bool(flag & Flag.AFTER_GAP) for flag in batch.flags] == [batch.missed > 0] + [False] * (len(batch) - 1)
        expected = batch.seq + len(batch)
    assert [count for batch in batches for count in batch.counts[:, 0]] == list(range(len(gaps)))
    assert sum(batch.missed for batch in batches) == sum(gaps)
    assert batcher.flush() == []


@given(st.integers(1, 7), st.lists(st.sampled_from([0, 0, 0, 1, 3]), max_size=40), st.booleans())
def test_joined_batches_are_cut_at_gaps_alone(size: int, gaps: list[int], clock: bool) -> None:
    batcher = Batcher(size)
    parts = [
        batch
        for i, gap in enumerate(gaps)
        for batch in batcher.add((float(i),), 10 * i, i, gap, 0.5 * i if clock else None)
    ] + batcher.flush()
    whole = list(joined(parts))
    assert [batch.missed for batch in whole[1:]] == [gap for gap in gaps[1:] if gap]
    assert [batch.seq for batch in whole] == [batch.seq for batch in parts if batch.missed or batch is parts[0]]
    for name in ("counts", "t_host", "flags", "t_device"):
        before, after = ([getattr(batch, name) for batch in batches] for batches in (parts, whole))
        if clock or name != "t_device":
            assert [row.tolist() for column in after for row in column] == [
                row.tolist() for column in before for row in column
            ]
        else:
            assert set(after) <= {None}


def test_batches_with_other_columns_are_not_joined() -> None:
    with_clock, without = Batcher(1), Batcher(1)
    (first,) = with_clock.add((1.0,), 1, t_device=0.5)
    without.add((0.0,), 0)
    (second,) = without.add((2.0,), 2)
    assert list(joined([first, second])) == [first, second]


def test_a_block_follows_what_waited() -> None:
    batcher = Batcher(3)
    batcher.add((1.0,), 1)
    waited, block = batcher.block(np.array([[2.0], [3.0]]), 2, int(Flag.SATURATED), None)
    (last,) = [*batcher.add((4.0,), 3), *batcher.flush()]
    assert [batch.seq for batch in (waited, block, last)] == [0, 1, 3]
    assert (block.t_host.tolist(), block.flags.tolist()) == ([2, 2], [Flag.SATURATED] * 2)
