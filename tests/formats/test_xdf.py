"""XDF: the right stream, its labels and units, times that jitter, files that end too soon."""

import builtins
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.recording import Recording
from otolith.drivers.replay.trial import read_recording
from otolith.service.analysis import Analysis, Plan, analyse, analyse_all

pytest.importorskip("pyxdf", reason="no pyxdf: pip install 'otolith[xdf]'")

N = 2000
Write = Callable[..., Path]


def stream(name: str = "Board", kind: str = "CoP", keep: Any = slice(None), **changes: Any) -> dict[str, Any]:
    """40 s at 50 Hz from somewhere in the life of a computer."""
    t = np.arange(N) / 50
    values = np.column_stack([3 * np.sin(t), 2 * np.cos(1.3 * t), np.full(N, 600.0)])
    made: dict[str, Any] = {
        "name": name,
        "type": kind,
        "labels": ["ml", "ap", "fz"],
        "units": ["millimeters", "mm", "Newtons"],
        "rate": 50,
        "t": t[keep] + 12345.0,
        "values": values[keep],
    } | changes
    return made


def read(path: Path, columns: dict[str, str] | None = None, name: str | None = None) -> Recording:
    found = read_recording(path, columns, None, None, name)
    assert isinstance(found, Recording)
    return found


def xy(recording: Recording) -> NDArray[np.float64]:
    assert recording.ml is not None
    assert recording.ap is not None
    return np.column_stack([recording.ml, recording.ap])


def test_the_only_stream_is_read_by_its_labels(xdf_file: Write) -> None:
    recording = read(xdf_file(stream()))
    np.testing.assert_allclose(xy(recording)[:, 0], 3 * np.sin(np.arange(N) / 50))
    assert (recording.rate, len(recording), recording.gaps, recording.notes) == (50.0, N, (), ())
    assert recording.force is not None
    assert analyse(xdf_file(stream()), Plan(recipe="raw")).warnings == ()


def test_channels_without_labels_have_numbers(xdf_file: Write) -> None:
    bare = stream(labels=["", "", ""], units=["cm", "cm", ""])
    recording = read(xdf_file(bare), {"ml": "-2", "ap": "1"})
    np.testing.assert_allclose(xy(recording)[:, 1], 30 * np.sin(np.arange(N) / 50))


def test_a_stream_is_chosen_by_name_or_type(xdf_file: Write) -> None:
    path = xdf_file(stream("Left", "Force"), stream("Right", "CoP", values=np.ones((N, 3), dtype=np.float32)))
    assert np.ptp(xy(read(path, name="left"))[:, 0]) > 5
    assert np.ptp(xy(read(path, name="CoP"))[:, 0]) == 0
    assert analyse(path, Plan(recipe="raw", stream="Left")).n == N
    with pytest.raises(RecordingError, match=r"say which stream.*'Left' \(Force, 3 channels at 50 Hz\); 'Right' \(CoP"):
        read(path)
    with pytest.raises(RecordingError, match=r"no stream has the name or type 'EEG'; there are: 'Left'"):
        read(path, name="EEG")


def test_dropped_frames_and_rows_without_numbers_are_gaps(xdf_file: Write) -> None:
    values = np.ones((N, 3))
    values[100, 0] = np.nan
    gone = np.r_[0:500, 503:N]
    recording = read(xdf_file(stream(keep=gone)))
    assert [(gap.index, gap.missed) for gap in recording.gaps] == [(500, 3)]
    assert [(gap.index, gap.rows) for gap in read(xdf_file(stream(values=values))).gaps] == [(100, 1)]


def test_jitter_is_evened_out_and_said_and_long_gaps_stay(xdf_file: Write) -> None:
    rng = np.random.default_rng(2)
    late = np.arange(N) / 50 + rng.exponential(0.008, N)
    late[1000:] += 0.4
    recording = read(xdf_file(stream(t=np.maximum.accumulate(late) + np.arange(N) * 1e-9)))
    assert recording.irregular is None
    assert recording.rate == pytest.approx(50, rel=2e-3)
    assert [(gap.index, gap.missed) for gap in recording.gaps] == [(1000, 20)]
    assert recording.notes == ("the time stamps jitter; they were evened out between 1 gaps",)


def test_a_wrong_unit_is_refused(xdf_file: Write) -> None:
    with pytest.raises(RecordingError, match=r"'ml\[inch\]' is in 'inch'"):
        read(xdf_file(stream(units=["inch", "mm", "N"])))
    with pytest.raises(RecordingError, match="names no unit: give --units"):
        read(xdf_file(stream(units=["", "", ""])))


def test_a_file_cut_anywhere_is_refused(xdf_file: Write) -> None:
    size = xdf_file(stream()).stat().st_size
    for cut in (1, 30, 50, 500, size // 2, size - 200, size - 40, size - 6, size - 3, size):
        with pytest.raises(RecordingError, match=r"cut short|not an XDF|say which stream") as caught:
            read(xdf_file(stream(), cut=cut))
        assert "trial.xdf" in str(caught.value)


def test_a_packed_file_is_read_and_refused_when_torn(xdf_file: Write, tmp_path: Path) -> None:
    packed = tmp_path / "trial.xdfz"
    data = gzip.compress(xdf_file(stream()).read_bytes())
    packed.write_bytes(data)
    assert len(read(packed)) == N
    packed.write_bytes(data[: len(data) // 2])
    with pytest.raises(RecordingError, match="cannot be read"):
        read(packed)


def test_a_stream_without_samples_is_refused(xdf_file: Write) -> None:
    with pytest.raises(RecordingError, match="holds no samples"):
        read(xdf_file(stream(keep=slice(0))))


def test_a_footer_tells_whether_samples_are_lost(xdf_file: Write) -> None:
    assert read(xdf_file(stream(closed=False))).notes == (
        "the stream was never closed; it ends with the last whole chunk",
    )
    with pytest.raises(RecordingError, match="closed after 2007 samples; the file holds 2000"):
        read(xdf_file(stream(lost=7)))


def test_an_absurd_count_takes_no_memory(xdf_file: Write) -> None:
    path = xdf_file(stream())
    data = path.read_bytes()
    path.write_bytes(data.replace(b"\x04\x64\x00\x00\x00\x08", b"\x04\xff\xff\xff\xff\x08", 1))
    with pytest.raises(RecordingError, match="4294967295 samples of 25 bytes do not fit into"):
        read(path)


@given(at=st.integers(4, 3000), piece=st.binary(min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_ends_in_a_recording_or_in_a_sentence(xdf_file: Write, at: int, piece: bytes) -> None:
    path = xdf_file(stream(keep=slice(100)))
    data = bytearray(path.read_bytes())
    data[at : at + len(piece)] = piece
    path.write_bytes(data)
    result = next(analyse_all([path], Plan(recipe="raw")))  # anything but a RecordingError comes out here
    assert isinstance(result, Analysis) or "trial.xdf" in result.error


def test_without_pyxdf_it_says_what_to_install(xdf_file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path, original = xdf_file(stream()), builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "pyxdf":
            raise ImportError(name)
        return original(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(RecordingError, match=r"needs pyxdf: pip install 'otolith\[xdf\]'"):
        read_recording(path)
