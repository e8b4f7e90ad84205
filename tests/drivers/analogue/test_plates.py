"""Volts to loads: figures computed by hand, laws, and agreement with the mathematics of recorded platforms."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from otolith.drivers.analogue import tables
from otolith.drivers.analogue.file import LIBRARY, plates_of, read_plates
from otolith.drivers.analogue.standing import standing
from otolith.drivers.analogue.wiring import Input, Wiring
from otolith.drivers.board import Cell, WrenchPlate
from otolith.drivers.calibration import Linear, Matrix
from otolith.drivers.errors import PlateError
from otolith.dsp.plates.channels import read
from otolith.dsp.plates.lab import to_lab
from otolith.dsp.plates.platform import ForcePlatform

SHIPPED = sorted(path.stem for path in LIBRARY.glob("*.toml"))
SIX = "inputs = {Fx = 0, Fy = 1, Fz = 2, Mx = 3, My = 4, Mz = 5}"
EIGHT = "inputs = {fx12 = 0, fx34 = 1, fy14 = 2, fy23 = 3, fz1 = 4, fz2 = 5, fz3 = 6, fz4 = 7}"
WHO = 'name = "left"\nmaker = "M"\nmodel = "X"\nserial = "1"'
AMTI = f"""kind = "amti"
{WHO}
surface_mm = [464, 508]
origin_mm = [0, 0, 40]
excitation_v = 10
gain = [1000, 1000, 4000, 4000, 4000, 2000]
sensitivity = [0.67, 0.67, 0.17, 1.68, 1.68, 3.32]
{SIX}"""
KISTLER = f"""kind = "kistler"
{WHO}
surface_mm = [500, 600]
lever_mm = [210, 260]
az0_mm = -41
mv_per_n = [20, 20, 10]
{EIGHT}"""
BERTEC = f"""kind = "bertec"
{WHO}
surface_mm = [400, 600]
gain = 5
newtons_per_volt = [500, 500, 1000, 600, 400, 300]
{SIX}"""
AXES = st.sampled_from(
    [("left", "forward", "down"), ("forward", "right", "down"), ("right", "back", "down"), ("back", "left", "down")]
)
VOLTS = arrays(np.float64, (4, 6), elements=st.floats(-10.0, 10.0, allow_subnormal=False))
OFFSET = st.tuples(st.floats(-3.0, 3.0), st.floats(-3.0, 3.0), st.floats(0.0, 60.0))


def described(*plates: str, head: str = "") -> Wiring:
    text = f'format = "otolith-plates/1"\n{head}' + "".join(f"[[plate]]\n{plate}\n" for plate in plates)
    return plates_of(text.encode(), "p.toml")


def loads(wiring: Wiring, *volts: float) -> list[float]:
    return list(np.round(wiring.calibration.loads(np.array([volts]))[0], 9))


def test_strain_gauges_by_hand() -> None:
    """6.7 mV/N, 6.8 mV/N and 67.2 mV/(N m): 10 N forward and 700 N down at a sensor 40 mm below, 10 N m about x left.

    At the surface 10 000 - 40 * 10 = 9600 N mm; the ground does the opposite, seen with x to the right and z up.
    """
    assert loads(described(AMTI), 0.0, 0.067, 4.76, 0.672, 0.0, 0.0) == [0.0, -10.0, 700.0, 9600.0, 0.0, 0.0]


def test_the_sensor_is_where_a_plate_is_pressed_without_moment() -> None:
    there = described(AMTI.replace("[0, 0, 40]", "[-0.5, 0.4, 40]"))
    assert loads(there, 0.0, 0.0, 6.8, 0.0, 0.0, 0.0) == [0.0, 0.0, 1000.0, 400.0, -500.0, 0.0]


def test_crosstalk_is_undone() -> None:
    """Outputs (µV/V): Fz 0.2 per N, and 0.01 per N of Fz on Fx, whose own is 0.5."""
    rows = np.diag([0.5, 1.0, 0.2, 1.0, 1.0, 1.0])
    rows[0, 2] = 0.01
    text = AMTI.replace("[0.67, 0.67, 0.17, 1.68, 1.68, 3.32]", str(rows.tolist())).replace(
        "gain = [1000, 1000, 4000, 4000, 4000, 2000]", "gain = 1000"
    )
    assert loads(described(text), 0.05, 0.0, 1.0, 0.0, 0.0, 0.0) == [0.0, 0.0, 500.0, 0.0, 0.0, 0.0]


def test_a_calibration_matrix_is_the_inverse_of_the_sensitivities() -> None:
    inverse = [1 / 0.67, 1 / 0.67, 1 / 0.17, 1 / 1.68, 1 / 1.68, 1 / 3.32]
    other = described(AMTI.replace("sensitivity = [0.67, 0.67, 0.17, 1.68, 1.68, 3.32]", f"calibration = {inverse}"))
    first, second = other.calibration, described(AMTI).calibration
    assert isinstance(first, Matrix)
    assert isinstance(second, Matrix)
    np.testing.assert_allclose(first.rows, second.rows, rtol=1e-12, atol=1e-12)


def test_an_own_amplifier_by_hand() -> None:
    """200 N/V, 120 N m/V at the dial's 5: 3.5 V are 700 N, 0.5 V are 60 N m about x, which points left."""
    assert loads(described(BERTEC), 0.0, 0.0, 3.5, 0.5, 0.0, 0.0) == [0.0, 0.0, 700.0, 60000.0, 0.0, 0.0]


def test_piezo_sensors_by_hand() -> None:
    """1 V on the sensor at (a, b) is 100 N there: 260 mm forward and, as x points left, 210 mm to the left."""
    wiring = described(KISTLER)
    assert loads(wiring, 0, 0, 0, 0, 1.0, 0, 0, 0) == [0.0, 0.0, 100.0, 26000.0, 21000.0, 0.0]
    fx, fy, fz, mx, my, mz = loads(wiring, 0.1, 0.3, 0, 0, 0, 0, 0, 0)
    assert (fx, fy, fz, mx, my, mz) == (20.0, 0.0, 0.0, 0.0, -20.0 * 41.0, 260.0 * (15.0 - 5.0))


def test_charge_amplifiers_by_hand() -> None:
    """5000 pC for 10 V at 4 pC/N are 125 N/V; 1000 pC at 8 pC/N are 12.5 N/V."""
    text = KISTLER.replace("mv_per_n = [20, 20, 10]", "pc_per_n = [8, 8, 4]\nrange_pc = [1000, 1000, 5000]")
    assert loads(described(text), 0, 0, 0, 0, 1, 1, 1, 1)[2] == 500.0
    assert loads(described(text), 0, 0, 1, 1, 0, 0, 0, 0)[1] == -25.0


def test_cells_by_hand() -> None:
    """1000 N at 2 mV/V of 5 V, 670 times amplified, are 6.7 V; an inverted cell falls; a turned plate turns them."""
    cells = "".join(
        f'[[plate.cell]]\nname = "{name}"\nx_mm = {x}\ny_mm = 250\ninput = {wire}\nzero_v = 0.5\n{figures}\n'
        for name, x, wire, figures in [
            ("R", 200, "{number = 3, minus = 11}", "capacity_n = 1000\nrated_mv_v = 2\nexcitation_v = 5\ngain = 670"),
            ("L", -200, "{number = 1, invert = true}", "newtons_per_volt = 100"),
        ]
    )
    wiring = described(f'kind = "cells"\n{WHO}\nplace_mm = [10, 20]\nturn_deg = 90\n{cells}')
    assert wiring.inputs == (Input(1, None, 10.0), Input(3, 11, 10.0))
    assert loads(wiring, -2.5, 7.2) == [300.0, 1000.0]
    at = [(cell.name, round(cell.x, 9), round(cell.y, 9)) for cell in wiring.cells]
    assert at == [("L", 260.0, 220.0), ("R", 260.0, -180.0)]
    assert isinstance(wiring.calibration, Linear)


@pytest.mark.parametrize(("volts", "newtons"), [(1.0, 0.0), (1.7, 700.0), (0.2, -800.0), (4.5, 3500.0)])
def test_one_vertical_force_by_hand(volts: float, newtons: float) -> None:
    """CMA 0364: F = 1000 V - 1000."""
    wiring = read_plates("vernier-fp-bta", simulated=True)
    assert loads(wiring, volts) == pytest.approx([newtons], abs=1e-9)
    assert wiring.cells == (Cell("plate", 0.0, 0.0),)


def test_two_plates_share_a_daq() -> None:
    right = AMTI.replace('"left"', '"right"').replace("= 0,", "= 13,").replace("= 2,", "= 12,")
    right = (
        re.sub(r"= ([1345])([,}])", r"= 1\g<1>0\2", right) + "\nplace_mm = [250, 0]\nturn_deg = 180\ncovering_mm = 5"
    )
    both, one = described(AMTI, right), described(AMTI)
    assert [each.number for each in both.inputs] == [0, 1, 2, 3, 4, 5, 12, 13, 110, 130, 140, 150]
    assert [plate.name for plate in both.plates] == ["left", "right"]
    assert both.plates[1] == WrenchPlate("right", 250.0, 0.0, 180.0, 464.0, 508.0, 5.0)
    by_output = np.array([[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]])
    alone = one.calibration.loads(by_output)
    wired = np.hstack([np.zeros((1, 6)), by_output[:, [2, 0, 1, 3, 4, 5]]])
    np.testing.assert_allclose(both.calibration.loads(wired), np.hstack([np.zeros((1, 6)), alone]), atol=1e-9)
    assert (both.turned(90).plates[1].x, both.turned(90).plates[1].y, both.turned(90).plates[1].turn) == (0, -250, 270)


@given(volts=VOLTS, axes=AXES, origin=OFFSET, invert=st.booleans(), zero=st.floats(-1.0, 1.0))
def test_agrees_with_recorded_platforms(
    volts: np.ndarray, axes: tuple[str, str, str], origin: tuple[float, float, float], invert: bool, zero: float
) -> None:
    """The same plate, recorded to a C3D file as type 4: force, CoP and free moment in the lab."""
    text = AMTI.replace("[0, 0, 40]", str(list(origin))).replace("Fy = 1", f"Fy = {{number = 1, invert = {invert}}}")
    text = text.replace("True", "true").replace("False", "false")
    wiring = described(f"{text}\naxes = {list(axes)}\nzero_v = {[zero] * 6}")
    wrench = wiring.calibration.loads(volts)
    ways = {"left": (-1, 0, 0), "right": (1, 0, 0), "forward": (0, 1, 0), "back": (0, -1, 0), "down": (0, 0, -1)}
    corners = [
        sx * 232.0 * np.array(ways[axes[0]]) + sy * 254.0 * np.array(ways[axes[1]])
        for sx, sy in [(1, 1), (-1, 1), (-1, -1), (1, -1)]
    ]
    per_volt = 1.0 / (1e-6 * 10 * np.array([1000, 1000, 4000, 4000, 4000, 2000]) * [0.67, 0.67, 0.17, 1.68, 1.68, 3.32])
    per_volt[1] *= -1.0 if invert else 1.0
    per_volt[3:] *= 1000.0
    platform = ForcePlatform(4, np.array(corners), -np.array(origin), np.diag(per_volt))
    lab = to_lab(platform, read(platform, volts - zero)).reaction()
    np.testing.assert_allclose(wrench[:, :3], lab.force, atol=1e-8)
    stood = ~np.isnan(lab.cop[:, 0])
    fx, fy, fz, mx, my, mz = wrench[stood].T
    cop = np.column_stack([-my / fz, mx / fz])
    np.testing.assert_allclose(cop, lab.cop[stood, :2], rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(mz - cop[:, 0] * fy + cop[:, 1] * fx, lab.free_moment[stood, 2], rtol=1e-9, atol=1e-4)


@given(volts=arrays(np.float64, (4, 8), elements=st.floats(-10.0, 10.0, allow_subnormal=False)))
def test_agrees_with_recorded_piezo_platforms(volts: np.ndarray) -> None:
    wrench = described(KISTLER).calibration.loads(volts)
    corners = np.array([[-250, 300, 0], [250, 300, 0], [250, -300, 0], [-250, -300, 0]], dtype=np.float64)
    platform = ForcePlatform(3, corners, np.array([210.0, 260.0, -41.0]))
    newtons = volts / [0.02, 0.02, 0.02, 0.02, 0.01, 0.01, 0.01, 0.01]
    lab = to_lab(platform, read(platform, newtons)).reaction()
    np.testing.assert_allclose(wrench[:, :3], lab.force, atol=1e-9)
    stood = ~np.isnan(lab.cop[:, 0])
    _, _, fz, mx, my, _ = wrench[stood].T
    np.testing.assert_allclose(np.column_stack([-my / fz, mx / fz]), lab.cop[stood, :2], rtol=1e-9, atol=1e-6)


@given(index=st.sampled_from(range(len(SHIPPED))), data=st.data())
def test_loads_come_back_from_volts(index: int, data: st.DataObject) -> None:
    wiring = read_plates(SHIPPED[index], simulated=True)
    width = 6 * len(wiring.plates) or len(wiring.cells)
    wrench = data.draw(arrays(np.float64, (3, width), elements=st.floats(-1e4, 1e4, allow_subnormal=False)))
    volts = wiring.calibration.counts(wrench)
    np.testing.assert_allclose(wiring.calibration.loads(volts), wrench, rtol=1e-9, atol=1e-5)


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "vernier-fp-bta"])
def test_a_simulated_person_has_force_and_cop_on_any_plate(name: str) -> None:
    wiring = read_plates(name, simulated=True).turned(90)
    newtons = standing("constant:700@30,-20", wiring).loads(np.zeros(1))[0]
    if wiring.plates:
        _, _, force, mx, my, _ = newtons
        x, y = -my / force, mx / force
        (plate,) = wiring.plates
        assert plate.turn == 90.0
        x, y = y, -x
    else:
        force = newtons.sum()
        x, y = (newtons @ [getattr(cell, axis) for cell in wiring.cells] / force for axis in "xy")
    assert (force, x, y) == pytest.approx((700.0, 30.0, -20.0))


def test_one_force_is_all_that_a_plate_with_one_output_gets() -> None:
    assert standing("constant:700@30,-20", read_plates("vernier-fp-bta", simulated=True)).loads(np.zeros(1)) == [
        [700.0]
    ]


@pytest.mark.parametrize(
    ("plate", "complaint"),
    [
        (AMTI + "\nturn_dge = 3", "p.toml, line 15: there is no field `turn_dge`"),
        (AMTI.replace("excitation_v = 10\n", ""), "line 3.*plate 1: excitation_v goes with"),
        (AMTI.replace("surface_mm = [464, 508]\n", ""), "line 3: missing required field `surface_mm`"),
        (AMTI.replace("[464, 508]", "[464, 8]"), r"line 9: surface_mm: expected `float` >= 50.0"),
        (AMTI.replace("0.67, 0.67", "0.67, nan"), "line 13: nan is not a finite number"),
        (AMTI.replace("0.67, 0.67", "0.67, 0"), "line 3: plate 1: the sensitivity matrix cannot be inverted"),
        (AMTI.replace("0.67, 0.67", "0.67, [1,2,3,4,5,6]"), "plate 1: a matrix is six rows of six numbers"),
        (AMTI.replace("gain = [1000,", "gain = [-1000,"), "plate 1: gain is not above 0.*invert = true"),
        (AMTI.replace("[0, 0, 40]", "[0, 0, -40]"), "plate 1: origin_mm 0, 0, -40 is above the surface"),
        (AMTI + '\naxes = ["right", "forward", "down"]', "plate 1: axes right, forward, down are not right-handed"),
        (AMTI + '\naxes = ["right", "right", "down"]', "are not right-handed"),
        (AMTI + '\naxes = ["right", "forward", "dwon"]', "line 15: axes: invalid enum value 'dwon'"),
        (AMTI.replace("Fz = 2", "Fz = 1"), "p.toml: input 1 is used twice"),
        (AMTI.replace("Fz = 2", "Fz = {number = 2, minus = 0}"), "input 0 is used twice"),
        (AMTI.replace("Fz = 2, ", ""), "line 14: missing required field `Fz`"),
        (AMTI.replace('"amti"', '"amit"'), "line 4: kind: invalid value 'amit'"),
        (AMTI + "\nnewtons_per_volt = [1, 1, 1, 1, 1, 1]", "plate 1: needs one of sensitivity"),
        (KISTLER + "\npc_per_n = [1, 1, 1]", "plate 1: needs mv_per_n, or else both"),
        (KISTLER.replace("[20, 20, 10]", "[20, 20]"), "sensitivities and ranges are 3 numbers or 8, not 2"),
        (KISTLER + '\naxes = ["right", "forward", "up"]', "the formulae of piezo-electric plates are for z down"),
        (f'kind = "vertical"\n{WHO}\ngauge = {{input = 0, gain = 3}}', "plate 1: a cell needs newtons_per_volt"),
        ("kind = 3", "line 4: kind: expected `str`, got `int`"),
        ("kind = ", r"Invalid value \(at line 4"),
    ],
)
def test_what_contradicts_itself_is_refused_with_line_and_reason(plate: str, complaint: str) -> None:
    with pytest.raises(PlateError, match=complaint):
        described(plate, head="\n")


def test_plates_that_cannot_share_a_daq_are_refused() -> None:
    cell = f'kind = "vertical"\n{WHO}\ngauge = {{input = 7, newtons_per_volt = 3}}'
    with pytest.raises(PlateError, match="plates on cells do not go together"):
        described(AMTI, cell)
    with pytest.raises(PlateError, match="name left is used twice"):
        described(cell, cell.replace("7", "6"))
    with pytest.raises(PlateError, match="line 9: plate 2: a cell needs"):
        described(cell, cell.replace("newtons_per_volt", "gain"))


def test_examples_are_for_simulations_alone(tmp_path: Path) -> None:
    for name in SHIPPED:
        assert read_plates(name, simulated=True).example
        with pytest.raises(PlateError, match="figures of this file are an example's"):
            read_plates(name, simulated=False)
    mine = tmp_path / "mine.toml"
    mine.write_text((LIBRARY / "amti-or6-7.toml").read_text().replace("example = true\n", ""))
    assert not read_plates(str(mine), simulated=False).example
    with pytest.raises(PlateError, match=r"say with plate=FILE\.toml which plate"):
        read_plates(None, simulated=False)
    assert read_plates(None, simulated=True) == read_plates("amti-or6-7", simulated=True)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PlateError, match=r"neither a \.toml file nor an example .*did you mean bertec-4060"):
        read_plates("bertec-406", simulated=True)
    with pytest.raises(PlateError, match="No such file"):
        read_plates(str(tmp_path / "none.toml"), simulated=True)
    big = tmp_path / "big.toml"
    big.write_bytes(b"#" * 1_000_001)
    with pytest.raises(PlateError, match="too large"):
        read_plates(str(big), simulated=True)
    with pytest.raises(PlateError, match="codec can't decode"):
        plates_of(b"\xff", "p.toml")


@given(
    st.binary(max_size=200) | st.text(max_size=100).map(lambda text: b'format = "otolith-plates/1"\n' + text.encode())
)
def test_anything_else_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(PlateError, match=r"p\.toml"):
        plates_of(data, "p.toml")


def test_the_manual_has_every_key() -> None:
    manual = (Path(__file__).parents[3] / "docs" / "boards" / "analogue-plates.md").read_text()
    kinds = [
        tables.PlateFile,
        tables.Amti,
        tables.Bertec,
        tables.Kistler,
        tables.CellTable,
        tables.Vertical,
        tables.Wire,
    ]
    missing = {f"`{key}`" for kind in kinds for key in kind.__struct_fields__} - set(re.findall(r"`\w+`", manual))
    assert not missing
