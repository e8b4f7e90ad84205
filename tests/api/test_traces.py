"""Frames become traces: every sample once, in order, gaps kept."""

import itertools

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from otolith.api.messages import ServerMessage, Trace
from otolith.api.stream import encode
from otolith.api.traces import MAX_SAMPLES, trace_of
from otolith.service.frame import Frame


def frame_of(seq: int, n: int, missed: int = 0) -> Frame:
    index = np.arange(seq, seq + n, dtype=np.float64)
    cop = np.stack([index, -index], axis=1)
    return Frame(
        board="b",
        seq=seq,
        missed=missed,
        t=(index * 8e6).astype(np.int64),
        t_arrival=(index * 8e6).astype(np.int64),
        counts=np.zeros((n, 4)),
        loads=np.tile(index[:, None], 4),
        force=4 * index,
        cop=cop,
        smooth=cop,
        flags=np.zeros(n, dtype=np.uint32),
        sway=None,
    )


@given(st.lists(st.tuples(st.integers(1, 700), st.sampled_from([0, 0, 0, 1, 50])), max_size=20))
def test_every_sample_once_in_order_with_its_gaps(parts: list[tuple[int, int]]) -> None:
    frames, seq = [], 0
    for n, missed in parts:
        seq += missed
        frames.append(frame_of(seq, n, missed))
        seq += n
    traces = trace_of(frames)
    samples = [trace.seq + i for trace in traces for i in range(len(trace.t))]
    assert samples == [frame.seq + i for frame in frames for i in range(len(frame))]
    assert [x for trace in traces for x in trace.x] == samples
    assert sum(trace.missed for trace in traces) == sum(frame.missed for frame in frames)
    assert all(len(trace.t) < MAX_SAMPLES + 700 for trace in traces)
    for before, after in itertools.pairwise(traces):
        gap = after.seq - (before.seq + len(before.t))
        assert gap == after.missed


def test_frames_dropped_for_this_reader_begin_a_new_trace() -> None:
    assert [trace.seq for trace in trace_of([frame_of(0, 3), frame_of(10, 3)])] == [0, 10]


def test_nobody_on_the_board_travels_as_null() -> None:
    frame = frame_of(0, 2)
    frame.smooth[1] = np.nan
    (trace,) = trace_of([frame])
    decoded = msgspec.json.decode(encode(trace), type=ServerMessage)
    assert isinstance(decoded, Trace)
    assert decoded.x == [0.0, None]
