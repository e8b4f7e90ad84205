"""Packages from PyPI that compute the same, on the same numbers. Times are per sample."""

import importlib
import importlib.util
import math
import os
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.speed.harness import Absent, Goal, Race, benchmark
from tests.speed.kernels import BLOCK, X, Y, our_cop, standing
from tests.speed.metrics import N, antropy, sway, table

from otolith.dsp import entropy
from otolith.dsp.fractal import dfa_exponent, scales
from otolith.dsp.metrics.core import path_length
from otolith.dsp.trace import Trace

Array = NDArray[np.float64]
ROOT = Path(__file__).parents[2]
LISTED = 10_000
"""Rows that Python lists are given: they cost the same each."""


def package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Absent(f"{name} is not installed: pip install 'otolith[bench]'") from error


def agreed(ours: float, theirs: float, relative: float = 1e-9) -> None:
    """Raise Absent where two answers differ: that would be no race."""
    if not math.isclose(ours, theirs, rel_tol=relative):
        raise Absent(f"the peer computes something else: {theirs!r}, not {ours!r}")


@benchmark("sample entropy, 3000 of sway", peer="EntropyHub", goal=Goal(faster=500.0))
def sampen_entropyhub() -> Race:
    x, peer = sway(), package("EntropyHub")
    agreed(entropy.sample_entropy(x), float(peer.SampEn(x, m=2, r=0.2 * x.std())[0][2]))
    return Race(lambda: entropy.sample_entropy(x), lambda: peer.SampEn(x, m=2, r=0.2 * x.std()), N, N)


@benchmark("sample entropy, 3000 of sway", peer="neurokit2")
def sampen_neurokit() -> Race:
    x, peer = sway(), package("neurokit2")
    tolerance = 0.2 * float(x.std())
    agreed(entropy.sample_entropy(x), float(peer.entropy_sample(x, dimension=2, tolerance=tolerance)[0]))
    return Race(
        lambda: entropy.sample_entropy(x), lambda: peer.entropy_sample(x, dimension=2, tolerance=tolerance), N, N
    )


@benchmark("sample entropy, 3000 of sway", peer="micromotion")
def sampen_micromotion() -> Race:
    x, peer = sway(), package("micromotion.dynamics")
    agreed(entropy.sample_entropy(x), peer.sampen(x))
    return Race(lambda: entropy.sample_entropy(x), lambda: peer.sampen(x), N, N)


@benchmark("sample entropy, 3000, baseline kernel", peer="antropy (numba)", goal=Goal(faster=8.0))
def sampen_baseline() -> Race:
    x, peer, ours = sway(), antropy(), baseline_entropy()
    agreed(ours.sample_entropy(x), float(peer.sample_entropy(x)))
    return Race(lambda: ours.sample_entropy(x), lambda: peer.sample_entropy(x), N, N)


@benchmark("sample entropy, 3000, v3 kernel", peer="us, baseline kernel")
def sampen_bodies() -> Race:
    x, peer = sway(), baseline_entropy()
    return Race(lambda: entropy.sample_entropy(x), lambda: peer.sample_entropy(x), N, N)


@lru_cache(maxsize=1)
def baseline_entropy() -> Any:
    """The entropy module over a kernel without its second body, built aside (docs/decisions/0005)."""
    folder = tempfile.TemporaryDirectory(prefix="otolith-baseline-")
    build = [sys.executable, "setup.py", "--quiet", "build_ext", f"--build-lib={folder.name}"]
    environment = os.environ | {"OTOLITH_ONE_BODY": "1", "OTOLITH_KERNELS": "_entropy"}
    done = subprocess.run(
        [*build, f"--build-temp={folder.name}/temp"], cwd=ROOT, env=environment, check=False, capture_output=True
    )
    if done.returncode != 0:
        raise Absent("the baseline kernel does not build here: a compiler and Cython are needed")
    kernel = _load(next((Path(folder.name) / "otolith/dsp").glob("_entropy.*")), "otolith.dsp._entropy")
    twin = _load(Path(entropy.__file__), "otolith.dsp.entropy")
    twin.__dict__["_entropy"] = kernel
    twin.__dict__["folder"] = folder  # it lives as long as its kernel
    return twin


def _load(file: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@benchmark("DFA, 3000, our scales", peer="neurokit2")
def dfa_neurokit() -> Race:
    x, peer, sizes = sway(), package("neurokit2"), scales(N)
    agreed(dfa_exponent(x, sizes), float(peer.fractal_dfa(x, scale=sizes, overlap=False, show=False)[0]))
    return Race(
        lambda: dfa_exponent(x, sizes), lambda: peer.fractal_dfa(x, scale=sizes, overlap=False, show=False), N, N
    )


@benchmark("DFA, 3000, 18 scales", peer="micromotion")
def dfa_micromotion() -> Race:
    x, peer = sway(), package("micromotion.dynamics")
    sizes = np.unique(np.round(np.logspace(1.0, np.log10(N // 4), 18)).astype(np.intp))
    agreed(dfa_exponent(x, sizes), peer.dfa(x, smin=10)["alpha"])
    return Race(lambda: dfa_exponent(x, sizes), lambda: peer.dfa(x, smin=10), N, N)


@benchmark("CoP, 4 cells, 1e6 rows", peer="numba loop")
def cop_numba() -> Race:
    loads, njit = standing(BLOCK), package("numba").njit
    force, cop = np.empty(BLOCK), np.empty((BLOCK, 2))

    def loop(loads: Array, x: Array, y: Array, force: Array, cop: Array) -> None:
        for i in range(len(loads)):
            total = mx = my = 0.0
            for k in range(loads.shape[1]):
                total += loads[i, k]
                mx += loads[i, k] * x[k]
                my += loads[i, k] * y[k]
            force[i] = total
            loaded = total >= 20.0  # N, as ours
            cop[i, 0] = mx / total if loaded else np.nan
            cop[i, 1] = my / total if loaded else np.nan

    compiled = njit(loop)
    return Race(our_cop(loads), lambda: compiled(loads, X, Y, force, cop), BLOCK, BLOCK)


@benchmark("CoP, 4 cells, 1e6 rows", peer="Python lists", goal=Goal(faster=100.0))
def cop_lists() -> Race:
    loads = standing(BLOCK)
    rows, (x0, x1, x2, x3), (y0, y1, y2, y3) = loads[:LISTED].tolist(), X.tolist(), Y.tolist()

    def peer() -> list[tuple[float, float]]:
        out = []
        for a, b, c, d in rows:
            total = a + b + c + d
            if total < 20.0:  # N, as ours
                out.append((math.nan, math.nan))
                continue
            mx, my = a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3
            out.append((mx / total, my / total))
        return out

    return Race(our_cop(loads), peer, BLOCK, LISTED)


@benchmark("CoP, 4 cells, 1e6 rows", peer="openbalance")
def cop_openbalance() -> Race:
    loads, kinematics = standing(BLOCK), package("openbalance.processing.kinematics")
    trial = package("openbalance.core.trial").Trial(loads, 100.0, ["a", "b", "c", "d"])
    trial.filtered_data = loads
    cells = list(zip(X.tolist(), Y.tolist(), strict=True))
    return Race(our_cop(loads), lambda: kinematics.calculate_cop(trial, cells), BLOCK, BLOCK)


def both_axes() -> tuple[Array, Array]:
    ml = 10.0 * table()[:N, 8]
    return ml - ml.mean(), sway()


@benchmark("path length, 3000, input checked", peer="micromotion")
def path_micromotion() -> Race:
    ml, ap = both_axes()
    peer, points = package("micromotion.posture"), np.column_stack([ml, ap])
    agreed(path_length(Trace(ml, ap, 100.0)), peer.path_length(points)["path"])
    return Race(lambda: path_length(Trace(ml, ap, 100.0)), lambda: peer.path_length(points), N, N)


@benchmark("path length, 3000, input checked", peer="openbalance")
def path_openbalance() -> Race:
    ml, ap = both_axes()
    kinematics = package("openbalance.processing.kinematics")
    trial = package("openbalance.core.trial").Trial(np.column_stack([ml, ap]), 100.0, ["x", "y"])
    trial.parameters = {"COP_x": ml, "COP_y": ap}
    agreed(path_length(Trace(ml, ap, 100.0)), float(kinematics.calculate_path_length(trial).parameters["Path_Length"]))
    return Race(lambda: path_length(Trace(ml, ap, 100.0)), lambda: kinematics.calculate_path_length(trial), N, N)
