"""Scans that roll across packets, through losses, repetitions and a buffer that runs over: exact to the scan."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.errors import BoardLost, ReportError
from otolith.drivers.labjack.codec.packet import Packet
from otolith.drivers.labjack.scans import Layout, Run, Scans
from otolith.drivers.labjack.twin.buffer import Buffer

LAYOUTS = st.one_of(
    st.builds(Layout, st.integers(1, 8), st.integers(1, 25), st.just(256), st.just(True)),
    st.integers(1, 8).flatmap(
        lambda channels: st.builds(
            Layout,
            st.just(channels),
            st.integers(1, 24 // channels).map(lambda scans: scans * channels),
            st.just(65536),
            st.just(False),
        )
    ),
)
ROLLING = Layout(6, 25, 256, dummy=True)


def scan(layout: Layout, index: int) -> list[int]:
    """No two alike, and none a dummy."""
    return [(17 * index + channel) % 60_000 for channel in range(layout.channels)]


def stream(layout: Layout, scans: int) -> list[Packet]:
    """Packets of so many scans; what does not fill one is still in the device."""
    buffer = Buffer(layout, 10**6)
    for index in range(scans):
        buffer.push(index, scan(layout, index))
    return drained(buffer)


def drained(buffer: Buffer) -> list[Packet]:
    packets = []
    while leaving := buffer.pop():
        packets.append(leaving.packet)
    return packets


def placed(runs: list[Run]) -> dict[int, list[int]]:
    """Scans by their number, as the gaps place them."""
    found: dict[int, list[int]] = {}
    number = 0
    for run in runs:
        number += run.missed
        for row in run.codes.tolist():
            found[number] = row
            number += 1
    return found


@given(LAYOUTS, st.integers(0, 120), st.data())
def test_lost_packets_cost_only_the_scans_they_had_a_part_in(layout: Layout, scans: int, data: st.DataObject) -> None:
    packets = stream(layout, scans)
    lost = data.draw(st.sets(st.integers(0, max(0, len(packets) - 1))))
    arriving = [index for index in range(len(packets)) if index not in lost]
    assembled = Scans(layout)
    runs = [run for index in arriving for run in assembled.feed(packets[index])]
    touched = {at // layout.channels for index in lost for at in span(layout, index)}
    whole = len(packets) * layout.samples // layout.channels
    expected = {index: scan(layout, index) for index in range(whole) if index not in touched}
    assert placed(runs) == expected


def span(layout: Layout, index: int) -> range:
    return range(index * layout.samples, (index + 1) * layout.samples)


@given(LAYOUTS, st.integers(1, 60), st.lists(st.integers(0, 200), max_size=20))
def test_repeated_and_late_packets_are_refused(layout: Layout, scans: int, again: list[int]) -> None:
    packets = stream(layout, scans)[:100]
    assembled = Scans(layout)
    runs: list[Run] = []
    for index, one in enumerate(packets):
        runs += assembled.feed(one)
        for back in again:
            if back <= index:
                with pytest.raises(ReportError, match="twice, or late"):
                    assembled.feed(packets[index - back % (index + 1)])
    assert list(placed(runs)) == list(range(len(packets) * layout.samples // layout.channels))


@given(LAYOUTS, st.integers(1, 12), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=12))
def test_what_the_device_drops_is_counted_exactly(layout: Layout, packets: int, doings: list[tuple[int, int]]) -> None:
    """Any order of sampling and reading, with a small buffer: every scan is delivered in its place, or missed."""
    size = layout.samples * packets
    buffer = Buffer(layout, max(size, layout.channels + layout.samples) // layout.samples * layout.samples)
    arrived: list[Packet] = []
    kept: dict[int, list[int]] = {}
    sampled = 0
    for scans, reads in [*doings, (0, 1000), (40, 1000), (40, 1000)]:
        for _ in range(scans):
            if buffer.fits():
                buffer.push(sampled, scan(layout, sampled))
                kept[sampled] = scan(layout, sampled)
            else:
                buffer.throw()
            sampled += 1
        for _ in range(reads):
            leaving = buffer.pop()
            if leaving:
                arrived.append(leaving.packet)
    assembled = Scans(layout)
    found = placed([run for one in arrived for run in assembled.feed(one)])
    assert found == {number: kept[number] for number in list(kept)[: len(found)]}
    assert len(kept) - len(found) <= layout.samples // layout.channels + 1


def overrun(layout: Layout, old: int, thrown: int, new: int) -> list[Packet]:
    """So many scans, then some that are thrown away, then new ones."""
    buffer = Buffer(layout, old * layout.channels)
    for index in range(old):
        buffer.push(index, scan(layout, index))
    for _ in range(thrown):
        buffer.throw()
    packets = drained(buffer)
    for index in range(old + thrown, old + thrown + new):
        buffer.push(index, scan(layout, index))
    return packets + drained(buffer)


def test_a_dummy_scan_that_goes_on_in_the_next_packet() -> None:
    """24 samples are left: of the dummy scan one sample is in the packet that tells, five are in the next."""
    packets = overrun(ROLLING, 29, 100, 30)
    told = next(one for one in packets if one.dropped)
    assert told.samples.tolist()[24:] == [0xFFFF]
    assert [one.recovering for one in packets[:7]] == [True] * 6 + [False]
    assembled = Scans(ROLLING)
    found = placed([run for one in packets for run in assembled.feed(one)])
    assert list(found) == [*range(29), *range(129, 129 + len(found) - 29)]


@pytest.mark.parametrize("after", [1, 2])
def test_a_packet_lost_with_a_part_of_the_dummy_scan(after: int) -> None:
    """``after``: which packet after the one that tells; the first of them holds most of the dummy."""
    packets = overrun(ROLLING, 29, 100, 60)
    at = next(index for index, one in enumerate(packets) if one.dropped)
    del packets[at + after]
    assembled = Scans(ROLLING)
    found = placed([run for one in packets for run in assembled.feed(one)])
    assert all(found[number] == scan(ROLLING, number) for number in found)
    assert max(found) > 150


def test_a_device_that_sends_no_dummy_scan() -> None:
    codes = np.array([scan(ROLLING, index) for index in range(50)], dtype=np.uint16).reshape(-1, 25)
    packets = [Packet(number, samples) for number, samples in enumerate(codes)]
    packets[3] = replace(packets[3], dropped=10)
    assembled = Scans(ROLLING)
    runs = [run for one in packets for run in assembled.feed(one)]
    assert sum(run.missed for run in runs) == 10
    assert sum(len(run.codes) for run in runs) == 50


def test_a_lost_account_of_what_was_dropped_ends_the_stream() -> None:
    packets = overrun(ROLLING, 29, 100, 60)
    at = next(index for index, one in enumerate(packets) if one.dropped)
    assembled = Scans(ROLLING)
    for one in packets[:at]:
        assembled.feed(one)
    with pytest.raises(BoardLost, match="was lost itself"):
        assembled.feed(packets[at + 1])


def test_the_number_wraps() -> None:
    assembled = Scans(ROLLING)
    packets = stream(ROLLING, 25 * 300 // 6)
    assert len(packets) == 300
    runs = [run for one in packets for run in assembled.feed(one)]
    assert sum(run.missed for run in runs) == 0
    assert sum(len(run.codes) for run in runs) == 300 * 25 // 6


def test_a_buffer_that_runs_over_again_before_its_dummy_scan_has_left() -> None:
    """Two dummy scans are on their way, each with its own number."""
    layout = Layout(4, 6, 256, dummy=True)
    codes = np.array([*scan(layout, 0), *[0xFFFF] * 8, *scan(layout, 9), 0, 0], dtype=np.uint16)
    packets = [Packet(0, codes[:6], dropped=3), Packet(1, codes[6:12], dropped=5), Packet(2, codes[12:])]
    assembled = Scans(layout)
    runs = [run for one in packets for run in assembled.feed(one)]
    assert placed(runs) == {0: scan(layout, 0), 9: scan(layout, 9)}
