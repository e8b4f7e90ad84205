"""Counters that count, up or down, and bytes that do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.errors import ReportError
from otolith.drivers.vernier.numbering import DOWN, LEARNT, UP, Numbering


@given(st.sampled_from([UP, DOWN]), st.integers(0, 255), st.lists(st.integers(0, 100), max_size=40))
def test_a_learnt_counter_tells_every_loss(step: int, start: int, losses: list[int]) -> None:
    numbering, counter = Numbering(), start
    for _ in range(LEARNT + 1):
        assert numbering.lost(counter) is None
        counter = (counter + step) % 256
    for lost in losses:
        counter = (counter + step * lost) % 256
        assert numbering.lost(counter) == lost
        counter = (counter + step) % 256


@given(st.integers(0, 255), st.lists(st.integers(0, 100), max_size=40))
def test_a_counter_known_beforehand_tells_from_the_second_packet_on(start: int, losses: list[int]) -> None:
    numbering, counter = Numbering(UP), start
    assert numbering.lost(counter) == 0
    for lost in losses:
        counter = (counter + 1 + lost) % 256
        assert numbering.lost(counter) == lost


@given(st.lists(st.sampled_from([0, 7, 19]), max_size=50))
def test_a_byte_that_does_not_count_says_nothing(values: list[int]) -> None:
    numbering = Numbering()
    assert [numbering.lost(value) for value in values] == [None] * len(values)


def test_a_packet_that_came_twice_or_late_is_refused_and_changes_nothing() -> None:
    numbering = Numbering(UP)
    assert [numbering.lost(counter) for counter in (254, 255, 0)] == [0, 0, 0]
    for late in (0, 255, 200):
        with pytest.raises(ReportError, match="twice, or late"):
            numbering.lost(late)
    assert numbering.lost(2) == 1
