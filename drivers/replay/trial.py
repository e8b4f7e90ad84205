"""Recordings of any format that is known here, told apart by their first bytes."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from otolith.drivers.batch import Flag
from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.journal import MCAP_MAGIC, Journal
from otolith.drivers.replay.recording import Recording, gaps_of
from otolith.drivers.replay.table import read_table

UNTRUSTED = int(Flag.SATURATED | Flag.CHANNEL_ERROR | Flag.INVALID)
"""Samples with one of these hold no number."""


def read_recording(
    path: Path, columns: Mapping[str, str] | None = None, units: str | None = None, rate: float | None = None
) -> Recording:
    """A journal of this program, or a text table (see :func:`read_table`). Raises RecordingError."""
    try:
        with path.open("rb") as file:
            journal = file.read(len(MCAP_MAGIC)) == MCAP_MAGIC
    except OSError:
        journal = False  # read_table says what is wrong with it
    return read_journal(path) if journal else read_table(path, columns, units, rate)


def read_journal(path: Path) -> Recording:
    """The loads of a journal, at the board's nominal rate; what was lost on the way is a gap. Raises RecordingError."""
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
    t = (seq - seq[0]) / board.rate
    missed = np.diff(seq, prepend=seq[0] - 1) - 1
    return Recording(
        name=path.stem,
        source=str(path),
        rate=board.rate,
        t=t,
        loads=loads,
        cells=board.cells,
        gaps=gaps_of(t, bad, missed),
    )
