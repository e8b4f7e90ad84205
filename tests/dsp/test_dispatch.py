"""The two bodies of the block kernels give the same bits (docs/decisions/0005)."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from otolith.dsp import _cop, _wrench
from otolith.dsp._dispatch import instruction_set

ROOT = Path(__file__).parents[2]


def test_the_instruction_set_is_one_of_two() -> None:
    assert instruction_set() in {"baseline", "x86-64-v3"}


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kernels built without a second body, beside those of this installation."""
    if not (ROOT / "setup.py").exists() or instruction_set() == "baseline":
        pytest.skip("only one body here: the kernels already are the baseline")
    folder = tmp_path_factory.mktemp("baseline")
    build = [sys.executable, "setup.py", "--quiet", "build_ext", f"--build-lib={folder}", f"--build-temp={folder}/temp"]
    environment = os.environ | {"OTOLITH_ONE_BODY": "1"}
    subprocess.run(build, cwd=ROOT, env=environment, check=True, capture_output=True)  # noqa: S603 - our own words
    return folder / "otolith" / "dsp"


def load(folder: Path, name: str) -> ModuleType:
    file = next(folder.glob(f"{name}.*"))
    spec = importlib.util.spec_from_file_location(f"otolith.dsp.{name}", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_both_bodies_give_the_same_bits(baseline: Path) -> None:
    one_body, rng = load(baseline, "_dispatch"), np.random.default_rng(1)
    assert one_body.instruction_set() == "baseline"
    x, y = rng.normal(0.0, 200.0, 4), rng.normal(0.0, 200.0, 4)
    for loads in (rng.uniform(-5.0, 300.0, (1003, 4)), np.asfortranarray(rng.uniform(-5.0, 300.0, (1003, 4)))):
        results = []
        for module in (_cop, load(baseline, "_cop")):
            force, cop = np.empty(1003), np.empty((1003, 2), order="F" if loads.flags.f_contiguous else "C")
            module.cells(loads, x, y, 20.0, force, cop)
            results.append((force, cop))
        np.testing.assert_array_equal(results[0][0], results[1][0])
        np.testing.assert_array_equal(results[0][1], results[1][1])
    for channels in (6, 8):
        signals, columns = rng.normal(5.0, 1.0, (501, channels)), rng.normal(0.0, 50.0, (channels, 6))
        wrenches = []
        for module in (_wrench, load(baseline, "_wrench")):
            wrench, cop, free_moment = np.empty((501, 6)), np.empty((501, 2)), np.empty(501)
            module.calibrated(signals, columns, np.array([1.0, 2.0, -40.0]), 20.0, wrench, cop, free_moment)
            wrenches.append((wrench, cop, free_moment))
        for ours, theirs in zip(*wrenches, strict=True):
            np.testing.assert_array_equal(ours, theirs)
