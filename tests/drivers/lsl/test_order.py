"""Numbers and gaps of a stream's samples."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.batch import Flag
from otolith.drivers.lsl.order import Order


@given(gaps=st.lists(st.integers(0, 5), min_size=1, max_size=40), cuts=st.lists(st.integers(0, 40), max_size=5))
def test_flagged_gaps_are_found_however_the_stream_is_cut(gaps: list[int], cuts: list[int]) -> None:
    gaps[0] = 0
    place = np.cumsum([gap + 1 for gap in gaps]) - 1
    flags = np.where(np.array(gaps) > 0, np.uint32(Flag.AFTER_GAP), np.uint32(0)).astype(np.uint32)
    order, lost = Order(100.0, flagged=True, even=True), 0
    numbers: list[int] = []
    for rows in np.split(np.arange(len(gaps)), sorted(cut for cut in cuts if cut <= len(gaps))):
        if not len(rows):
            continue
        for seq, missed, run in order.runs(place[rows] / 100.0, flags[rows]):
            numbers += range(seq, seq + run.stop - run.start)
            lost += missed
    assert numbers == place.tolist()
    assert lost == sum(gaps)


def test_an_even_stream_that_loses_samples_is_seen_through_by_its_stamps() -> None:
    stamps = np.concatenate([np.arange(500), np.arange(507, 1500)]) / 100.0
    order = Order(100.0, flagged=False, even=True)
    found = [run for rows in np.split(stamps, [200, 800]) for run in order.runs(rows, np.zeros(len(rows), np.uint32))]
    assert sum(missed for _, missed, _ in found) == 7


def test_an_uneven_stream_is_only_numbered() -> None:
    order = Order(100.0, flagged=False, even=False)
    stamps = np.cumsum(np.random.default_rng(0).uniform(0.001, 0.5, 100))
    assert list(order.runs(stamps, np.zeros(100, np.uint32))) == [(0, 0, slice(0, 100))]
