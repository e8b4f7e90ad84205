"""The rig's benches: the same scenarios wherever the other end of the wire is."""

import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from otolith.drivers.rig.bench import Bench

LIVE = ("usbip", "real")
MISSING = {
    "none": "captures, and boards inside another machine, cannot be plugged in here: run with --bench usbip",
    "real": "the real bench is not here yet: it will need a bench.toml that names the board on this desk",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("rig")
    group.addoption(
        "--bench",
        action="append",
        choices=[*LIVE, "capture", "kernel"],
        help="what boards under test hang on; several may be given (default: OTOLITH_BENCHES, or usbip and capture)",
    )
    group.addoption("--seconds", type=float, default=3.0, help="how long the stream scenarios stream (default: 3)")


def chosen_benches(config: pytest.Config) -> Sequence[str]:
    return config.getoption("--bench") or os.environ.get("OTOLITH_BENCHES", "usbip,capture").split(",")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "bench" in metafunc.fixturenames:
        chosen = [name for name in chosen_benches(metafunc.config) if name in LIVE]
        metafunc.parametrize("bench", chosen or ["none"], indirect=True)


@pytest.fixture
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """The live bench of this run."""
    if request.param in MISSING:
        pytest.skip(MISSING[request.param])
    async with Bench() as bench:
        yield bench


@pytest.fixture(scope="session")
def benches(pytestconfig: pytest.Config) -> Sequence[str]:
    """Names of the benches of this run."""
    return chosen_benches(pytestconfig)


@pytest.fixture
def seconds(request: pytest.FixtureRequest) -> float:
    """How long to stream."""
    return float(request.config.getoption("--seconds"))


@pytest.fixture
def captures(request: pytest.FixtureRequest) -> Sequence[Path]:
    """Captured traffic of boards, where this run replays it."""
    if "capture" not in chosen_benches(request.config):
        pytest.skip("captures are replayed with --bench capture")
    found = sorted((Path(__file__).parent / "captures").glob("*.jsonl.gz"))
    assert found, "no captures beside the scenarios"
    return found
