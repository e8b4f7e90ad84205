"""What a procedure has done so far, line by line on disk, so that a crash or a power cut costs one step at most."""

import os
from pathlib import Path
from typing import Final, Literal

import msgspec

from otolith.drivers.board import BoardInfo
from otolith.service.calibrating.gravity import Gravity
from otolith.service.calibrating.plan import Plan, PlanTable, table_of
from otolith.service.calibrating.procedure import Action, Procedure
from otolith.service.calibrating.reading import Reading
from otolith.service.errors import CalibrationRefused

NAME: Final = "procedure.jsonl"


class Head(msgspec.Struct, frozen=True, tag="head", forbid_unknown_fields=True):
    """The first line: which board, which plan."""

    family: str
    serial: str
    unit: str
    source: str
    """Of the calibration in use while it is measured."""
    plan: str
    """JSON of its table."""
    gravity: Gravity
    by: str
    at: str


class Deed(msgspec.Struct, frozen=True, tag="deed", forbid_unknown_fields=True):
    """Something that changed what is measured."""

    what: Literal["accept", "skip", "redo", "resume"]
    at: str
    reading: Reading | None = None


_LINE: Final = msgspec.json.Decoder(Head | Deed)


class Diary:
    """One procedure's lines; blocking, so call it in a thread."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    @property
    def exists(self) -> bool:
        """Whether a procedure is under way, or was when the station died."""
        return self.path.exists()

    def begin(self, info: BoardInfo, source: str, plan: Plan, by: str, at: str) -> None:
        """A new one. Raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = table_of(plan).model_dump_json()
        head = Head(info.family, info.serial, info.unit, source, text, plan.gravity, by, at)
        self.path.write_bytes(b"")
        self._append(head)

    def note(self, what: Literal["accept", "skip", "redo", "resume"], at: str, reading: Reading | None = None) -> None:
        """One more deed, on the disk when this returns. Raises OSError."""
        self._append(Deed(what, at, reading))

    def end(self) -> None:
        """The procedure is over; its file goes."""
        self.path.unlink(missing_ok=True)

    def plan(self, info: BoardInfo, source: str) -> Plan:
        """Of the procedure that was under way. Raises CalibrationRefused where it is another's, or unreadable."""
        head = self._lines()[0]
        if not isinstance(head, Head) or (head.family, head.serial, head.unit) != (info.family, info.serial, info.unit):
            raise CalibrationRefused("the procedure that was under way is of another board: begin a new one")
        if head.source != source:
            raise CalibrationRefused("the board's calibration has changed since the procedure began: begin a new one")
        return PlanTable.model_validate_json(head.plan).plan(head.gravity)

    def replay(self, procedure: Procedure) -> None:
        """Bring a procedure of that plan to where it was. Raises CalibrationRefused."""
        for line in self._lines()[1:]:
            if isinstance(line, Deed):
                _redo(procedure, line)

    def _lines(self) -> list[Head | Deed]:
        """All whole lines; one that a power cut tore is left out."""
        if not self.exists:
            raise CalibrationRefused("no procedure of this board is under way: begin a new one")
        try:
            rows = self.path.read_bytes().split(b"\n")[:-1]
            found = [_LINE.decode(row) for row in rows]
        except (OSError, msgspec.DecodeError, ValueError) as error:
            raise CalibrationRefused(f"{self.path} cannot be read ({error}): begin a new procedure") from error
        if not found:
            raise CalibrationRefused(f"{self.path} is empty: begin a new procedure")
        return found

    def _append(self, line: Head | Deed) -> None:
        with self.path.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _redo(procedure: Procedure, deed: Deed) -> None:
    if deed.what == "accept" and deed.reading is not None:
        procedure.recall(deed.reading, deed.at)
    elif deed.what == "resume":
        procedure.resume()
    elif deed.what != "accept":
        procedure.act(Action(deed.what), deed.at)
