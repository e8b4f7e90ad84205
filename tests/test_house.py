"""The structure itself: one name per room, a public door, links that are links."""

import pkgutil
import subprocess
import sys
from importlib import import_module

import otolith

ROOMS = {"api", "drivers", "dsp", "service"}
IMPORT_EVERYTHING = """
import pkgutil, sys, otolith
for module in pkgutil.walk_packages(otolith.__path__, "otolith."):
    if not module.name.endswith(("__main__", "migrations.env")):
        __import__(module.name)
print(*sorted({"api", "drivers", "dsp", "service"} & set(sys.modules)))
"""


def test_no_room_is_imported_under_two_names() -> None:
    """Importing everything (but what Alembic alone can run) loads no room by its bare name."""
    run = subprocess.run(
        [sys.executable, "-c", IMPORT_EVERYTHING], capture_output=True, text=True, check=True, timeout=100
    )
    assert run.stdout.strip() == ""


def test_the_door_leads_to_every_room() -> None:
    found = {module.name for module in pkgutil.iter_modules(otolith.__path__) if module.ispkg}
    assert found == ROOMS


def test_every_room_says_what_it_is_for() -> None:
    assert all((import_module(f"otolith.{room}").__doc__ or "").strip() for room in ROOMS)


def test_this_test_run_itself_uses_the_door_alone() -> None:
    """A test that imports a room by its bare name would prove things about a second copy."""
    assert set(sys.modules) & ROOMS == set()
