"""The udev rules: they cover every family, they are well formed, and they come and go."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from otolith.drivers import udev
from otolith.drivers.families import FAMILIES
from otolith.drivers.permission import FILE, command, remedy
from otolith.drivers.udev import Installed

TEXT = udev.SHIPPED.read_text(encoding="utf-8")
LINES = [line for line in TEXT.splitlines() if line and not line.startswith("#")]
MATCHES = {"ACTION", "SUBSYSTEM", "SUBSYSTEMS", "KERNEL", "KERNELS", "ATTR", "ATTRS", "ENV"}
PART = re.compile(r'([A-Z]+)(?:\{([A-Za-z_]+)\})?(==|!=|\+=|=)"([^"]*)"')


def parts(line: str) -> list[tuple[str, str, str, str]]:
    """Key, attribute, operator and value of each part; fails where the line is not made of such parts alone."""
    found = [PART.fullmatch(part) for part in line.split(", ")]
    assert all(found), line
    return [match.groups("") for match in found if match]  # type: ignore[misc]  # four groups, by the pattern


def test_what_is_shipped_is_what_the_drivers_need() -> None:
    """After a new family: python -m otolith.drivers.udev."""
    assert udev.rules() == TEXT


@pytest.mark.parametrize("identity", FAMILIES, ids=lambda identity: "{:04x}:{:04x}".format(*identity))
def test_every_family_is_covered(identity: tuple[int, int]) -> None:
    wanted = {
        ("SUBSYSTEM", "", "==", "usb"),
        ("ATTR", "idVendor", "==", f"{identity[0]:04x}"),
        ("ATTR", "idProduct", "==", f"{identity[1]:04x}"),
        ("ENV", "OTOLITH_BOARD", "=", "1"),
    }
    name = FAMILIES[identity].name
    if name:
        wanted.add(("ATTR", "product", "==", f"*{name}*"))
    assert sum(wanted <= set(parts(line)) for line in LINES) == 1


@pytest.mark.parametrize("line", LINES)
def test_every_line_is_one_that_udev_reads(line: str) -> None:
    for key, attribute, operator, value in parts(line):
        assert value
        if operator == "==":
            assert key in MATCHES
        else:
            assert (key, attribute, operator) in {
                ("ENV", "OTOLITH_BOARD", "="),
                ("TAG", "", "+="),
                ("MODE", "", "="),
                ("GROUP", "", "="),
                ("GOTO", "", "="),
                ("LABEL", "", "="),
            }
    groups = [operator for key, _, operator, _ in parts(line) if key in {"GROUP", "TAG", "MODE"}]
    assert len(groups) <= 1, "a group that udev does not know would take the rest of the line with it"


def test_the_way_out_exists_and_the_number_is_before_the_seats() -> None:
    labels = {value for line in LINES for key, _, _, value in parts(line) if key == "LABEL"}
    assert {value for line in LINES for key, _, _, value in parts(line) if key == "GOTO"} == labels
    assert FILE < "73-seat-late.rules"


def test_udev_itself_finds_nothing_wrong() -> None:
    udevadm = shutil.which("udevadm")
    command = [str(udevadm), "verify", "--resolve-names=never", "--no-style", str(udev.SHIPPED)]
    if udevadm is None or "Unknown command" in (done := subprocess.run(command, capture_output=True, text=True)).stderr:  # noqa: PLW1510 - looked at below
        pytest.skip("udevadm verify came with systemd 254")
    assert done.returncode == 0, done.stdout + done.stderr


def test_they_come_are_renewed_and_go(tmp_path: Path) -> None:
    folder = tmp_path / "rules.d"
    assert udev.installed(folder) is Installed.MISSING
    assert udev.install(folder)
    assert not udev.install(folder)
    assert udev.installed(folder) is Installed.CURRENT
    (folder / FILE).write_text("# older\n")
    assert udev.installed(folder) is Installed.OLD
    assert udev.install(folder)
    assert (folder / FILE).read_text() == TEXT
    assert udev.uninstall(folder)
    assert not udev.uninstall(folder)
    (folder / FILE).write_bytes(b"\xff")
    assert udev.installed(folder) is Installed.MISSING


def test_udev_is_told_or_the_reason_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = tmp_path / "udevadm"
    program.write_text(f'#!/bin/sh\necho "$@" >> {log}\n')
    program.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda _: str(program))
    assert udev.apply() == ""
    assert log.read_text().splitlines()[0] == "control --reload"
    assert log.read_text().splitlines()[1].startswith("trigger --action=change --subsystem-match=usb")
    program.write_text("#!/bin/sh\necho no daemon >&2\nexit 2\n")
    assert udev.apply().endswith("control --reload failed: no daemon")
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert "udevadm is not on this machine" in udev.apply()
    assert "-m otolith.api.cli" in command()
    assert "udev --install" in remedy()
