"""Reference values and the trials they were computed from."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from otolith.drivers.replay.recording import Recording
from otolith.drivers.replay.roles import parse_columns
from otolith.drivers.replay.table import read_table

HERE = Path(__file__).parent
COLUMNS = parse_columns("t=Time[s],ml=COPy[cm],ap=COPx[cm],fx=Fx,fy=Fy,fz=Fz,mx=Mx,my=My,mz=Mz")


@pytest.fixture(scope="session")
def references() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / "references.json").read_text())
    return found


@pytest.fixture(scope="session")
def trial() -> Callable[[str], Recording]:
    """A shipped trial by its name."""
    return lambda name: read_table(HERE.parents[1] / f"drivers/replay/library/{name}.txt.gz", COLUMNS)
