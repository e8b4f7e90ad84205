"""A push takes no memory: neither Python objects nor traced blocks."""

import gc
import sys
import tracemalloc

from otolith.dsp._stream import CopStream
from otolith.dsp._sway import SwayWindow
from otolith.dsp.filters import butter_lowpass


def test_a_push_allocates_nothing() -> None:
    stream = CopStream(
        [-1, 1, -1, 1], [1, 1, -1, -1], [1] * 4, [0] * 4, rate=100.0, sos=butter_lowpass(4, 10, 100), window=50
    )
    window = SwayWindow(50, rate=100.0)
    loads, missing = (100.0, 101.0, 102.0, 103.0), (0.0, 0.0, 0.0, 0.0)
    rounds = range(500)
    gc.collect()
    blocks = sys.getallocatedblocks()
    tracemalloc.start()
    for _ in rounds:
        stream.push(*loads)
        stream.push(*missing)
        window.push(1.0, 2.0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The loop itself holds an argument tuple, an iterator and a counter at a time.
    assert peak < 1000
    assert abs(sys.getallocatedblocks() - blocks) < 50
