"""C3D files in every encoding: samples to the bit, force and CoP as ezc3d finds them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.c3d.encoding import ENCODINGS
from otolith.drivers.replay.c3d.file import C3dFile
from otolith.drivers.replay.recording import Recording
from otolith.dsp.plates.kistler import CORRECTIONS
from otolith.service.analysis import Plan, analyse
from otolith.service.platforms import compose, platform

Array = NDArray[np.float64]
PROCESSORS = {84: "Intel", 85: "DEC", 86: "SGI/MIPS"}
TURNED = np.eye(6) + np.random.default_rng(3).normal(0.0, 0.01, (6, 6)).astype(np.float32)


@pytest.fixture
def ezc3d() -> Any:
    return pytest.importorskip("ezc3d", reason="no ezc3d: pip install 'otolith[c3d]'")


def theirs(ezc3d: Any, path: Path) -> list[dict[str, Array]]:
    found: list[dict[str, Array]] = ezc3d.c3d(str(path), extract_forceplat_data=True)["data"]["platform"]
    return found


def read(path: Path, plate: int | None = None, columns: dict[str, str] | None = None) -> Recording:
    return compose(C3dFile(path), plate, columns, None)


def xy(recording: Recording) -> Array:
    assert recording.ml is not None
    assert recording.ap is not None
    return np.column_stack([recording.ml, recording.ap])


def vertical(recording: Recording) -> Array:
    assert recording.force is not None
    return recording.force


@pytest.mark.parametrize("processor", PROCESSORS)
@pytest.mark.parametrize("kind", [2, 3, 4])
def test_force_and_cop_are_those_of_ezc3d(
    ezc3d: Any, lab: Any, person: Callable[..., Array], tmp_path: Path, *, kind: int, processor: int
) -> None:
    """It reads Intel's order only; the other two must give what it reads there."""
    changes = {"FORCE_PLATFORM__CAL_MATRIX": TURNED[:, :, None]}
    if kind == 3:
        changes["FORCE_PLATFORM__FPCOPPOLY"] = np.array(CORRECTIONS["9281E11"])[:, None]
    file = lab([kind], [person(kind)], **changes)
    expected = theirs(ezc3d, file.write(tmp_path / "intel.c3d"))[0]
    file.processor = processor
    ours = C3dFile(file.write(tmp_path / "ours.c3d"))
    assert (ours.encoding, ours.rate(), len(ours)) == (PROCESSORS[processor], 1000.0, 3000)
    trace = platform(ours, ours.platforms[0], 1.0).trace
    np.testing.assert_allclose(trace.force.T, expected["force"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(trace.cop.T, expected["center_of_pressure"], rtol=0, atol=1e-9)
    found = xy(read(tmp_path / "ours.c3d"))
    np.testing.assert_allclose(found.T, expected["center_of_pressure"][:2], rtol=0, atol=1e-9)


@pytest.mark.parametrize("processor", PROCESSORS)
def test_a_file_that_ezc3d_wrote_is_read_in_every_encoding(
    ezc3d: Any, lab: Any, person: Callable[..., Array], tmp_path: Path, processor: int
) -> None:
    file, n = ezc3d.c3d(), 1000
    values = person(2, n)
    file["parameters"]["POINT"]["RATE"]["value"] = [100.0]
    file["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    file["parameters"]["POINT"]["LABELS"]["value"] = ["a", "b"]
    file["data"]["points"] = np.ones((4, 2, n))
    file["parameters"]["ANALOG"]["RATE"]["value"] = [100.0]
    file["parameters"]["ANALOG"]["LABELS"]["value"] = [f"c{i}" for i in range(6)]
    file["data"]["analogs"] = values.T[None]
    mine = lab([2], [values], samples=1)
    for name, value in mine.groups["FORCE_PLATFORM"].items():
        file.add_parameter("FORCE_PLATFORM", name, np.asarray(value, dtype=np.float64))
        if np.asarray(value).dtype.kind == "i":
            whole = np.atleast_1d(value)
            file["parameters"]["FORCE_PLATFORM"][name] |= {"type": ezc3d.ezc3d.INT, "value": whole}
    file.write(str(tmp_path / "theirs.c3d"))
    written = ezc3d.c3d(str(tmp_path / "theirs.c3d"))
    if processor != 84:
        mine.groups = {
            group: {name: _plain(one) for name, one in parameters.items() if name != "__METADATA__"}
            for group, parameters in written["parameters"].items()
        }
        for name in ("USED", "SCALE", "RATE", "FRAMES", "DATA_START"):
            mine.groups["POINT"].pop(name, None)
        mine.processor, mine.points = processor, 2
        mine.write(tmp_path / "theirs.c3d")
    read_back = C3dFile(tmp_path / "theirs.c3d")
    np.testing.assert_array_equal(np.column_stack([read_back.channel(i) for i in range(6)]), values)
    assert (read_back.rate(), read_back.unit, read_back.labels[5]) == (100.0, "mm", "c5")


def _plain(one: dict[str, Any]) -> Any:
    value = one["value"]
    if isinstance(value, list):
        return value
    return np.asarray(value).astype(np.int16 if one["type"] in (1, 2) else np.float64)


@pytest.mark.parametrize("processor", PROCESSORS)
@pytest.mark.parametrize("form", ["SIGNED", "UNSIGNED"])
def test_integers_are_scaled_with_and_without_a_sign(
    ezc3d: Any, lab: Any, person: Callable[..., Array], tmp_path: Path, *, processor: int, form: str
) -> None:
    centre = 40000 if form == "UNSIGNED" else 100
    scales = np.array([0.25, 0.25, 0.5, 40.0, 40.0, 10.0])
    counts = np.rint(person(2) / (0.5 * scales)) + centre
    file = lab(
        [2],
        [counts],
        ANALOG__SCALE=scales,
        ANALOG__OFFSET=np.full(6, centre, dtype=np.int32),
        ANALOG__GEN_SCALE=np.float32(0.5),
        ANALOG__FORMAT=[form],
    )
    file.floats = False
    path = file.write(tmp_path / "intel.c3d")
    expected = theirs(ezc3d, path)[0] if form == "SIGNED" else None
    file.processor = processor
    found = C3dFile(file.write(tmp_path / "ours.c3d"))
    for i in range(6):
        np.testing.assert_allclose(found.channel(i), (counts[:, i] - centre) * scales[i] * 0.5, rtol=1e-15)
    if expected is not None:
        trace = platform(found, found.platforms[0], 1.0).trace
        np.testing.assert_allclose(trace.cop.T, expected["center_of_pressure"], rtol=0, atol=1e-9)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_every_float_has_the_same_value_in_every_encoding(value: float) -> None:
    if value and not 2.0**-126 < abs(value) < 2.0**126:
        value = 1.0
    mantissa, exponent = np.frexp(abs(value))
    bits = 0 if not value else (int(exponent) + 128) << 23 | int((mantissa - 0.5) * 2**24) | (value < 0) << 31
    words = np.array([(bits >> 16) | (bits << 16) & 0xFFFFFFFF], dtype="<u4")
    assert ENCODINGS[85].reals(words)[0] == value
    for processor, order in ((84, "<"), (86, ">")):
        assert ENCODINGS[processor].reals(np.array([value], dtype=f"{order}f4"))[0] == value


def test_the_reserved_operand_of_a_vax_is_no_number() -> None:
    assert np.isnan(ENCODINGS[85].reals(np.array([0x8000], dtype="<u4"))[0])


@pytest.mark.parametrize("kind", [1, 2, 3, 4, 5, 7])
def test_every_type_gives_the_sway_that_stood_on_it(
    lab: Any, person: Callable[..., Array], tmp_path: Path, kind: int
) -> None:
    rows = {4: 6, 5: 6, 7: 8}.get(kind)
    changes = {} if rows is None else {"FORCE_PLATFORM__CAL_MATRIX": np.eye(rows, 6 if kind == 4 else 8)[:, :, None]}
    values = person(kind)
    if kind == 5:
        values[:, 6:] = 0.0
    path = lab([kind], [values], **changes).write(tmp_path / "trial.c3d")
    recording = read(path)
    assert np.ptp(xy(recording)[:, 0]) > 5
    assert vertical(recording).mean() == pytest.approx(700, abs=5)
    result = analyse(path, Plan())
    assert (result.rate_hz, result.n) == (1000.0, 3000)
    assert result.metrics["path_length"].value > 0


def test_two_platforms_are_combined_or_chosen(lab: Any, person: Callable[..., Array], tmp_path: Path) -> None:
    path = lab([2, 3], [person(2), person(3, seed=1)]).write(tmp_path / "trial.c3d")
    first, second = read(path, 1), read(path, 2)
    both = read(path)
    np.testing.assert_allclose(vertical(both), vertical(first) + vertical(second))
    moments = vertical(first)[:, None] * xy(first) + vertical(second)[:, None] * xy(second)
    np.testing.assert_allclose(xy(both), moments / vertical(both)[:, None], rtol=0, atol=1e-9)
    assert both.notes[0] == "force platforms 1 to 2 were combined into one"
    assert second.notes[0] == "force platform 2 of 2 was used"
    assert analyse(path, Plan(plate=2)).warnings[0] == second.notes[0]


def test_axes_are_mapped_and_said(lab: Any, person: Callable[..., Array], tmp_path: Path) -> None:
    path = lab([2], [person(2)]).write(tmp_path / "trial.c3d")
    plain, turned = read(path), read(path, columns={"ml": "-y", "ap": "X"})
    np.testing.assert_array_equal(xy(turned), xy(plain)[:, ::-1] * [-1, 1])
    assert plain.shear is not None
    assert turned.shear is not None
    np.testing.assert_array_equal(turned.shear[:, 1], plain.shear[:, 0])
    assert plain.notes[1] == "ml is the lab's x, ap its y, for want of a map: --columns ml=x,ap=y"
    assert turned.notes[1] == "ml is the lab's -y, ap its X"


def test_channels_can_be_read_past_the_platforms(lab: Any, person: Callable[..., Array], tmp_path: Path) -> None:
    values = person(2)
    path = lab([2], [values], ANALOG__UNITS=["cm"] * 6).write(tmp_path / "trial.c3d")
    found = read(path, columns={"ml": "Ch1", "ap": "-Ch2"})
    np.testing.assert_allclose(xy(found), values[:, :2] * [10, -10])
    assert found.rate == 1000.0


@pytest.mark.parametrize(("unit", "size"), [("m", 1000.0), ("cm", 10.0), ("", 1000.0)])
def test_lengths_in_other_units_and_in_none(
    lab: Any, person: Callable[..., Array], tmp_path: Path, unit: str, size: float
) -> None:
    values = person(2)
    expected = read(lab([2], [values]).write(tmp_path / "mm.c3d"))
    file = lab([2], [values / [1, 1, 1, size, size, size]], POINT__UNITS=[unit])
    group = file.groups["FORCE_PLATFORM"]
    group["CORNERS"], group["ORIGIN"] = group["CORNERS"] / size, group["ORIGIN"] / size
    found = read(file.write(tmp_path / "other.c3d"))
    np.testing.assert_allclose(xy(found), xy(expected), atol=1e-4)
    assert any("POINT:UNITS is empty" in note for note in found.notes) == (not unit)


def test_moments_labelled_in_newton_metres_are_turned_into_the_files_length(
    lab: Any, person: Callable[..., Array], tmp_path: Path
) -> None:
    values = person(2)
    expected = read(lab([2], [values]).write(tmp_path / "mm.c3d"))
    labels = ["N", "Newtons", "N", "N.m", "Nm", "N m"]
    file = lab([2], [values / [1, 1, 1, 1000, 1000, 1000]], ANALOG__UNITS=labels)
    np.testing.assert_allclose(xy(read(file.write(tmp_path / "nm.c3d"))), xy(expected), atol=1e-4)


def test_volts_and_a_baseline_are_told(lab: Any, person: Callable[..., Array], tmp_path: Path) -> None:
    zero = np.array([1, 10], dtype=np.int16)
    file = lab([2], [person(2)], ANALOG__UNITS=["V"] * 6, FORCE_PLATFORM__ZERO=zero)
    assert read(file.write(tmp_path / "trial.c3d")).notes[2:] == (
        "FORCE_PLATFORM:ZERO names frames 1 to 10 as unloaded; nothing was subtracted",
        "force platform 1: its channels are labelled 'V' and were taken as N and N·mm",
    )


def test_rows_without_a_number_and_an_empty_plate_are_gaps(
    lab: Any, person: Callable[..., Array], tmp_path: Path
) -> None:
    values = person(2)
    values[:100, :] = 0.0
    values[500:503, 3] = np.nan
    values[1000:1005, :] = 0.0
    path = lab([2], [values]).write(tmp_path / "trial.c3d")
    recording = read(path)
    assert [(gap.index, gap.rows) for gap in recording.gaps] == [(500, 3)]
    assert np.isnan(xy(recording)[500:503]).all()
    assert analyse(path, Plan(recipe="raw")).warnings[-2:] == (
        "100 samples at the start and 0 at the end hold no position",
        "8 missing samples were interpolated",
    )
    values[1500:1700] = 0.0
    lab([2], [values]).write(path)
    with pytest.raises(RecordingError, match=r"200 samples \(0\.2 s\) are missing at 1\.499 s"):
        analyse(path, Plan(recipe="raw"))


def test_more_frames_than_16_bits_count(lab: Any, tmp_path: Path) -> None:
    n = 70_000
    values = np.tile([0.0, 0.0, 700.0, 0.0, 0.0, 0.0], (n, 1))
    for extra in ({"POINT__LONG_FRAMES": np.float32(n)}, {}):
        file = lab([2], [values], samples=1, ANALOG__RATE=np.float32(100.0), **extra)
        if not extra:
            file.groups["TRIAL"] = {
                "ACTUAL_START_FIELD": np.array([1, 0], dtype=np.int32),
                "ACTUAL_END_FIELD": np.array([n & 0xFFFF, n >> 16], dtype=np.int32),
            }
        assert len(C3dFile(file.write(tmp_path / "long.c3d"))) == n
