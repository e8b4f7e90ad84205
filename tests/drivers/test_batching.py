from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.batch import Flag
from otolith.drivers.batching import Batcher


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
