"""Every reader of foreign bytes, against any bytes; ``python -m tests.fuzz`` does the same guided by coverage."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def targets() -> ModuleType:
    """The programme's own list; tests are no package."""
    name, path = "otolith_fuzz_targets", Path(__file__).parents[1] / "fuzz" / "targets.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@st.composite
def spoilt(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """Any bytes, or a good beginning with some of them changed, cut and continued."""
    noise = draw(st.binary(max_size=200))
    if not seeds or draw(st.booleans()):
        return noise
    seed = bytearray(draw(st.sampled_from(seeds)))
    for at in draw(st.lists(st.integers(0, len(seed) - 1), max_size=4)):
        seed[at] = draw(st.integers(0, 255))
    return bytes(seed[: draw(st.integers(0, len(seed)))]) + noise if draw(st.booleans()) else bytes(seed)


@pytest.mark.parametrize("target", targets().TARGETS, ids=lambda target: target.name)
def test_any_bytes_are_read_or_refused(target: Any) -> None:
    @settings(max_examples=40, deadline=None)
    @given(spoilt(target.seeds))
    def holds(data: bytes) -> None:
        target(data)

    holds()
