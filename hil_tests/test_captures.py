"""Captured traffic of boards, replayed through their drivers byte for byte: nothing of it may change unnoticed."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from otolith.drivers.capture.account import account, expected_file, play


async def test_drivers_say_and_read_what_they_did(captures: Sequence[Path], subtests: pytest.Subtests) -> None:
    for path in captures:
        with subtests.test(capture=path.name):
            assert account(*await play(path)) == json.loads(expected_file(path).read_text())
