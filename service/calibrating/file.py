"""Calibration files on disk: read strictly, bound to one board, changed by nobody unnoticed."""

import json
import tomllib
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import ValidationError

from otolith.drivers.board import BoardInfo
from otolith.drivers.calibration import Calibration
from otolith.service.calibrating.content import FORMAT, FORMER, Content, FormerContent
from otolith.service.calibrating.toml_text import toml_text
from otolith.service.errors import CalibrationError

SIX: Final = 6
"""Loads of a plate that measures wrenches."""
LARGEST: Final = 1_000_000
"""Bytes; a calibration of 64 cells with all its observations is some 100 kB."""


def load_calibration(path: Path, info: BoardInfo) -> Calibration:
    """The calibration of this board. Raises CalibrationError where the file is unreadable, changed, or another's."""
    content = read_content(path)
    refuse_foreign(str(path), content, info)
    return content.calibration()


def read_content(path: Path, *, changed: bool = False) -> Content:
    """What stands in a file, in format /2 or /1; ``changed``: take it although it was edited since it was signed.

    Raises CalibrationError.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise CalibrationError(f"{path}: {error.strerror or error}") from error
    return parse_content(str(path), data, is_json=path.suffix == ".json", changed=changed)


def parse_content(name: str, data: bytes, *, is_json: bool, changed: bool = False) -> Content:
    """The same from bytes; ``name`` is for messages."""
    if len(data) > LARGEST:
        raise CalibrationError(f"{name}: too large for a calibration file")
    try:
        values = json.loads(data.decode()) if is_json else tomllib.loads(data.decode())
        content = _content(values, data)
    except ValidationError as error:
        raise CalibrationError(f"{name}: {_first(error)}") from error
    except (ValueError, RecursionError) as error:
        raise CalibrationError(f"{name}: {error}") from error
    former = values.get("format") == FORMER
    if not (changed or former or content.intact):
        raise CalibrationError(
            f"{name}: its content is not what was signed (hash {content.hash or 'missing'}). If the change was meant,"
            " sign it again: otolith calibrate sign FILE"
        )
    return content


def refuse_foreign(name: str, content: Content, info: BoardInfo) -> None:
    """Raises CalibrationError where the file is not this board's."""
    board, calibration = content.board, content.calibration()
    channels = len(calibration.zero)
    complaint = ""
    if (board.family, board.serial) != (info.family, info.serial):
        complaint = f"belongs to {board.family} {board.serial}, and this board is {info.family} {info.serial}"
    elif board.unit != info.unit:
        complaint = f"is for counts in {board.unit!r}, and this board gives {info.unit!r}"
    elif channels != info.channels:
        complaint = f"is for {channels} channels, and this board has {info.channels}"
    elif (made := len(calibration.loads(np.zeros((1, channels)))[0])) != (asked := _loads(info)):
        complaint = f"makes {made} loads, and {info.model} has {asked}"
    if complaint:
        raise CalibrationError(f"{name}: {complaint}. Calibrate this board itself, or open it with a file of its own")


def _loads(info: BoardInfo) -> int:
    return len(info.cells) + SIX * len(info.plates)


def text_of(content: Content) -> str:
    """The file, TOML."""
    return toml_text(content.plain())


def _content(values: Any, data: bytes) -> Content:  # noqa: ANN401 - whatever the file holds
    if not isinstance(values, dict):
        raise ValueError("a calibration file is a table of names and values")  # noqa: TRY004 - of data, not of code
    if values.get("format") == FORMER:
        return FormerContent.model_validate(values).renewed(data)
    if values.get("format") != FORMAT:
        raise ValueError(f"format {values.get('format')!r} is neither {FORMAT!r} nor {FORMER!r}")
    return Content.model_validate(values)


def _first(error: ValidationError) -> str:
    detail = error.errors()[0]
    return f"{'.'.join(str(part) for part in detail['loc'])}: {detail['msg'].removeprefix('Value error, ')}".lstrip(
        ": "
    )
