"""The table of scenarios says what the tests are."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_the_page_is_what_the_tests_make_of_it() -> None:
    command = [sys.executable, str(HERE / "matrix.py")]
    made = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert made == (HERE.parent / "docs/reference/scenarios.md").read_text(), (
        "write it again: python hil_tests/matrix.py > docs/reference/scenarios.md"
    )
