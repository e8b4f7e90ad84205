"""Calibration files: newtons per count, bound to one board by its serial and to themselves by a hash."""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from otolith.drivers.board import BoardInfo
from otolith.drivers.calibration import Linear
from otolith.service.errors import CalibrationError

FORMAT = "otolith-calibration/1"
LARGEST = 1_000_000
"""Bytes; a calibration of 64 cells is a few kB."""


class CalibrationFile(BaseModel):
    """What stands in the file, TOML or JSON by its ending."""

    model_config = ConfigDict(extra="forbid")

    format: str
    family: str
    serial: str
    unit: str
    """Of the counts, as the board gives them."""
    gain: tuple[float, ...]
    """N per count, one per cell."""
    zero: tuple[float, ...]
    """Counts, one per cell."""
    date: str = ""
    by: str = ""
    note: str = ""


def load_calibration(path: Path, info: BoardInfo) -> Linear:
    """The calibration of this board. Raises CalibrationError where the file is unreadable or another board's."""
    data = _read(path)
    try:
        file = CalibrationFile.model_validate(_parse(path, data))
        linear = Linear(file.gain, file.zero, f"file:{hashlib.sha256(data).hexdigest()}")
    except ValidationError as error:
        raise CalibrationError(f"{path}: {_first(error)}") from error
    except ValueError as error:
        raise CalibrationError(f"{path}: {error}") from error
    _refuse_foreign(path, file, info)
    return linear


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise CalibrationError(f"{path}: {error.strerror or error}") from error
    if len(data) > LARGEST:
        raise CalibrationError(f"{path}: too large for a calibration file")
    return data


def _parse(path: Path, data: bytes) -> dict[str, Any]:
    text = data.decode()
    content = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    if not isinstance(content, dict):
        raise CalibrationError(f"{path}: a calibration file is a table of names and values")
    return content


def _first(error: ValidationError) -> str:
    detail = error.errors()[0]
    return f"{'.'.join(str(part) for part in detail['loc'])}: {detail['msg']}"


def _refuse_foreign(path: Path, file: CalibrationFile, info: BoardInfo) -> None:
    cells = len(info.cells)
    complaint = ""
    if file.format != FORMAT:
        complaint = f"format {file.format!r} is not {FORMAT!r}"
    elif (file.family, file.serial) != (info.family, info.serial):
        complaint = f"belongs to {file.family} {file.serial}, and this board is {info.family} {info.serial}"
    elif file.unit != info.unit:
        complaint = f"is for counts in {file.unit!r}, and this board gives {info.unit!r}"
    elif len(file.gain) != cells:
        complaint = f"has {len(file.gain)} cells, and this board has {cells}"
    if complaint:
        raise CalibrationError(f"{path}: {complaint}")
