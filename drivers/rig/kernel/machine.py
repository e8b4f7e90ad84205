"""A machine of QEMU's that boots the kernel and runs one Python script of this machine's inside it."""

import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import otolith
from otolith.drivers.rig.kernel.image import Image, program

MEMORY: Final = 1024
"""MiB."""
# TCG even where there is KVM: it is everywhere, and KVM inside other machines may hang in the BIOS.
PROCESSOR: Final = ("-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", str(MEMORY))


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it."""

    facts: tuple[Mapping[str, Any], ...]
    """The script's standard output, one JSON object a line."""
    console: str
    """What the kernel and the script's standard error said."""
    ended: bool
    """False where it took too long and was switched off."""


def run_in_kernel(image: Image, script: Path, seconds: float) -> Run:
    """Run ``script`` as root, by the interpreter and the packages of whoever calls, all files there to be read only.

    It may write to ``/dev/shm`` alone, and sees no network but its own loopback.
    """
    with tempfile.TemporaryDirectory(prefix="otolith-kernel-") as name:
        folder = Path(name)
        (folder / "order").write_text(_order(script))
        facts, console = folder / "facts", folder / "console"
        ended = _boot(image, folder / "order", (console, facts), seconds)
        return Run(_lines(facts), console.read_text(errors="replace") if console.exists() else "", ended)


def _order(script: Path) -> str:
    package = Path(otolith.__file__).parent.parent
    settings = {"PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": "/dev/shm", "HOME": "/dev/shm"}  # noqa: S108 - of the machine, which has no other user
    exports = "".join(f"export {key}={shlex.quote(value)}\n" for key, value in settings.items())
    command = shlex.join([sys.executable, "-u", str(script.resolve())])
    return f"{exports}exec {command} >/dev/ttyS1 2>/dev/ttyS0\n"


def _boot(image: Image, order: Path, consoles: tuple[Path, Path], seconds: float) -> bool:
    files = "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"
    # no_timer_check: on a busy computer interrupts come too late for the kernel to believe in its timer.
    words = f"console=ttyS0 quiet panic=-1 no_timer_check otolith.order={order}"
    screen = ("-display", "none", "-monitor", "none", "-nic", "none", "-no-reboot")
    serial = [word for path in consoles for word in ("-serial", f"file:{path}")]
    boot = ("-kernel", str(image.kernel), "-initrd", str(image.initrd), "-append", words, "-virtfs", files)
    try:
        subprocess.run(  # noqa: S603 - QEMU, as found on this machine
            [program("qemu-system-x86_64"), *PROCESSOR, *screen, *serial, *boot],
            stdin=subprocess.DEVNULL,
            check=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return False
    return True


def _lines(facts: Path) -> tuple[Mapping[str, Any], ...]:
    """Whole lines; the last may be cut where the machine was switched off."""
    text = facts.read_text(errors="replace") if facts.exists() else ""
    return tuple(json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n") and line.strip())
