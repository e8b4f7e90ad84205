"""Where calibrations are kept: one folder for each board, numbered files that are never overwritten."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from otolith.service.calibrating.content import Content
from otolith.service.calibrating.file import read_content, text_of
from otolith.service.errors import CalibrationError

NAME: Final = re.compile(r"([0-9]{4})\.toml")


@dataclass(frozen=True, slots=True)
class Stored:
    """A file on the shelf."""

    number: int
    path: Path


class Shelf:
    """Reads and writes files: call it in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def stored(self, board: str) -> list[Stored]:
        """The calibrations of a board (``BoardInfo.id``), oldest first. Raises CalibrationError."""
        try:
            names = sorted(path.name for path in self.folder(board).iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise CalibrationError(f"{self.folder(board)}: {error.strerror or error}") from error
        found = [match for name in names if (match := NAME.fullmatch(name))]
        return [Stored(int(match[1]), self.folder(board) / match[0]) for match in found]

    def newest(self, board: str) -> Content | None:
        """The calibration in force, if there is one. Raises CalibrationError where it cannot be trusted."""
        stored = self.stored(board)
        return read_content(stored[-1].path) if stored else None

    def add(self, board: str, content: Content) -> Content:
        """Sign it as the successor of the newest and keep it; returns what was kept. Raises CalibrationError.

        After a newest file that cannot be read, the chain begins afresh with its number.
        """
        stored = self.stored(board)
        number = stored[-1].number + 1 if stored else 1
        kept = content.model_copy(update={"previous": self._hash(stored), "version": number}).signed()
        path = self.folder(board) / f"{number:04d}.toml"
        try:
            self.folder(board).mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_new(path, text_of(kept))
        except OSError as error:
            raise CalibrationError(f"{path}: {error.strerror or error}") from error
        return kept

    def folder(self, board: str) -> Path:
        """Of one board. Raises CalibrationError where that is no board's id."""
        if not re.fullmatch(r"[a-z0-9-]{1,128}", board):
            raise CalibrationError(f"{board!r} is no board's id")
        return self._folder / board

    def _hash(self, stored: list[Stored]) -> str:
        try:
            return read_content(stored[-1].path, changed=True).hash if stored else ""
        except CalibrationError:
            return ""


def _write_new(path: Path, text: str) -> None:
    """All of it or nothing, on the disk before anybody is told; never over another file."""
    draft = path.with_suffix(".part")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
