"""Calibration files: bound to one board, hashed, refused in plain words."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from otolith.drivers.board import BoardInfo
from otolith.drivers.calibration import Linear
from otolith.service.calibrating.file import load_calibration
from otolith.service.errors import CalibrationError

GOOD: dict[str, Any] = {
    "format": "otolith-calibration/1",
    "family": "twin",
    "serial": "1001",
    "unit": "count",
    "gain": [0.01, 0.02, 0.03, 0.04],
    "zero": [1.0, 2.0, 3.0, 4.0],
}


def test_a_file_for_this_board_is_used_and_named_by_its_hash(tmp_path: Path, info: Callable[..., BoardInfo]) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(GOOD))
    linear = load_calibration(path, info())
    assert isinstance(linear, Linear)
    assert linear.gain == (0.01, 0.02, 0.03, 0.04)
    assert linear.zero == (1.0, 2.0, 3.0, 4.0)
    assert linear.source == f"file:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def test_toml_is_read_too(tmp_path: Path, info: Callable[..., BoardInfo]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("\n".join(f"{key} = {json.dumps(value)}" for key, value in GOOD.items()))
    assert load_calibration(path, info()).zero == (1.0, 2.0, 3.0, 4.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"serial": "1002"}, "belongs to twin 1002, and this board is twin 1001"),
        ({"family": "wii"}, "belongs to wii 1001"),
        ({"unit": "V/V"}, "counts in 'V/V'"),
        ({"format": "otolith-calibration/9"}, "format 'otolith-calibration/9'"),
        ({"gain": [1.0], "zero": [0.0]}, "is for 1 channels, and this board has 4"),
        ({"gain": [1.0]}, "one gain and one zero per cell"),
        ({"gain": ["x"] * 4}, "gain.0"),
        ({"gain": [float("nan")] * 4}, "finite"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_wrong_file_is_refused(
    tmp_path: Path, info: Callable[..., BoardInfo], change: dict[str, Any], words: str
) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(GOOD | change))
    with pytest.raises(CalibrationError, match=words) as refusal:
        load_calibration(path, info())
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b"{", b"\xff\xfe", b" " * 1_000_001])
def test_what_is_no_calibration_is_refused(tmp_path: Path, info: Callable[..., BoardInfo], content: bytes) -> None:
    for name in ("a.json", "a.toml"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CalibrationError, match=name):
            load_calibration(tmp_path / name, info())
    with pytest.raises(CalibrationError, match="No such file"):
        load_calibration(tmp_path / "none.json", info())
