"""What every test shares: marks for parts a machine may lack, the slow switch."""

import os
import shutil

import pytest
from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
"""No test may depend on how busy this machine is: an example may take as long as it takes."""

PARTS = {
    "browser": (("chromium", "chromium-browser", "google-chrome"), "no Chromium on PATH: apt-get install chromium"),
    "broker": (("mosquitto",), "no mosquitto on PATH: apt-get install mosquitto"),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run the tests marked slow, at full length")


def _missing(part: str) -> str | None:
    programs, sentence = PARTS[part]
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    return None if any(shutil.which(program, path=path) for program in programs) else sentence


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip where a part is missing, with the sentence that says how to get it; fail where it was required."""
    required = os.environ.get("OTOLITH_REQUIRE", "").split(",")
    for part in PARTS:
        sentence = _missing(part) if item.get_closest_marker(part) else None
        if sentence and part in required:
            pytest.fail(f"required by OTOLITH_REQUIRE, but {sentence}", pytrace=False)
        if sentence:
            pytest.skip(sentence)
    if item.get_closest_marker("slow") and not item.config.getoption("--slow"):
        pytest.skip("slow: runs with --slow; a smaller version of it runs always")
