import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.hid.evdev import (
    EV_ABS,
    EV_KEY,
    EV_SYN,
    EVENT,
    Decoder,
    Dropped,
    Moment,
    ask_axis,
    axes_now,
    encode,
    set_clock,
    use_monotonic,
)

AXES, KEY = (0x10, 0x11, 0x12, 0x13), 0x130
SYNC = encode(EV_SYN, 0, 0, 5_000_001_000)


def decoder() -> Decoder:
    return Decoder(AXES, KEY)


def test_the_layout_is_the_kernels() -> None:
    """``struct input_event`` of a 64-bit machine: two longs, two shorts, one int."""
    if EVENT.size == 24:
        golden = "05 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 03 00 10 00 a4 06 00 00"
        assert encode(EV_ABS, 0x10, 1700, 5_000_001_000) == bytes.fromhex(golden)
    assert EVENT.size == struct.calcsize("llHHi")


def test_the_questions_are_the_kernels() -> None:
    """EVIOCGABS(ABS_HAT0X) and EVIOCSCLOCKID as a C compiler has them on x86-64 and ARM."""
    assert (ask_axis(0x10), set_clock()) == (0x80184550, 0x400445A0)


def test_axes_that_are_not_told_are_as_they_were() -> None:
    wire = encode(EV_ABS, 0x10, 100) + encode(EV_ABS, 0x13, 400) + SYNC + encode(EV_ABS, 0x11, 200) + SYNC
    assert decoder().feed(wire) == [
        Moment((100, 0, 0, 400), False, 5_000_001_000, True),
        Moment((100, 200, 0, 400), False, 5_000_001_000, True),
    ]


def test_the_button_comes_by_itself() -> None:
    wire = encode(EV_KEY, KEY, 1) + SYNC + encode(EV_KEY, KEY, 0) + SYNC + encode(EV_KEY, 1, 1) + SYNC
    found = [(news.pressed, news.moved) for news in decoder().feed(wire) if isinstance(news, Moment)]
    assert found == [(True, False), (False, False), (False, False)]


def test_what_the_kernel_dropped_is_left_out_up_to_the_next_report() -> None:
    state = decoder()
    torn = encode(EV_ABS, 0x10, 1) + encode(EV_SYN, 3, 0) + encode(EV_ABS, 0x10, 2) + encode(EV_KEY, KEY, 1) + SYNC
    assert state.feed(torn) == [Dropped(5_000_001_000)]
    state.values = (7, 8, 9, 10)
    (news,) = state.feed(encode(EV_ABS, 0x12, 90) + SYNC)
    assert news == Moment((7, 8, 90, 10), False, 5_000_001_000, True)


WORLD = st.lists(
    st.one_of(
        st.builds(encode, st.just(EV_ABS), st.sampled_from(AXES), st.integers(0, 65535)),
        st.builds(encode, st.just(EV_KEY), st.just(KEY), st.integers(0, 1)),
        st.builds(encode, st.just(EV_SYN), st.sampled_from([0, 3]), st.just(0), st.integers(0, 2**40)),
        st.binary(min_size=EVENT.size, max_size=EVENT.size),
    ),
    max_size=12,
)


@given(WORLD, st.lists(st.integers(1, 60)))
def test_any_pieces_say_the_same(events: list[bytes], cuts: list[int]) -> None:
    wire = b"".join(events)
    whole, pieces = decoder().feed(wire), decoder()
    found, at = [], 0
    for cut in [*cuts, len(wire)]:
        found += pieces.feed(wire[at : at + cut])
        at += cut
    assert found == whole


def test_the_kernel_is_asked_for_every_axis() -> None:
    asked: list[int] = []

    def ioctl(fd: int, request: int, room: Any) -> int:
        asked.append(request)
        struct.pack_into("6i", room, 0, 1000 + request % 16, 0, 65535, 2, 4, 0)
        return fd

    assert axes_now(3, AXES, ioctl) == (1000, 1001, 1002, 1003)
    assert asked == [ask_axis(axis) for axis in AXES]


@pytest.mark.parametrize("works", [True, False])
def test_a_node_takes_our_clock_or_not(works: bool) -> None:
    asked: list[tuple[int, bytes]] = []

    def ioctl(fd: int, request: int, data: Any) -> int:
        asked.append((request, bytes(data)))
        if not works:
            raise OSError(25, "Inappropriate ioctl for device")
        return fd

    assert use_monotonic(3, ioctl) is works
    assert asked == [(set_clock(), struct.pack("i", 1))]
