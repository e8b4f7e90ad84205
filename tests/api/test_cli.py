"""The commands, in this process."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from otolith.api.cli import COMMANDS, load
from otolith.api.cli.examination import examine
from otolith.drivers import udev
from otolith.drivers.capture.file import read_capture
from otolith.drivers.errors import BoardForbidden
from otolith.drivers.lookout import HERE, Place
from otolith.drivers.opening import Sighting
from otolith.service.calibrating.content import BoardTable, ConditionsTable, Content, LinearTable
from otolith.service.calibrating.file import text_of
from otolith.service.calibrating.shelf import Shelf
from otolith.service.config import Config

Run = Callable[..., tuple[int, str, str]]
SIM = "sim:btracks?load=recording:BDS00001"
EMPTY = "sim:btracks?load=constant:0"


def test_help_imports_no_command() -> None:
    code = (
        "import sys; sys.argv = ['otolith', '--help']\n"
        "from otolith.api.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'fastapi', 'sqlalchemy', 'uvicorn', 'amqtt', 'aiomqtt'} & sys.modules.keys()\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_says(name: str) -> None:
    assert load(name).help.startswith(COMMANDS[name][1].rstrip("."))


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_stand_on_lines_of_their_own(run: Run, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERMINAL_WIDTH", "250")
    _, out, _ = run(name, "--help")
    shown = [line.strip() for line in out.splitlines()]
    examples = [line.strip() for line in (load(name).help or "").splitlines() if line.strip().startswith("otolith ")]
    assert [example for example in examples if example not in shown] == []


def test_version(run: Run) -> None:
    status, out, _ = run("version", "--json")
    assert status == 0
    assert set(json.loads(out)) == {"otolith", "python"}


@pytest.mark.parametrize(
    "args", [("nothing",), ("watch",), ("serve", "--port", "x"), ("token", "create", "--role", "king")]
)
def test_bad_use(run: Run, args: tuple[str, ...]) -> None:
    status, _, err = run(*args)
    assert status == 2
    assert "Traceback" not in err


def test_boards_and_why_one_cannot_be_opened(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def sightings() -> list[Sighting]:
        problem = BoardForbidden("may not be opened by this user")
        return [Sighting("usb:06c2:003b?serial=1", "BTrackS", "1", "1.02", "1-1", problem)]

    monkeypatch.setattr("otolith.api.cli.boards.sightings", sightings)
    assert json.loads(run("boards", "--json")[1])[0]["problem"] == "may not be opened by this user"
    assert "usb:06c2:003b?serial=1" in run("boards")[1]


def test_boards_tell_the_calibration_that_they_will_go_by(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By number, date, age and hash where this station keeps one; a file that was edited is told of, not shown."""
    names = ["usb:06c2:003b?serial=1", "usb:06c2:003b?serial=2", "usb:0cd5:0006", "wii:00:1f:c5:12:34:56"]
    seen = [Sighting(name, "B", name.partition("serial=")[2], "1", "1-1", None) for name in names]

    async def sightings() -> list[Sighting]:
        return seen

    monkeypatch.setattr("otolith.api.cli.boards.sightings", sightings)
    board = BoardTable(family="phidget_bridge", serial="1", unit="count")
    content = Content(
        board=board,
        linear=LinearTable(gain=(1.0,) * 4, zero=(0.0,) * 4),
        conditions=ConditionsTable(date="2020-02-03T04:05:06Z", by="me"),
    )
    shelf = Shelf(tmp_path / "otolith" / "calibrations")
    kept = shelf.add("phidget-bridge-1", content)
    records = json.loads(run("boards", "--json")[1])
    assert [record["calibration"]["origin"] for record in records] == ["file", "own", "unknown", "unknown"]
    state = records[0]["calibration"]["state"]
    assert (state["hash"], state["version"], state["due"]) == (kept.hash, 1, True)
    assert state["age_days"] > 365
    monkeypatch.setenv("COLUMNS", "300")
    text = run("boards")[1]
    for words in (
        "no. 1, 2020-02-03",
        f"due again ({kept.hash[7:15]})",
        "its own (factory or nominal)",
        "once it is open",
    ):
        assert words in text
    path = shelf.stored("phidget-bridge-1")[0].path
    path.write_text(path.read_text().replace('by = "me"', 'by = "you"'))
    assert json.loads(run("boards", "--json")[1])[0]["calibration"]["origin"] == "broken"
    config = tmp_path / "station.toml"
    config.write_text(f'[[boards]]\nmoniker = "{names[3]}"\ncalibration = "{tmp_path / "other.toml"}"\n')
    (tmp_path / "other.toml").write_text(text_of(kept))
    assert json.loads(run("boards", "--json", "--config", str(config))[1])[3]["calibration"]["origin"] == "file"


def test_boards_are_watched(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def views(place: Place) -> AsyncIterator[list[Sighting]]:
        assert place == HERE
        yield []
        yield [Sighting("usb:06c2:003b?serial=1", "BTrackS", "1", "1.02", "1-1", None)]

    monkeypatch.setattr("otolith.api.cli.boards.sightings_at", views)
    status, out, _ = run("boards", "--watch", "--json")
    assert status == 0
    assert [[seen["moniker"] for seen in json.loads(line)] for line in out.splitlines()] == [
        [],
        ["usb:06c2:003b?serial=1"],
    ]


def test_udev_rules_are_printed_checked_installed_and_removed(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(udev, "FOLDER", tmp_path / "rules.d")
    monkeypatch.setattr(udev, "apply", str)
    assert run("udev", "--print") == (0, udev.SHIPPED.read_text(encoding="utf-8"), "")
    status, out, _ = run("udev")
    assert status == 1
    assert "not installed. Install them: sudo /" in out
    assert "written" in run("udev", "--install")[1]
    assert "up to date" in run("udev", "--install")[1]
    assert run("udev", "--check")[0] == 0
    findings = {finding.subject: finding for finding in examine(Config(folder=tmp_path))}
    assert findings["USB permission"].words == "the udev rules are installed"
    assert "removed" in run("udev", "--uninstall")[1]
    assert "not there" in run("udev", "--uninstall")[1]
    assert run("udev", "--print", "--check")[0] == 2


def test_udev_rules_need_root_and_say_how(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refused(folder: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(udev, "FOLDER", tmp_path)
    monkeypatch.setattr(udev, "install", refused)
    status, _, err = run("udev", "--install")
    assert status == 1
    assert "only root may do that: sudo /" in err
    assert "udev --install" in err
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    findings = {finding.subject: finding for finding in examine(Config(folder=tmp_path))}
    assert (findings["USB permission"].verdict, "sudo /" in findings["USB permission"].words) == ("note", True)
    monkeypatch.setattr(udev, "install", lambda _: True)
    monkeypatch.setattr(udev, "apply", lambda: "no daemon")
    assert "udev does not know yet: no daemon" in run("udev", "--install")[2]


def test_no_boards(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def sightings() -> list[Sighting]:
        return []

    monkeypatch.setattr("otolith.api.cli.boards.sightings", sightings)
    assert run("boards", "--json") == (0, "[]\n", "")
    assert "No board is plugged in" in run("boards")[1]
    assert "otolith boards --pair" in run("boards")[1]


def test_how_to_pair_is_told_with_what_is_in_the_way(run: Run) -> None:
    status, out, _ = run("boards", "--pair")
    assert status == 0
    for word in ("red SYNC button", "bluetoothctl", "If it asks for a PIN", "error 52", "otolith udev", "via=l2cap"):
        assert word in out


def test_a_board_is_snooped_on_and_watched_without_it(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "board.jsonl.gz"
    status, out, err = run("snoop", SIM, "--seconds", "0.5", "--out", str(path), "--about", "20 kg", "--mask")
    assert (status, err) == (0, "")
    assert "samples of BTrackS (Phidget Bridge 1046_0) in " in out
    head = read_capture(path).heading
    assert (head.serial, head.about, head.simulated) == ("masked", "20 kg", True)
    status, out, _ = run("watch", f"replay:{path}", "--seconds", "1.5", "--json")
    assert json.loads(out.splitlines()[0])["force_n"] > 100
    assert run("snoop", SIM, "--out", str(path)) == (2, "", f"otolith: {path} exists already; choose another file.\n")


@pytest.mark.parametrize(
    ("moniker", "name", "failure"),
    [
        (SIM, "board.txt", (2, "ends in .jsonl.gz")),
        (SIM, "nowhere/board.jsonl.gz", (2, "there is no folder")),
        ("replay:x.csv", "board.jsonl.gz", (2, "only a device has traffic")),
        ("usbip://127.0.0.1:1/1-1", "board.jsonl.gz", (3, "")),
        ("sim:golink?load=constant:700&serial=471100", "board.jsonl.gz", (4, "serial number itself, 1 times")),
        ("sim:btracks?load=constant:700&fault=unplug@0.3", "lost.jsonl.gz", (3, "holds what came before")),
    ],
)
def test_why_there_is_no_capture(run: Run, tmp_path: Path, moniker: str, name: str, failure: tuple[int, str]) -> None:
    path = tmp_path / name
    found, _, err = run("snoop", moniker, "--seconds", "0.5", "--out", str(path), "--mask")
    status, reason = failure
    assert found == status
    assert reason in err
    assert len(err.strip().splitlines()) == 1
    assert path.exists() == (name == "lost.jsonl.gz")


def test_watch_prints_where_nobody_looks(run: Run) -> None:
    status, out, _ = run("watch", SIM, "--seconds", "1.5", "--json")
    line = json.loads(out.splitlines()[0])
    assert status == 0
    assert line["board"]["simulated"] is True
    assert line["force_n"] > 100


@pytest.mark.parametrize(
    ("moniker", "status"), [("nonsense:1", 2), ("sim:btracks?load=recording:none", 3), ("usbip://127.0.0.1:1/1-1", 3)]
)
def test_a_board_that_is_not_there(run: Run, moniker: str, status: int) -> None:
    found, _, err = run("watch", moniker, "--seconds", "1")
    assert found == status
    assert len(err.strip().splitlines()) == 1


def test_record_writes_the_file_once(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "trial.mcap"
    status, said, _ = run("record", SIM, "--seconds", "0.5", "--out", str(out))
    assert status == 0
    assert "samples" in said
    assert out.read_bytes().startswith(b"\x89MCAP0")
    status, _, err = run("record", SIM, "--seconds", "0.5", "--out", str(out))
    assert (status, "exists already" in err) == (2, True)


def test_tare_is_kept_for_the_station(run: Run) -> None:
    status, out, _ = run("tare", EMPTY, "--json")
    assert status == 0
    assert json.loads(out)["by"] == "command line"


def test_tare_is_refused_while_somebody_stands_there(run: Run) -> None:
    status, _, err = run("tare", SIM)
    assert status == 3
    assert "Traceback" not in err


def test_tokens_are_made_listed_and_revoked(run: Run) -> None:
    secret = run("token", "create", "--role", "viewer", "--name", "hall")[1].strip()
    (row,) = json.loads(run("token", "list", "--json")[1])
    assert (row["name"], row["role"], row["revoked"]) == ("hall", "viewer", None)
    assert secret not in run("token", "list")[1]
    assert run("token", "revoke", row["id"])[0] == 0
    assert json.loads(run("token", "list", "--json")[1])[0]["revoked"]
    assert run("token", "revoke", "none")[0] == 1


def test_db_upgrade(run: Run) -> None:
    assert run("db", "upgrade")[0] == 0


def test_doctor_speaks_plainly(run: Run) -> None:
    status, out, _ = run("doctor", "--json")
    findings = {finding["subject"]: finding for finding in json.loads(out)}
    assert status in (0, 1)
    assert findings["Python"]["verdict"] == "fine"
    assert findings["kernels"]["verdict"] == "fine"


def test_doctor_sees_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    findings = {finding.subject: finding for finding in examine(Config(folder=file / "station"))}
    assert findings["folder"].verdict == "fault"
    assert "cannot be written" in findings["folder"].words


def test_a_missing_configuration_is_bad_use(run: Run, tmp_path: Path) -> None:
    status, _, err = run("doctor", "--config", str(tmp_path / "none.toml"))
    assert status == 2
    assert "none.toml" in err


def test_a_defect_is_a_sentence_unless_debugging(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken() -> list[Sighting]:
        raise RuntimeError("the inside")

    monkeypatch.setattr("otolith.api.cli.boards.sightings", broken)
    status, _, err = run("boards")
    assert (status, len(err.strip().splitlines())) == (1, 1)
    assert "OTOLITH_DEBUG" in err
    monkeypatch.setenv("OTOLITH_DEBUG", "1")
    with pytest.raises(RuntimeError):
        run("boards")


@pytest.mark.parametrize(("board", "lost"), [("mcc?", 0), ("ofp?", 0), ("ofp?fault=drop@0.05&", 2)])
def test_prove_says_whether_all_of_a_test_pattern_came(run: Run, board: str, lost: int) -> None:
    moniker = f"sim:{board}load=constant:700"
    status, out, _ = run("prove", moniker, "--seconds", "0.2", "--json")
    proof = json.loads(out)
    assert (status, proof["lost"], proof["holds"]) == (int(lost > 0), lost, not lost)
    status, out, _ = run("prove", moniker, "--seconds", "0.1")
    assert ("it holds: packets" in out) is (not lost)


def test_prove_needs_a_test_pattern(run: Run) -> None:
    assert run("prove", EMPTY)[::2] == (3, "otolith: BTrackS (Phidget Bridge 1046_0) has no test pattern\n")
