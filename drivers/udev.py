"""Who may open a board on Linux: the udev rules for every family, made from what the drivers know.

``python -m otolith.drivers.udev`` writes the file that is shipped beside this module.
"""

import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Final

from otolith.drivers.families import FAMILIES
from otolith.drivers.ofp.codec import numbers as ofp
from otolith.drivers.permission import FILE
from otolith.drivers.wii import slot as wii
from otolith.drivers.wii.evdev import NODE

SHIPPED: Final = Path(__file__).with_name(FILE)
FOLDER: Final = Path("/etc/udev/rules.d")
"""Of the machine's own administrator; it wins over the folders of packages."""
BLUETOOTH: Final = "0005"
"""Bus in the name of a HID device."""
MARK: Final = 'ENV{OTOLITH_BOARD}="1"'
HEAD: Final = f"""\
# Boards of the Otolith balance station. Made from its drivers; "otolith udev --install" puts it into {FOLDER}.
# uaccess: whoever sits at this computer. plugdev: members of that group, for a station where nobody sits.
# Each on a line of its own: udev drops the whole line where it does not know the group.
# The number comes before 73-seat-late.rules, which acts on uaccess.
ACTION=="remove", GOTO="otolith_end"
"""
TAIL: Final = """
ENV{OTOLITH_BOARD}=="1", TAG+="uaccess"
ENV{OTOLITH_BOARD}=="1", SUBSYSTEM=="usb|hidraw", MODE="0660"
ENV{OTOLITH_BOARD}=="1", SUBSYSTEM=="usb|hidraw", GROUP="plugdev"
LABEL="otolith_end"
"""


class Installed(Enum):
    """What of the rules this machine has."""

    CURRENT = "installed"
    OLD = "from another version of otolith"
    MISSING = "not installed"


def rules() -> str:
    """The whole file."""
    return "\n".join([HEAD, *_boards(), TAIL.lstrip("\n")])


def installed(folder: Path = FOLDER) -> Installed:
    """Whether the rules are there, and the ones that this version ships."""
    try:
        found = (folder / FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return Installed.MISSING
    return Installed.CURRENT if found == SHIPPED.read_text(encoding="utf-8") else Installed.OLD


def install(folder: Path = FOLDER) -> bool:
    """Put the rules in place; whether that changed anything. Raises OSError, mostly for want of being root."""
    if installed(folder) is Installed.CURRENT:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(SHIPPED.read_text(encoding="utf-8"), encoding="utf-8")
    return True


def uninstall(folder: Path = FOLDER) -> bool:
    """Take the rules away; whether there were any. Raises OSError."""
    if not (folder / FILE).exists():
        return False
    (folder / FILE).unlink()
    return True


def apply() -> str:
    """Let udev read its rules again and look at what is plugged in; why it did not, or nothing."""
    udevadm = shutil.which("udevadm")
    if udevadm is None:
        return "udevadm is not on this machine: plug the boards in again after the next start"
    kinds = [f"--subsystem-match={kind}" for kind in ("usb", "hidraw", "input", "tty")]
    for command in ([udevadm, "control", "--reload"], [udevadm, "trigger", "--action=change", *kinds]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - our own words
        if done.returncode:
            return f"{shlex.join(command)} failed: {done.stderr.strip() or done.returncode}"
    return ""


def _boards() -> Iterator[str]:
    models: dict[str, list[tuple[int, int]]] = {}
    for identity, family in FAMILIES.items():
        models.setdefault(family.model, []).append(identity)
    for model, identities in models.items():
        yield f"# {model}"
        yield from (_usb(*identity, FAMILIES[identity].name) for identity in identities)
        yield ""
    yield "# OFP plate on a serial port (CDC)"
    yield _line("tty", 'SUBSYSTEMS=="usb"', f'ATTRS{{idVendor}}=="{ofp.VENDOR:04x}"', _product("ATTRS", ofp.PRODUCT))
    yield ""
    yield "# Wii Balance Board over Bluetooth: hidraw, and the kernel's own input device"
    for product in wii.PRODUCTS:
        yield _line("hidraw", f'KERNELS=="{BLUETOOTH}:{wii.VENDOR:04X}:{product:04X}.*"')
    yield _line("input", 'KERNEL=="event*"', f'ATTRS{{name}}=="{NODE}"')
    yield ""


def _usb(vendor: int, product: int, name: str) -> str:
    """``name`` where the identity is that of a part which other devices have in them too."""
    what = [f'ATTR{{idVendor}}=="{vendor:04x}"', _product("ATTR", product)]
    return _line("usb", 'ENV{DEVTYPE}=="usb_device"', *what, *([f'ATTR{{product}}=="*{name}*"'] if name else []))


def _product(attribute: str, product: int) -> str:
    return f'{attribute}{{idProduct}}=="{product:04x}"'


def _line(subsystem: str, *matches: str) -> str:
    return ", ".join([f'SUBSYSTEM=="{subsystem}"', *matches, MARK])


if __name__ == "__main__":
    SHIPPED.write_text(rules(), encoding="utf-8")
    sys.stdout.write(f"{SHIPPED}\n")
