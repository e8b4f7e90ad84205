"""What to do about a board that this user may not open."""

import shlex
import shutil
import sys
from typing import Final

FILE: Final = "70-otolith.rules"
"""Of udev rules, shipped and installed."""


def command() -> str:
    """How this program is called by another user, such as root: by its whole path."""
    program = shutil.which("otolith")
    return shlex.quote(program) if program else f"{shlex.quote(sys.executable)} -m otolith.api.cli"


def remedy() -> str:
    """How to allow a user of a Linux desktop to open boards, as a sentence without full stop."""
    return f"Run 'sudo {command()} udev --install' once, and plug the board in again"
