"""What travels in the wheel: compiled kernels, types, the dashboard; and what does not."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MUST_TRAVEL = (
    "otolith/py.typed",
    "otolith/dsp/_stream.pyi",
    "otolith/api/dashboard/dist/index.html",
    "otolith/drivers/replay/library/BDS00001.txt.gz",
    "otolith/drivers/replay/library/NOTICE.md",
    "otolith/drivers/analogue/library/amti-or6-7.toml",
    "otolith/service/norms/library/bds-2016.json",
    "otolith/service/norms/library/BDSinfoCOP.txt.gz",
    "otolith/service/norms/library/NOTICE.md",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Names inside a wheel built from this checkout as it stands."""
    if not (ROOT / "api/dashboard/dist/index.html").exists():
        pytest.fail("the dashboard is not built, so the wheel would lack it: run make dashboard")
    out = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(out),
        str(ROOT),
    ]
    subprocess.run(command, check=True, timeout=600)
    (built,) = out.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return archive.namelist()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", MUST_TRAVEL)
def test_the_wheel_has_what_a_station_needs(wheel: list[str], name: str) -> None:
    assert name in wheel


def test_every_kernel_is_compiled_in(wheel: list[str]) -> None:
    kernels = {path.stem for path in (ROOT / "dsp").glob("*.pyx")}
    compiled = {Path(name).name.split(".")[0] for name in wheel if name.endswith(".so")}
    assert kernels
    assert kernels <= compiled


def test_the_wheel_carries_no_tests_sources_or_node_modules(wheel: list[str]) -> None:
    strays = [
        name
        for name in wheel
        if "node_modules" in name or name.endswith(".c") or name.startswith(("tests", "hil_tests"))
    ]
    assert strays == []
