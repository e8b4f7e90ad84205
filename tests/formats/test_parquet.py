"""Parquet: like a table, with types, units in the fields, and its own ways to break."""

import builtins
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.recording import Recording
from otolith.drivers.replay.trial import read_recording
from otolith.service.analysis import Plan, analyse

pa = pytest.importorskip("pyarrow", reason="no pyarrow: pip install 'otolith[archive]'")
parquet = pytest.importorskip("pyarrow.parquet", reason="no pyarrow: pip install 'otolith[archive]'")

Write = Callable[..., Path]
N = 2000


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """40 s at 50 Hz; keyword arguments replace or add columns, None takes one away."""

    def write(keep: Any = slice(None), units: dict[str, str] | None = None, **columns: Any) -> Path:
        t = np.arange(N) / 50
        whole = {"t": t, "ml": 3 * np.sin(t), "ap": 2 * np.cos(1.3 * t), "fz": np.full(N, 600.0)} | columns
        arrays = {
            name: pa.array(v[keep] if isinstance(v, np.ndarray) else v) for name, v in whole.items() if v is not None
        }
        fields = [
            pa.field(name, array.type, metadata={"unit": units[name]} if units and name in units else None)
            for name, array in arrays.items()
        ]
        path = tmp_path / "trial.parquet"
        parquet.write_table(pa.table(list(arrays.values()), schema=pa.schema(fields)), path)
        return path

    return write


def read(path: Path, *arguments: Any) -> Recording:
    found = read_recording(path, *arguments)
    assert isinstance(found, Recording)
    return found


def test_it_gives_the_figures_of_the_same_table_in_text(write: Write, tmp_path: Path) -> None:
    path = write()
    rows = parquet.read_table(path).to_pylist()
    text = tmp_path / "trial.csv"
    text.write_text("t,ml,ap,fz\n" + "\n".join(",".join(repr(v) for v in row.values()) for row in rows))
    plan = Plan(units="mm")
    assert analyse(path, plan).metrics == analyse(text, plan).metrics


def test_units_may_stand_in_the_fields_and_types_may_differ(write: Write) -> None:
    path = write(units={"ml": "cm", "ap": "cm"}, fz=np.full(N, 600, dtype=np.int32))
    recording = read(path)
    assert recording.ml is not None
    np.testing.assert_allclose(recording.ml, 30 * np.sin(np.arange(N) / 50))
    assert recording.force is not None
    with pytest.raises(RecordingError, match=r"'ml\[cm\]' says cm, the given units say mm"):
        read(path, None, "mm")


def test_timestamps_become_seconds_without_loss(write: Write) -> None:
    stamps = pa.array((np.arange(N) * 20_000_000 + 1_790_000_000_123_456_789).tolist(), pa.timestamp("ns"))
    recording = read(write(t=stamps), None, "mm")
    np.testing.assert_allclose(recording.t, np.arange(N) / 50, atol=1e-12)
    assert recording.rate == 50.0


def test_nulls_nan_and_missing_rows_are_gaps(write: Write) -> None:
    ml = np.sin(np.arange(N) / 50)
    ml[100:102] = np.nan
    holes: list[float | None] = ml.tolist()
    holes[300] = None
    recording = read(write(ml=pa.array(holes)), None, "mm")
    assert [(gap.index, gap.rows, gap.missed) for gap in recording.gaps] == [(100, 2, 0), (300, 1, 0)]
    keep = np.r_[0:500, 504:N]
    recording = read(write(keep=keep), None, "mm")
    assert [(gap.index, gap.rows, gap.missed) for gap in recording.gaps] == [(500, 0, 4)]
    assert analyse(write(keep=keep), Plan(units="mm", recipe="raw")).warnings == (
        "4 missing samples were interpolated",
    )


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"ml": ["left"] * N}, "column 'ml': holds string, not numbers"),
        ({"ml": None}, "a CoP needs both ml and ap"),
        ({"t": None}, "no time column"),
        ({"t": np.zeros(N)}, "row 2: time does not advance"),
        ({"ml": np.full(N, np.nan)}, "not one row holds a number"),
    ],
)
def test_bad_columns_are_refused(write: Write, columns: dict[str, Any], message: str) -> None:
    path = write(**columns)
    with pytest.raises(RecordingError, match=message) as caught:
        read(path, None, "mm")
    assert str(path) in str(caught.value)


def test_units_are_never_guessed(write: Write) -> None:
    with pytest.raises(RecordingError, match="'ml' names no unit: give --units"):
        read(write())
    with pytest.raises(RecordingError, match=r"'ml\[inch\]' is in 'inch'"):
        read(write(units={"ml": "inch"}))


def test_a_file_cut_anywhere_is_refused(write: Write) -> None:
    path = write()
    data = path.read_bytes()
    for size in (0, 3, 4, 100, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:size])
        with pytest.raises(RecordingError, match="damaged or cut short"):
            read(path, None, "mm")


def test_damaged_pages_are_refused_or_read(write: Write) -> None:
    path = write()
    data = bytearray(path.read_bytes())
    data[200:260] = b"\xff" * 60
    path.write_bytes(data)
    with pytest.raises(RecordingError):
        read(path, None, "mm")


def test_without_pyarrow_it_says_what_to_install(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path, original = write(), builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return original(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(RecordingError, match=r"needs pyarrow: pip install 'otolith\[archive\]'"):
        read_recording(path, None, "mm")
