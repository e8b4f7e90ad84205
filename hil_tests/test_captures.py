"""Captured traffic of boards, replayed through their drivers byte for byte: nothing of it may change unnoticed."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from otolith.drivers.board import Board
from otolith.drivers.capture.file import read_capture
from otolith.drivers.capture.playback import Playback
from otolith.drivers.families import FAMILIES
from otolith.drivers.monikers import Stance
from otolith.drivers.rig.tape import Tape, record
from otolith.drivers.wire import Identity


async def played(path: Path) -> tuple[Board, Tape]:
    capture = read_capture(path)
    head = capture.heading
    identity = Identity(head.release, head.serial, head.name)
    board = await FAMILIES[head.vendor, head.product].over(Playback(capture), identity, "capture", Stance())
    return board, await record(board, lambda _: False, 30.0)


def account(board: Board, tape: Tape) -> dict[str, object]:
    """What a driver made of a capture, in a form to keep beside it."""
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


async def test_drivers_say_and_read_what_they_did(captures: Sequence[Path], subtests: pytest.Subtests) -> None:
    for path in captures:
        with subtests.test(capture=path.name):
            expected = json.loads(path.with_name(path.name.replace(".jsonl.gz", ".expected.json")).read_text())
            assert account(*await played(path)) == expected
