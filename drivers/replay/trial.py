"""Recordings of any format that is known here, told apart by their first bytes."""

from collections.abc import Mapping
from enum import Enum
from pathlib import Path

import numpy as np

from otolith.drivers.batch import UNTRUSTED, Batch
from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.c3d.file import C3dFile
from otolith.drivers.replay.c3d.layout import KEY as C3D_KEY
from otolith.drivers.replay.journal import MCAP_MAGIC, Journal, Recovery
from otolith.drivers.replay.parquet import MAGIC as PARQUET_MAGIC
from otolith.drivers.replay.parquet import read_parquet
from otolith.drivers.replay.recording import Column, Recording, gaps_of
from otolith.drivers.replay.table import read_table
from otolith.drivers.replay.xdf.file import read_xdf
from otolith.drivers.replay.xdf.survey import MAGIC as XDF_MAGIC


class Kind(Enum):
    """Formats that are known here."""

    JOURNAL = "a journal"
    C3D = "a C3D file"
    PARQUET = "a Parquet file"
    XDF = "an XDF file"
    TABLE = "a text table"

    @property
    def words(self) -> str:
        """For people."""
        return self.value


ENDINGS = {".c3d": Kind.C3D, ".parquet": Kind.PARQUET, ".xdf": Kind.XDF, ".xdfz": Kind.XDF}
"""What a file is meant to be whose first bytes do not tell."""
MAGICS = {MCAP_MAGIC: Kind.JOURNAL, PARQUET_MAGIC: Kind.PARQUET, XDF_MAGIC: Kind.XDF}


def read_recording(
    path: Path,
    columns: Mapping[str, str] | None = None,
    units: str | None = None,
    rate: float | None = None,
    stream: str | None = None,
    *,
    even: bool = True,
) -> Recording | C3dFile:
    """A journal of this program, a Parquet file, a stream of an XDF file, or a text table (see :func:`read_table`).

    ``even`` lets jittering time stamps be evened out, as figures need it; a replay wants them as they are. A C3D file
    comes as it is: its CoP is not in it, and is computed by whoever may. Raises RecordingError.
    """
    kind = kind_of(path)
    if stream is not None and kind is not Kind.XDF:
        raise RecordingError(f"{path}: --stream chooses a stream of an XDF file, and this is none")
    match kind:
        case Kind.JOURNAL:
            return read_journal(path)
        case Kind.C3D:
            return C3dFile(path)
        case Kind.PARQUET:
            return read_parquet(path, columns, units, rate)
        case Kind.XDF:
            return read_xdf(path, columns, units, rate, stream, even=even)
        case Kind.TABLE:
            return read_table(path, columns, units, rate)


def kind_of(path: Path) -> Kind:
    """The format, by the first bytes; by the ending where these say nothing. An unreadable file counts as a table."""
    try:
        with path.open("rb") as file:
            head = file.read(len(MCAP_MAGIC))
    except OSError:
        return Kind.TABLE  # read_table says what is wrong with it
    for magic, kind in MAGICS.items():
        if head.startswith(magic):
            return kind
    if len(head) > 1 and head[1] == C3D_KEY and head[0] < ord(" "):
        return Kind.C3D
    return ENDINGS.get(path.suffix.lower(), Kind.TABLE)


def read_journal(path: Path) -> Recording:
    """The loads of a journal, at the board's nominal rate; what was lost on the way is a gap. Raises RecordingError.

    Samples of a board that samples when it likes are where the journal says they were.
    """
    journal = Journal(path)
    board = journal.head.board
    parts = [(batch, loads) for batch, loads in journal.loads() if len(batch)]
    if not parts:
        raise RecordingError(f"{path}: the journal holds no samples")
    loads = np.concatenate([loads for _, loads in parts])
    flags = np.concatenate([batch.flags for batch, _ in parts])
    seq = np.concatenate([batch.seq + np.arange(len(batch)) for batch, _ in parts])
    bad = (flags & np.uint32(UNTRUSTED)) != 0
    loads[bad] = np.nan
    t = _moments([batch for batch, _ in parts]) if board.irregular else (seq - seq[0]) / board.rate
    missed = np.diff(seq, prepend=seq[0] - 1) - 1
    return Recording(
        name=path.stem,
        source=str(path),
        rate=board.rate,
        t=t,
        loads=loads,
        cells=board.cells,
        plates=board.plates,
        flags=flags,
        gaps=gaps_of(t, bad, missed),
        irregular="the board samples when it likes" if board.irregular else None,
        notes=_damage(journal.recovery),
    )


def _moments(batches: list[Batch]) -> Column:
    """``(n,)`` seconds, strictly increasing: when the samples were taken, or came where nobody worked that out."""
    known = np.concatenate([batch.t_host if batch.t is None else batch.t for batch in batches])
    steps = np.arange(len(known))
    forward = np.maximum.accumulate(known - steps) + steps
    return np.asarray((forward - known[0]) * 1e-9, dtype=np.float64)


def _damage(recovery: Recovery) -> tuple[str, ...]:
    """What has happened to a journal since it was begun."""
    said = (
        (not recovery.complete, "the journal was never closed; it ends with the last whole block"),
        (recovery.damaged > 0, f"the journal is damaged in {recovery.damaged} places"),
    )
    return tuple(sentence for applies, sentence in said if applies)
