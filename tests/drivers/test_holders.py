"""Who holds a device: programs with the node open, drivers of the kernel."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from otolith.drivers.errors import BoardBusy
from otolith.drivers.holders import holders, kernel_driver
from otolith.drivers.usb.seen import Seen


def test_a_program_that_has_a_file_open_is_named(tmp_path: Path) -> None:
    node = tmp_path / "node"
    node.touch()
    held = "import sys; file = open(sys.argv[1]); print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", held, str(node)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        program.stdout.readline()
        assert f"(process {program.pid})" in holders(str(node))
        program.communicate()
    assert holders(str(node)) == ""


def test_this_program_and_those_of_others_are_not_named(tmp_path: Path) -> None:
    for pid in ("1", str(os.getpid()), "77"):
        (tmp_path / pid / "fd").mkdir(parents=True)
        (tmp_path / pid / "fd" / "3").symlink_to("/dev/bus/usb/001/005")
        (tmp_path / pid / "comm").write_text(f"program{pid}\n")
    (tmp_path / "77" / "comm").unlink()
    assert holders("/dev/bus/usb/001/005", tmp_path) == "program1 (process 1)"
    assert holders("/dev/bus/usb/001/006", tmp_path) == holders("", tmp_path) == ""


def test_the_kernels_driver_is_named_unless_it_is_a_programs(tmp_path: Path) -> None:
    for interface, driver in ((0, "usbhid"), (1, "usbfs")):
        (tmp_path / "drivers" / driver).mkdir(parents=True)
        (tmp_path / f"1-1.4:1.{interface}").mkdir()
        (tmp_path / f"1-1.4:1.{interface}" / "driver").symlink_to(tmp_path / "drivers" / driver)
    assert [kernel_driver("1-1.4", interface, tmp_path) for interface in (0, 1, 2)] == ["usbhid", "", ""]


def test_a_busy_board_says_who_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from usb.core import USBError  # noqa: PLC0415 - here alone

    from otolith.drivers.usb import seen as module  # noqa: PLC0415
    from otolith.drivers.usb.faults import translate  # noqa: PLC0415

    board = Seen(0x06C2, 0x003B, 0x0102, "1", "", 1, 5, (2, 1), None, None)
    monkeypatch.setattr(module, "holders", lambda node: f"chromium (process 7) through {node}")
    busy = translate(USBError("Resource busy", -6, 16), 0x06C2, 0x003B, board.holder)
    assert isinstance(busy, BoardBusy)
    assert "is held by chromium (process 7) through /dev/bus/usb/001/005" in str(busy)
    monkeypatch.setattr(module, "holders", lambda _: "")
    monkeypatch.setattr(module, "kernel_driver", lambda port, interface: f"usbhid of {port}.{interface}")
    assert "the kernel's driver usbhid of 1-2.1.0" in str(
        translate(USBError("Resource busy", -6, 16), 0x06C2, 0x003B, board.holder)
    )
