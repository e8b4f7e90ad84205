from pathlib import Path

import pytest

from otolith.drivers.errors import BoardNotFound
from otolith.drivers.opening import open_board
from otolith.drivers.wii.pairing import STEPS, obstacles


async def test_a_board_that_is_not_there_says_how_to_connect_it(tmp_path: Path) -> None:
    with pytest.raises(BoardNotFound, match=r"press the red SYNC button.*otolith boards --pair"):
        await open_board(f"wii:{tmp_path}/hidraw99")
    with pytest.raises(BoardNotFound, match="no Wii Balance Board 00:1f:c5:12:34:56 is connected"):
        await open_board("wii:00:1F:C5:12:34:56")
    with pytest.raises(BoardNotFound, match="the kernel's driver shows no Wii Balance Board"):
        await open_board("wii:00:1F:C5:12:34:56?via=evdev")


def test_the_steps_fit_a_terminal() -> None:
    assert max(map(len, STEPS.splitlines())) <= 120


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


def test_what_is_in_the_way_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otolith.drivers.wii.pairing.shutil.which", lambda _: None)
    monkeypatch.delattr("socket.AF_BLUETOOTH", raising=False)
    for name, text in (("type", "bluetooth"), ("soft", "1"), ("hard", "0")):
        write(tmp_path / "class" / "rfkill" / "rfkill0" / name, text)
    (tmp_path / "class" / "rfkill" / "rfkill1").mkdir()
    words = " ".join(obstacles(tmp_path))
    for sign in ("no Bluetooth adapter", "rfkill unblock", "hid-wiimote is not loaded", "package bluez", "via=l2cap"):
        assert sign in words


def test_nothing_is_in_the_way_of_a_machine_that_has_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otolith.drivers.wii.pairing.shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr("socket.AF_BLUETOOTH", 31, raising=False)
    (tmp_path / "class" / "bluetooth" / "hci0").mkdir(parents=True)
    (tmp_path / "module" / "hid_wiimote").mkdir(parents=True)
    for name, text in (("type", "bluetooth"), ("soft", "0"), ("hard", "0")):
        write(tmp_path / "class" / "rfkill" / "rfkill0" / name, text)
    assert list(obstacles(tmp_path)) == []
