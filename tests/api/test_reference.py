"""The references in the repository are what the code generates today."""

from pathlib import Path

import pytest

from otolith.api.reference import references

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize("name", sorted(references()))
def test_reference_is_current(name: str) -> None:
    written = (FOLDER / name).read_text(encoding="utf-8")
    assert written == references()[name], "run: python -m otolith.api.reference docs/reference"
