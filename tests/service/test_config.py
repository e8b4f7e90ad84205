"""The configuration: where values come from, and how a wrong one is told."""

from pathlib import Path

import pytest

from otolith.service.config import Config, ConfigError, load_config


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTOLITH_STATION", "OTOLITH_HTTP__PORT", "OTOLITH_BOARDS"):
        monkeypatch.delenv(name, raising=False)


def refused(path: Path, text: str, **overrides: object) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refusal:
        load_config(path, **overrides)
    return str(refusal.value)


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "station.toml"


def test_defaults_stay_on_this_machine() -> None:
    config = load_config(None)
    assert config.station == "station-1"
    assert (config.http.host, config.mqtt.host) == ("127.0.0.1", "127.0.0.1")
    assert config.boards == []
    assert config.recording.mode == "always"


def test_arguments_overrule_the_environment_which_overrules_the_file(
    toml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml.write_text('station = "file"\n[http]\nhost = "::1"\nport = 1\n[mqtt]\nport = 1\n')
    monkeypatch.setenv("OTOLITH_HTTP__PORT", "2")
    monkeypatch.setenv("OTOLITH_STATION", "environment")
    config = load_config(toml, station="argument", http={"host": None}, mqtt=None)
    assert config.station == "argument"
    assert (config.http.host, config.http.port) == ("::1", 2)
    assert config.mqtt.port == 1


def test_paths_are_relative_to_the_file(toml: Path) -> None:
    toml.write_text('folder = "state"\n[[boards]]\nmoniker = "sim:wii"\ncalibration = "mine.toml"\n')
    config = load_config(toml)
    assert config.folder == toml.parent / "state"
    assert config.boards[0].calibration == toml.parent / "mine.toml"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("# x\nstation =\n", 2, "Invalid value"),
        ("[http\nport = 1\n", 1, "Expected ']'"),
        ("[http]\nport = 1\nport = 2\n", 3, "Cannot overwrite a value"),
        ('station = "A b"\n', 1, "station"),
        ("\n[http]\n# why\nport = 70000\n", 4, "http.port: Input should be less than or equal to 65535"),
        ("[http]\ntypo = 1\n", 2, "http.typo: no such setting"),
        ("[htpp]\nport = 1\n", 1, "htpp: no such setting"),
        ('\nhttp = { host = "127.0.0.1", port = "x" }\n', 2, "http.port"),
        ('[http]\nhost = "0.0.0.0"\n', 1, "reachable from other machines"),
        ('[http]\ntls_cert = "a.pem"\n', 1, "both tls_cert and tls_key"),
        ('[mqtt]\nhost = "192.0.2.1"\n', 1, "reachable from other machines"),
        ('[[boards]]\nmoniker = "sim:a"\n\n[[boards]]\nmoniker = ""\n', 5, "boards.1.moniker"),
        ('[[boards]]\nmoniker = "sim:a"\n\n[[boards]]\nname = "b"\n', 4, "boards.1.moniker: Field required"),
        ('boards = [\n  {moniker = "sim:a"},\n  {moniker = "sim:a"},\n]\n', 1, "listed twice: sim:a"),
        ('[pipeline]\ncutoff_hz = """\n[http]\nport = 70000"""\n', 2, "pipeline.cutoff_hz"),
        ("[recording]\nmode = 'sometimes'\n", 2, "recording.mode"),
    ],
)
def test_an_error_names_file_line_and_reason(toml: Path, text: str, line: int, words: str) -> None:
    message = refused(toml, text)
    assert message.startswith(f"{toml}, line {line}: ")
    assert words in message


def test_every_error_is_told_at_once(toml: Path) -> None:
    assert len(refused(toml, '[http]\nport = -1\n[mqtt]\nport = "x"\n').splitlines()) == 2


def test_an_error_names_the_variable_or_the_argument(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(toml, "", station="No").startswith("argument station: ")
    monkeypatch.setenv("OTOLITH_HTTP__PORT", "x")
    assert refused(toml, "[http]\nport = 1\n").startswith("environment variable OTOLITH_HTTP__PORT: ")
    monkeypatch.delenv("OTOLITH_HTTP__PORT")
    monkeypatch.setenv("OTOLITH_BOARDS", "[{")
    assert refused(toml, "").startswith("environment: ")


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    for name, content, words in (("none.toml", None, "No such file"), ("bytes.toml", b"a = 1\n\xff", "line 2")):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(ConfigError, match=words) as refusal:
            load_config(tmp_path / name)
        assert str(tmp_path / name) in str(refusal.value)


def test_secrets_are_not_shown(toml: Path) -> None:
    message = refused(toml, '[mqtt]\npassword = "hunter2"\n')
    assert "a password needs a username" in message
    assert "hunter2" not in message
    toml.write_text('[mqtt]\nusername = "u"\npassword = "hunter2"\n')
    assert "hunter2" not in repr(load_config(toml))


def test_made_directly_it_reads_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTOLITH_STATION", "elsewhere")
    assert Config().station == "station-1"
    assert load_config(None).station == "elsewhere"
