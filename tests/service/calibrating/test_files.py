"""Files: what is written reads back, what was changed is noticed, what follows what is known."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.board import BoardInfo
from otolith.drivers.calibration import Matrix, Piecewise
from otolith.service.calibrating.age import age_days
from otolith.service.calibrating.content import BoardTable, Content, LinearTable, MatrixTable, PiecewiseTable
from otolith.service.calibrating.file import load_calibration, parse_content, read_content, text_of
from otolith.service.calibrating.record import recompute
from otolith.service.calibrating.shelf import Shelf
from otolith.service.calibrating.toml_text import toml_text
from otolith.service.clock import VirtualClock
from otolith.service.errors import CalibrationError

BOARD = BoardTable(family="twin", serial="1001", unit="count")
LINE = LinearTable(gain=(0.01, 0.02, 0.03, 0.04), zero=(1.0, 2.0, 3.0, 4.0))
CONTENT = Content(board=BOARD, linear=LINE)

words = st.text(st.characters(codec="utf-8"), max_size=20)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
scalars = words | numbers | st.booleans()
names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
tables = st.recursive(
    st.dictionaries(names, scalars | st.lists(numbers, max_size=3) | st.lists(words, max_size=3), max_size=4),
    lambda inner: st.dictionaries(names, scalars | inner | st.lists(inner, min_size=1, max_size=2), max_size=3),
    max_leaves=6,
)


@given(tables)
def test_toml_reads_back(content: dict[str, Any]) -> None:
    assert tomllib.loads(toml_text(content)) == content


@given(gain=st.lists(st.floats(1e-12, 1e12), min_size=4, max_size=4))
def test_a_file_reads_back_to_the_last_bit(gain: list[float]) -> None:
    content = CONTENT.model_copy(update={"linear": LINE.model_copy(update={"gain": tuple(gain)})}).signed()
    again = parse_content("x.toml", text_of(content).encode(), is_json=False)
    assert again == content
    assert again.intact


KINDS = {
    "linear": CONTENT,
    "piecewise": Content(
        board=BOARD, piecewise=PiecewiseTable(newtons=(0.0, 100.0), points=((0.0,) * 4, (1000.0, 1100.0, 900.0, 950.0)))
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_loads_and_is_named_by_its_hash(tmp_path: Path, info: Callable[..., BoardInfo], kind: str) -> None:
    content = KINDS[kind].signed()
    (tmp_path / "a.toml").write_text(text_of(content))
    found = load_calibration(tmp_path / "a.toml", info())
    assert type(found).__name__.lower() == content.kind == kind
    assert found.source == f"file:{content.hash.removeprefix('sha256:')}"


def test_a_matrix_is_for_a_plate_of_six_loads_alone(
    tmp_path: Path, info: Callable[..., BoardInfo], wrench_info: BoardInfo
) -> None:
    rows = tuple(map(tuple, (2.0 * np.eye(6)).tolist()))
    content = Content(board=BOARD, matrix=MatrixTable(rows=rows, zero=(0.0,) * 6)).signed()
    (tmp_path / "a.toml").write_text(text_of(content))
    found = load_calibration(tmp_path / "a.toml", wrench_info)
    assert isinstance(found, Matrix)
    assert found.rows == rows
    with pytest.raises(CalibrationError, match="is for 6 channels, and this board has 4"):
        load_calibration(tmp_path / "a.toml", info())
    square = Content(board=BOARD, matrix=MatrixTable(rows=rows[:4], zero=(0.0,) * 6)).signed()
    assert square.kind == "matrix"


def test_a_changed_file_is_refused_until_it_is_signed_again(tmp_path: Path, info: Callable[..., BoardInfo]) -> None:
    path = tmp_path / "a.toml"
    path.write_text("# a comment does not count\n" + text_of(CONTENT.signed()))
    load_calibration(path, info())
    path.write_text(path.read_text().replace("0.03", "0.031"))
    with pytest.raises(CalibrationError, match=r"not what was signed \(hash sha256:.*otolith calibrate sign"):
        load_calibration(path, info())
    path.write_text(text_of(read_content(path, changed=True).signed()))
    assert load_calibration(path, info()).zero == (1.0, 2.0, 3.0, 4.0)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('format = "otolith-calibration/2"', 'format = "otolith-calibration/3"', "is neither"),
        ("gain = [0.01,", "gain = [nan,", "finite"),
        ("gain = [0.01, 0.02,", "gain = [0.02,", "one gain and one zero per cell"),
        ("[linear]", "[linear]\ncolour = 1", "colour"),
        ("[linear]", "[matrix]", "rows"),
        ("[board]", "[boards]", "board"),
        ("version = 1", "version = 0", "version"),
    ],
)
def test_a_wrong_file_says_where(old: str, new: str, words: str) -> None:
    text = text_of(CONTENT.signed())
    assert old in text
    with pytest.raises(CalibrationError, match=words):
        parse_content("x.toml", text.replace(old, new).encode(), is_json=False)


def test_the_shelf_chains_and_never_overwrites(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "calibrations")
    assert shelf.newest("twin-1001") is None
    first = shelf.add("twin-1001", CONTENT)
    second = shelf.add("twin-1001", CONTENT)
    assert (first.version, first.previous, second.version, second.previous) == (1, "", 2, first.hash)
    assert shelf.newest("twin-1001") == second
    assert [stored.path.name for stored in shelf.stored("twin-1001")] == ["0001.toml", "0002.toml"]
    assert sorted(path.name for path in (tmp_path / "calibrations/twin-1001").iterdir()) == ["0001.toml", "0002.toml"]


def test_a_spoilt_newest_file_is_refused_and_not_skipped(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.add("twin-1001", CONTENT)
    (tmp_path / "twin-1001" / "0002.toml").write_text("gain = [")
    with pytest.raises(CalibrationError, match=r"0002\.toml"):
        shelf.newest("twin-1001")
    assert shelf.add("twin-1001", CONTENT).version == 3


@pytest.mark.parametrize("board", ["", "..", "a/b", "A", "x" * 200])
def test_a_shelf_has_no_way_out(tmp_path: Path, board: str) -> None:
    with pytest.raises(CalibrationError, match="is no board's id"):
        Shelf(tmp_path).newest(board)


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CalibrationError, match="Not a directory"):
        Shelf(tmp_path / "file").add("twin-1001", CONTENT)


def test_without_observations_nothing_is_computed_again(info: Callable[..., BoardInfo]) -> None:
    with pytest.raises(CalibrationError, match="no observations"):
        recompute(CONTENT, info())


@pytest.mark.parametrize(
    ("date", "days"), [("2025-12-31", 1), ("2025-12-02T00:00:00Z", 30), ("2027-01-01", 0), ("", None), ("soon", None)]
)
def test_age(date: str, days: int | None) -> None:
    assert age_days(date, VirtualClock().now()) == days


def test_points_must_increase() -> None:
    with pytest.raises(ValueError, match="loads must increase"):
        Content(board=BOARD, piecewise=PiecewiseTable(newtons=(0.0, 1.0), points=((2.0,), (1.0,))))
    with pytest.raises(ValueError, match="either linear, or piecewise, or a matrix"):
        Content(board=BOARD)
    assert isinstance(KINDS["piecewise"].calibration(), Piecewise)
