"""Force platforms against physics, published numbers, and ezc3d reading the same file."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from otolith.dsp.plates import kistler
from otolith.dsp.plates.channels import PlateTrace, read
from otolith.dsp.plates.lab import LabTrace, axes, combined, to_lab
from otolith.dsp.plates.platform import ForcePlatform

Array = NDArray[np.float64]

CORNERS = np.array([[520.0, 180.0, 5.0], [520.0, 580.0, 5.0], [-80.0, 580.0, 5.0], [-80.0, 180.0, 5.0]])
"""400 x 600 mm, its x along the lab's -y, so z points down."""
ORIGIN = np.array([1.5, -2.0, -41.0])
KISTLER_ORIGIN = np.array([120.0, 200.0, -54.0])
POLYNOMIAL = np.array(kistler.CORRECTIONS["9281E11"])


def platform(kind: int, **parts: Any) -> ForcePlatform:
    origin = KISTLER_ORIGIN if kind in (3, 7) else ORIGIN
    return ForcePlatform(kind, **({"corners": CORNERS, "origin": origin} | parts))


def standing(channels: int, n: int = 200) -> Array:
    """Channel values that float32 holds exactly, as C3D files store them, with somebody on the plate."""
    rng = np.random.default_rng(channels)
    block = rng.normal(0.0, 20.0, (n, channels))
    block[:, 2 if channels == 6 else slice(4, 8)] += 700.0 if channels == 6 else 180.0
    return block.astype(np.float32).astype(np.float64)


def calibration(rows: int, columns: int) -> Array:
    matrix = np.eye(rows, columns) + np.random.default_rng(3).normal(0, 0.01, (rows, columns))
    return matrix.astype(np.float32).astype(np.float64)


def from_ezc3d(path: Path, plate: ForcePlatform, channels: Array) -> dict[str, Array]:
    """Write the channels as a C3D file and let ezc3d compute its force platform."""
    ezc3d = pytest.importorskip("ezc3d", reason="no ezc3d: pip install 'otolith[c3d]'")
    n, c = channels.shape
    file = ezc3d.c3d()
    file["parameters"]["POINT"]["RATE"]["value"] = [100.0]
    file["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    file["parameters"]["POINT"]["LABELS"]["value"] = ["a marker, since the format wants one"]
    file["data"]["points"] = np.ones((4, 1, n))
    file["parameters"]["ANALOG"]["RATE"]["value"] = [100.0]
    file["parameters"]["ANALOG"]["LABELS"]["value"] = [f"c{i}" for i in range(c)]
    file["data"]["analogs"] = channels.T[None]
    whole = {"USED": [1], "TYPE": [plate.type], "ZERO": [1, 0], "CHANNEL": np.arange(1, c + 1).reshape(c, 1)}
    matrix = np.eye(6) if plate.calibration is None else plate.calibration
    real = {"CORNERS": plate.corners.T[:, :, None], "ORIGIN": plate.origin[:, None], "CAL_MATRIX": matrix[:, :, None]}
    if plate.polynomial is not None:
        real["FPCOPPOLY"] = plate.polynomial[:, None]
    for name, values in (whole | real).items():
        file.add_parameter("FORCE_PLATFORM", name, np.asarray(values, dtype=np.float64))
    for name, values in whole.items():
        file["parameters"]["FORCE_PLATFORM"][name] |= {"type": ezc3d.ezc3d.INT, "value": np.asarray(values)}
    file.write(str(path))
    found: dict[str, Array] = ezc3d.c3d(str(path), extract_forceplat_data=True)["data"]["platform"][0]
    return found


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        (2, {}),
        (2, {"origin": -ORIGIN}),
        (3, {}),
        (3, {"polynomial": POLYNOMIAL.astype(np.float32).astype(np.float64)}),
        (4, {"calibration": calibration(6, 6)}),
    ],
)
def test_a_c3d_file_means_what_ezc3d_reads(tmp_path: Path, kind: int, parts: dict[str, Array]) -> None:
    plate = platform(kind, **parts)
    channels = standing(plate.channels)
    theirs = from_ezc3d(tmp_path / "plate.c3d", plate, channels)
    trace = read(plate, channels)
    lab = to_lab(plate, trace)
    np.testing.assert_allclose(lab.force.T, theirs["force"], rtol=0, atol=1e-9)
    np.testing.assert_allclose((trace.moment @ axes(plate).T).T, theirs["moment"], rtol=0, atol=1e-7)
    np.testing.assert_allclose(lab.cop.T, theirs["center_of_pressure"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(lab.free_moment[:, 2], theirs["Tz"][2], rtol=0, atol=1e-7)


def test_type_1_differs_from_ezc3d_in_the_sign_of_the_moment(tmp_path: Path) -> None:
    """A decision: the moment of a force at P is P x F. The CoP, which no sign touches, agrees."""
    plate, channels = platform(1), standing(6)
    theirs = from_ezc3d(tmp_path / "plate.c3d", plate, channels)
    trace = read(plate, channels)
    np.testing.assert_allclose((trace.moment @ axes(plate).T).T, -theirs["moment"], rtol=0, atol=1e-7)
    np.testing.assert_allclose(to_lab(plate, trace).cop.T, theirs["center_of_pressure"], rtol=0, atol=1e-9)


def wrench_of(force: Array, at: Array, twist: float) -> Array:
    """The wrench about the centre of the surface of a force at a point of it."""
    return np.array([*force, *(np.cross(at, force) + np.array([0.0, 0.0, twist]))])


FORCE, AT, TWIST = np.array([30.0, -20.0, 700.0]), np.array([55.0, -21.0, 0.0]), 1500.0


def solved(matrix: Array, result: Array) -> Array:
    return np.asarray(np.linalg.lstsq(matrix, result)[0], dtype=np.float64)


def sensed(kind: int) -> tuple[ForcePlatform, Array]:
    """Channels of each type for one known force."""
    at_sensor = wrench_of(FORCE, AT + ORIGIN, TWIST)
    if kind == 1:
        return platform(1), np.array([*FORCE, *AT[:2], TWIST])
    if kind == 2:
        return platform(2), at_sensor
    if kind == 4:
        matrix = calibration(6, 6)
        return platform(4, calibration=matrix), solved(matrix, at_sensor)
    if kind == 5:
        matrix = calibration(6, 8)
        return platform(5, calibration=matrix), solved(matrix, at_sensor)
    basis = np.column_stack([kistler.wrench(row[None], *KISTLER_ORIGIN)[0] for row in np.eye(8)])
    eight = solved(basis, wrench_of(FORCE, AT, TWIST))
    if kind == 3:
        return platform(3), eight
    matrix = calibration(8, 8)
    return platform(7, calibration=matrix), solved(matrix, eight)


@pytest.mark.parametrize("kind", [1, 2, 3, 4, 5, 7])
def test_every_type_finds_a_known_force(kind: int) -> None:
    plate, channels = sensed(kind)
    trace = read(plate, channels[None])
    np.testing.assert_allclose(trace.force[0], FORCE, rtol=1e-10)
    np.testing.assert_allclose(trace.moment[0], wrench_of(FORCE, AT, TWIST)[3:], rtol=1e-9)
    np.testing.assert_allclose(trace.cop[0], AT[:2], rtol=1e-10)
    assert trace.free_moment[0] == pytest.approx(TWIST, rel=1e-9)


@pytest.mark.parametrize("kind", [1, 2, 3, 4, 5, 7])
def test_an_empty_plate_has_no_cop(kind: int) -> None:
    plate, channels = sensed(kind)
    trace = read(plate, np.stack([channels, 0.02 * channels]))
    np.testing.assert_array_equal(np.isnan(trace.cop).all(axis=1), [False, True])
    np.testing.assert_array_equal(np.isnan(trace.free_moment), [False, True])


def test_kistlers_correction_is_in_millimetres() -> None:
    """9281E11 at (100, 150) mm, by hand from the printed polynomial."""
    x, y = 100.0, 150.0
    px, py = POLYNOMIAL[:6], POLYNOMIAL[6:]
    dx = (px[0] * y**4 + px[1] * y**2 + px[2]) * x**3 + (px[3] * y**4 + px[4] * y**2 + px[5]) * x
    dy = (py[0] * x**4 + py[1] * x**2 + py[2]) * y**3 + (py[3] * x**4 + py[4] * x**2 + py[5]) * y
    np.testing.assert_allclose(kistler.corrected(np.array([[x, y]]), POLYNOMIAL), [[x - dx, y - dy]], rtol=1e-13)
    assert 1.0 < np.hypot(dx, dy) < 10.0


def test_the_axes_are_a_rotation_with_z_down() -> None:
    rotation = axes(platform(2))
    np.testing.assert_allclose(rotation.T @ rotation, np.eye(3), atol=1e-15)
    np.testing.assert_allclose(rotation, [[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], atol=1e-15)


def test_two_feet_on_two_plates_are_one_person() -> None:
    """Winter et al. (1993): the weighted mean of the CoPs, for platforms in one plane."""
    rng = np.random.default_rng(1)

    def foot(x: float) -> LabTrace:
        force = rng.normal([0.0, 0.0, 350.0], 10.0, (50, 3))
        cop = np.column_stack([rng.normal(x, 5.0, 50), rng.normal(0.0, 20.0, 50), np.zeros(50)])
        return LabTrace(force, cop, np.zeros((50, 3)))

    left, right = foot(-150.0), foot(150.0)
    both = combined([left, right])
    np.testing.assert_allclose(both.force, left.force + right.force)
    fz = left.force[:, 2:], right.force[:, 2:]
    weighted = (fz[0] * left.cop + fz[1] * right.cop) / (fz[0] + fz[1])
    np.testing.assert_allclose(both.cop, weighted, rtol=0, atol=1e-10)
    turned = both.reaction()
    np.testing.assert_array_equal(turned.force, -both.force)
    np.testing.assert_array_equal(turned.cop, both.cop)


def test_a_foot_in_the_air_adds_nothing_and_a_step_keeps_the_moment() -> None:
    down = LabTrace(np.array([[10.0, 5.0, 700.0]]), np.array([[20.0, 30.0, 150.0]]), np.array([[0.0, 0.0, 900.0]]))
    up = LabTrace(np.array([[1.0, 1.0, 1.0]]), np.full((1, 3), np.nan), np.full((1, 3), np.nan))
    on_step = combined([down, up], height=150.0)
    np.testing.assert_allclose(on_step.cop, down.cop)
    np.testing.assert_allclose(on_step.free_moment, down.free_moment)
    on_floor = combined([down], height=0.0)
    np.testing.assert_allclose(on_floor.cop[0], [20.0 - 150 * 10 / 700, 30.0 - 150 * 5 / 700, 0.0])
    assert np.isnan(combined([up]).cop).all()
    with pytest.raises(ValueError, match="same number of samples"):
        combined([])


@pytest.mark.parametrize(
    ("kind", "parts", "message"),
    [
        (6, {}, r"type 6 \(twelve channels"),
        (11, {}, "split-belt"),
        (12, {}, "Gaitway"),
        (21, {}, "stairs"),
        (8, {}, "no force platform of type 8"),
        (4, {}, r"CAL_MATRIX of the shape \(6, 6\), not nothing"),
        (5, {"calibration": np.eye(6)}, r"CAL_MATRIX of the shape \(6, 8\), not \(6, 6\)"),
        (3, {"polynomial": np.zeros(6)}, "FPCOPPOLY"),
        (2, {"corners": np.full((4, 3), np.nan)}, "finite CORNERS"),
        (2, {"origin": np.zeros(2)}, "ORIGIN"),
    ],
)
def test_platforms_that_cannot_be_read(kind: int, parts: dict[str, Array], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        platform(kind, **parts)


def test_blocks_and_corners_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="type 2 has 6 channels"):
        read(platform(2), np.ones((5, 8)))
    line = platform(2, corners=np.zeros((4, 3)))
    with pytest.raises(ValueError, match="one line"):
        to_lab(line, PlateTrace(np.ones((1, 3)), np.ones((1, 3)), np.ones((1, 2)), np.ones(1)))
