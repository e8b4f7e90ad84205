"""Debian's own kernel and a small first file system for it, made once: packages are downloaded, not installed."""

import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PACKAGES: Final = {
    "qemu-system-x86_64": "qemu-system-x86",
    "busybox": "busybox-static",
    "cpio": "cpio",
    "depmod": "kmod",
    "modprobe": "kmod",
    "apt-get": "apt",
    "dpkg": "dpkg",
}
"""Programs that are needed, and the Debian packages that have them."""
META: Final = "linux-image-amd64"
"""Depends on the newest kernel of this Debian release."""
MODULES: Final = (
    *("virtio_pci", "9pnet_virtio", "9p"),
    *("vhci-hcd", "usbhid", "hid-generic"),
    *("uhid", "hid-wiimote", "evdev"),
)
"""The way to this machine's files, USB devices over USB/IP, and HID devices from user space."""
PATIENCE: Final = 300.0
"""Seconds that each step may take; the download of 70 MB is the longest."""
INIT: Final = """\
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs devtmpfs /dev; mkdir -p /dev/shm
while read -r module; do insmod "$module"; done < /modules
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose host /host
for place in dev proc sys; do mount --bind /$place /host/$place; done
ip link set lo up
chroot /host /bin/sh "$(sed 's/.*otolith.order=\\([^ ]*\\).*/\\1/' /proc/cmdline)"
poweroff -f
"""
"""The machine's first and only program; its order is a shell script among this machine's files."""


class NoKernel(Exception):
    """Why this machine cannot boot a kernel for twins, and what to do about it, in one sentence."""


@dataclass(frozen=True, slots=True)
class Image:
    """What a machine boots."""

    kernel: Path
    initrd: Path


def kernel_image(cache: Path | None = None) -> Image:
    """The image, from ``cache`` (default: the user's) where it was made before; no root needed. Raises NoKernel."""
    _check()
    package = _newest()
    key = hashlib.sha256("\n".join((INIT, *MODULES)).encode()).hexdigest()[:12]
    folder = (cache or _cache()) / f"{package}-{key}"
    if not folder.exists():
        _make(package, folder)
    return Image(folder / "vmlinuz", folder / "initrd")


def program(name: str) -> str:
    """Where a program is; NoKernel says what to install."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))
    if found is None:
        raise NoKernel(f"no {name} on this machine: apt-get install {' '.join(sorted(set(PACKAGES.values())))}")
    return found


def _check() -> None:
    if platform.machine() != "x86_64":
        raise NoKernel(f"the machine boots a kernel for x86_64, and this is {platform.machine()}: use another bench")
    for name in PACKAGES:
        program(name)
    if b"/ld-linux" in Path(program("busybox")).read_bytes():
        raise NoKernel("the busybox of this machine needs libraries: apt-get install busybox-static")


def _newest() -> str:
    answer = _run(["apt-cache", "depends", "--important", META])
    names = [line.split()[-1] for line in answer.splitlines() if "Depends:" in line]
    if not names:
        raise NoKernel(f"no package {META} is known here: on Debian, apt-get update")
    return names[0]


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "otolith" / "kernel-bench"


def _make(package: str, folder: Path) -> None:
    """Complete or not at all; of two who make it at once the first wins."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="making-") as name:
        work = Path(name)
        _run(["apt-get", "download", "-qq", package], work)
        _run(["dpkg", "-x", str(next(work.glob("*.deb"))), "unpacked"], work)
        made = work / "made"
        made.mkdir()
        shutil.copy(next(work.glob("unpacked/boot/vmlinuz-*")), made / "vmlinuz")
        _pack(_root(work), made / "initrd")
        try:
            made.rename(folder)
        except OSError:
            if not folder.exists():
                raise


def _root(work: Path) -> Path:
    root = work / "root"
    for place in ("bin", "proc", "sys", "dev", "host", "lib"):
        (root / place).mkdir(parents=True)
    shutil.copy(program("busybox"), root / "bin")
    lines = []
    for module in _modules(work / "unpacked"):
        shutil.copy(module, root / "lib")
        lines.append(f"/lib/{module.name}\n")
    (root / "modules").write_text("".join(lines))
    init = root / "init"
    init.write_text(INIT)
    init.chmod(0o755)
    return root


def _modules(unpacked: Path) -> list[Path]:
    """Files of the modules and of all that they need, in the order in which they are loaded."""
    version = next(unpacked.glob("lib/modules/*")).name
    _run(["depmod", "-b", str(unpacked), version])
    ask = ["modprobe", "--show-depends", "--dirname", str(unpacked), "--set-version", version, "--all"]
    steps = (line.split() for line in _run([*ask, *MODULES]).splitlines())
    return list(dict.fromkeys(Path(step[1]) for step in steps if step[0] == "insmod"))


def _pack(root: Path, initrd: Path) -> None:
    names = "\0".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    with initrd.open("wb") as file:
        subprocess.run(  # noqa: S603 - cpio, as found above
            [program("cpio"), "--null", "--create", "--quiet", "--format=newc", "--owner=0:0"],
            input=names.encode(),
            stdout=file,
            cwd=root,
            check=True,
            timeout=PATIENCE,
        )


def _run(command: Sequence[str], folder: Path | None = None) -> str:
    """What a command says; NoKernel with its words where it fails."""
    name, *rest = command
    try:
        done = subprocess.run(  # noqa: S603 - see above
            [program(name), *rest], cwd=folder, check=True, capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.CalledProcessError as error:
        words = " ".join(error.stderr.split()[-40:])
        raise NoKernel(f"{name} {rest[0]} failed ({words}): the kernel's package needs apt and a network") from error
    except subprocess.TimeoutExpired as error:
        raise NoKernel(f"{name} {rest[0]} took more than {PATIENCE:g} s: is there a network?") from error
    return done.stdout
