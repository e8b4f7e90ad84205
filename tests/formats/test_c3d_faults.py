"""Broken C3D files: a sentence with the place, never a hang, never another error."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from otolith.drivers.errors import RecordingError
from otolith.service.analysis import Analysis, Plan, analyse, analyse_all

Array = NDArray[np.float64]
Person = Callable[..., Array]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"FORCE_PLATFORM__CHANNEL": np.array([[1, 2, 3, 4, 5, 9]]).T},
            r"platform 1: there is no channel 9; .* 1 to 6",
        ),
        ({"FORCE_PLATFORM__CHANNEL": np.array([[1, 2, 0, 4, 5, 6]]).T}, "platform 1: there is no channel 0"),
        ({"FORCE_PLATFORM__CHANNEL": np.array([[1, 2, 3, 4, 5, 5]]).T}, "platform 1: channel 5 is named twice"),
        ({"FORCE_PLATFORM__CHANNEL": np.array([[1, 2, 3]]).T}, "platform 1: 3 channels where its type needs 6"),
        ({"FORCE_PLATFORM__USED": np.int16(3)}, "USED announces 3 platforms, TYPE describes 1"),
        ({"FORCE_PLATFORM__USED": np.int16(0)}, "no force platform; its analogue channels, for --columns, are: 'Ch1'"),
        ({"FORCE_PLATFORM__USED": ["two"]}, "FORCE_PLATFORM:USED is text where numbers belong"),
        ({"FORCE_PLATFORM__CORNERS": np.zeros((3, 4, 0))}, "CORNERS has 0 values, force platform 1 needs 12"),
        ({"FORCE_PLATFORM__CORNERS": np.full((3, 4, 1), np.nan)}, "CORNERS"),
        ({"FORCE_PLATFORM__ORIGIN": np.zeros((2, 1))}, "ORIGIN has 2 values, force platform 1 needs 3"),
        ({"FORCE_PLATFORM__TYPE": np.array([4])}, "needs a finite CAL_MATRIX"),
        ({"FORCE_PLATFORM__TYPE": np.array([9])}, "no force platform of type 9"),
        ({"POINT__UNITS": ["furlong"]}, "POINT:UNITS is 'furlong'; lengths are read in mm, cm, m"),
        ({"POINT__UNITS": ["m"]}, "CORNERS make a plate of 4e.05 by 6e.05 mm; is POINT:UNITS right"),
        ({"ANALOG__UNITS": ["N", "N", "kg", "", "", ""]}, "channel 3 'Ch3' is in 'kg'; it is read in n, newton"),
        ({"ANALOG__UNITS": ["Nm", "N", "N", "", "", ""]}, "channel 1 'Ch1' is in 'Nm'"),
        ({"ANALOG__UNITS": ["N", "N", "N", "Nm", "Nm", "Nm"]}, "far off the plate"),
        ({"ANALOG__SCALE": np.ones(4)}, "ANALOG:SCALE has 4 values for 6 channels"),
        ({"ANALOG__OFFSET": np.ones(2)}, "ANALOG:OFFSET has 2 values for 6 channels"),
        ({"ANALOG__USED": np.int16(5)}, "60 analogue values a frame, but 10 samples"),
        ({"ANALOG__USED": np.int16(-5)}, "analogue values a frame"),
        ({"ANALOG__RATE": np.float32(1200)}, "ANALOG:RATE is 1200 Hz, but 10 samples a frame at POINT:RATE 100 Hz"),
    ],
)
def test_what_contradicts_itself_is_refused(
    lab: Any, person: Person, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = lab([2], [person(2)], **changes).write(tmp_path / "trial.c3d")
    with pytest.raises(RecordingError, match=message) as caught:
        analyse(path, Plan())
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "name"), [(6, "twelve channels"), (11, "split-belt"), (12, "Gaitway"), (21, "AMTI stairs")]
)
def test_platforms_that_nobody_reads_are_named(lab: Any, person: Person, tmp_path: Path, kind: int, name: str) -> None:
    path = lab([2, kind], [person(2), person(kind)]).write(tmp_path / "trial.c3d")
    with pytest.raises(RecordingError, match=rf"force platform 2: force platforms of type {kind} \(.*{name}"):
        analyse(path, Plan())
    assert analyse(path, Plan(plate=1)).n == 3000
    with pytest.raises(RecordingError, match="no force platform 3; the file has 1 to 2"):
        analyse(path, Plan(plate=3))


@pytest.mark.parametrize(
    ("at", "piece", "message"),
    [
        (0, b"\xff", "byte 0 puts the parameters in block 255, outside the file"),
        (1, b"\x51", "not a C3D file: byte 1 is 0x51, not 0x50"),
        (6, b"\x20\x00\x01\x00", "byte 6: the header runs from frame 32 to frame 1"),
        (8, b"\x00\xf0", "cut short: it announces 61440 frames"),
        (515, b"\x57", "byte 515: no processor type is 87; known are 84"),
        (523, b"\x01\x00", "byte 523: parameter 'POINT' leads back into itself"),
        (523, b"\xff\xff", "the parameters lead to byte 66058, behind the end of the file at"),
    ],
)
def test_damage_is_told_with_its_byte(
    lab: Any, person: Person, tmp_path: Path, *, at: int, piece: bytes, message: str
) -> None:
    file = lab([2], [person(2, 1000)])
    file.changes = {at: piece}
    with pytest.raises(RecordingError, match=message):
        analyse(file.write(tmp_path / "trial.c3d"), Plan())


def test_a_file_cut_anywhere_is_refused(lab: Any, person: Person, tmp_path: Path) -> None:
    data = lab([2], [person(2, 1000)]).encoded()
    path = tmp_path / "trial.c3d"
    for size in (0, 1, 100, 511, 512, 514, 520, 700, 1200, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:size])
        with pytest.raises(
            RecordingError, match=r"empty|not a C3D|outside the file|file ends|behind the end|cut short"
        ):
            analyse(path, Plan())


def test_samples_inside_the_header_are_refused(lab: Any, person: Person, tmp_path: Path) -> None:
    file = lab([2], [person(2)])
    file.block = 1
    with pytest.raises(RecordingError, match="DATA_START puts the samples in block 1, which is the header"):
        analyse(file.write(tmp_path / "trial.c3d"), Plan())


def test_absurd_counts_take_no_memory(lab: Any, person: Person, tmp_path: Path) -> None:
    file = lab([2], [person(2)], POINT__USED=np.int32(65535), POINT__LONG_FRAMES=np.float32(2e9))
    file.frames = 65535
    with pytest.raises(RecordingError, match="announces 2000000000 frames"):
        analyse(file.write(tmp_path / "trial.c3d"), Plan())


def test_two_numbers_of_frames_are_told(lab: Any, person: Person, tmp_path: Path) -> None:
    path = lab([2], [person(2)], POINT__FRAMES=np.int32(250)).write(tmp_path / "trial.c3d")
    result = analyse(path, Plan())
    assert result.n == 3000
    assert "POINT:FRAMES says 250 frames, the header 300; the header's were read" in result.warnings


def test_a_file_with_nothing_but_nan(lab: Any, person: Person, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="not one sample holds a number"):
        analyse(lab([2], [np.nan * person(2)]).write(tmp_path / "trial.c3d"), Plan())


def test_a_rate_is_needed_where_the_file_has_none(lab: Any, person: Person, tmp_path: Path) -> None:
    file = lab([2], [person(2)], ANALOG__RATE=np.float32(0))
    file.rate = 0.0
    path = file.write(tmp_path / "trial.c3d")
    with pytest.raises(RecordingError, match="give --rate"):
        analyse(path, Plan())
    assert analyse(path, Plan(rate=500.0)).rate_hz == 500.0
    with pytest.raises(RecordingError, match="the file says 1000 Hz, the given rate 500 Hz"):
        analyse(lab([2], [person(2)]).write(path), Plan(rate=500.0))


@given(damage=st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255)), min_size=1, max_size=8))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("processor", [84, 85, 86])
def test_any_damage_ends_in_figures_or_in_a_sentence(
    lab: Any, person: Person, tmp_path: Path, processor: int, damage: list[tuple[int, int]]
) -> None:
    file = lab([2], [person(2, 500)])
    file.processor = processor
    data = bytearray(file.encoded())
    for at, byte in damage:
        data[at % 2048] = byte  # the header and the parameters
    path = tmp_path / "trial.c3d"
    path.write_bytes(data)
    result = next(analyse_all([path], Plan(recipe="raw")))  # anything but a RecordingError comes out here
    assert isinstance(result, Analysis) or str(path) in result.error
