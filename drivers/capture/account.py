"""What a driver makes of a capture, in a form to keep beside it."""

import hashlib
from pathlib import Path
from typing import Final

from otolith.drivers.board import Board
from otolith.drivers.capture.file import SUFFIX, read_capture
from otolith.drivers.capture.playing import play_capture
from otolith.drivers.rig.tape import Tape, record

PATIENCE: Final = 30.0
"""Seconds for a capture, which is replayed as fast as it is read."""


async def play(path: Path) -> tuple[Board, Tape]:
    """Replay a capture through the driver of its board, to its end; raises DriverError."""
    board = await play_capture(read_capture(path))
    return board, await record(board, lambda _: False, PATIENCE)


def account(board: Board, tape: Tape) -> dict[str, object]:
    """Who it was, how many samples, and fingerprints of all their numbers."""
    seen = board.statistics()
    return {
        "model": board.info.model,
        "unit": board.info.unit,
        "simulated": board.info.simulated,
        "samples": len(tape),
        "missed": seen.missed,
        "malformed": seen.malformed,
        "counts_sha256": hashlib.sha256(tape.counts.astype("<f8").tobytes()).hexdigest(),
        "flags_sha256": hashlib.sha256(tape.flags.astype("<u4").tobytes()).hexdigest(),
    }


def expected_file(path: Path) -> Path:
    """Where the account of a capture is kept: ``board.expected.json`` beside ``board.jsonl.gz``."""
    return path.with_name(path.name.removesuffix(SUFFIX) + ".expected.json")
