from pathlib import Path

from otolith.drivers.hid.inputs import inputs
from otolith.drivers.hid.nodes import nodes

NAME = "Nintendo RVL-WBC-01"
UEVENT = f"DRIVER=wiimote\nHID_ID=0005:0000057E:00000306\nHID_NAME={NAME}\nHID_UNIQ=00:1F:C5:12:34:56\n"


def hidraw(folder: Path, number: int, uevent: str) -> None:
    device = folder / f"hidraw{number}" / "device"
    device.mkdir(parents=True)
    (device / "uevent").write_text(uevent)


def event(folder: Path, number: int, name: str, uevent: str) -> None:
    device = folder / f"event{number}" / "device" / "device"
    device.mkdir(parents=True)
    (device.parent / "name").write_text(f"{name}\n")
    (device / "uevent").write_text(uevent)


def test_boards_are_found_among_the_hidraw_nodes(tmp_path: Path) -> None:
    hidraw(tmp_path, 10, UEVENT)
    hidraw(tmp_path, 2, UEVENT.replace(NAME, "Nintendo RVL-CNT-01"))
    hidraw(tmp_path, 3, UEVENT.replace("0000057E", "x"))
    hidraw(tmp_path, 11, UEVENT.replace(NAME, f"{NAME} (twin)"))
    (tmp_path / "hidraw4").mkdir()
    node, twin = nodes(NAME, tmp_path)
    assert (node.path, node.address, node.product) == ("/dev/hidraw10", "00:1f:c5:12:34:56", 0x0306)
    assert (twin.path, twin.name) == ("/dev/hidraw11", f"{NAME} (twin)")
    assert "udev --install" in str(node.problem)


def test_boards_are_found_among_the_input_nodes(tmp_path: Path) -> None:
    event(tmp_path, 12, "Balance", UEVENT)
    event(tmp_path, 3, "Balance", UEVENT.replace("56", "57"))
    event(tmp_path, 4, "Keyboard", UEVENT)
    (tmp_path / "event5" / "device").mkdir(parents=True)
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "event12").touch()
    first, second = inputs("Balance", tmp_path, tmp_path / "dev")
    assert (first.address, first.readable) == ("00:1f:c5:12:34:57", False)
    assert (second.path, second.address, second.device) == (str(tmp_path / "dev/event12"), "00:1f:c5:12:34:56", NAME)
    assert second.readable
    assert (second.folder / "uevent").read_text() == UEVENT
