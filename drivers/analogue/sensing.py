"""From volts to a wrench in the maker's own axes, about the centre of the surface: one matrix per kind of plate."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.analogue.axes import moved, rotation
from otolith.drivers.analogue.tables import Amti, Bertec, Gauge, Kistler, OfWrench, OneOrSix, Rows

Array = NDArray[np.float64]

MM: Final = 1000.0
_MICRO: Final = 1e-6
_MILLI: Final = 1e-3
_UNSOLVABLE: Final = 1e6
"""Condition of a sensitivity matrix, far beyond any plate's crosstalk."""
_SENSORS: Final = (0, 0, 1, 1, 2, 2, 2, 2)
"""Which of x, y, z the eight outputs of a piezo-electric plate are."""


def wrench_per_volt(plate: OfWrench) -> Array:
    """``(6, k)`` N and N mm. Raises ValueError where the plate's figures contradict one another."""
    match plate:
        case Amti():
            return _about_surface(_amti(plate), plate)
        case Bertec():
            return _about_surface(_square(plate.newtons_per_volt) / _positive(plate.gain, "gain"), plate)
        case Kistler():
            return _kistler(plate)


def newtons_per_volt(cell: Gauge) -> float:
    """Of a load cell; ValueError where its figures are too many or too few."""
    rating = [cell.capacity_n, cell.rated_mv_v, cell.excitation_v, cell.gain]
    known = [figure for figure in rating if figure is not None]
    if cell.newtons_per_volt is not None and not known:
        return cell.newtons_per_volt
    if cell.newtons_per_volt is not None or len(known) < len(rating):
        raise ValueError("a cell needs newtons_per_volt, or else capacity_n, rated_mv_v, excitation_v and gain")
    capacity, rated, excitation, gain = known
    return capacity / (rated * _MILLI * excitation * gain)


def _amti(plate: Amti) -> Array:
    """N and N m per volt, from volts = 1e-6 excitation gain (sensitivity . loads).

    AMTI's certificates have the sensitivity matrix in µV/V per unit of load, or the calibration matrix, its inverse.
    """
    matrices = plate.sensitivity, plate.calibration, plate.newtons_per_volt
    if matrices.count(None) != len(matrices) - 1:
        raise ValueError("needs one of sensitivity, calibration and newtons_per_volt, and only one")
    if (plate.excitation_v is None) is (plate.newtons_per_volt is None):
        raise ValueError("excitation_v goes with sensitivity or calibration, and only with these")
    if plate.excitation_v is None:
        return _square(plate.newtons_per_volt) / _positive(plate.gain, "gain")
    ratio = _inverse(_square(plate.sensitivity)) if plate.sensitivity else _square(plate.calibration)
    return ratio / (_MICRO * _positive(plate.excitation_v, "excitation_v") * _positive(plate.gain, "gain"))


def _kistler(plate: Kistler) -> Array:
    """Kistler, force plate formulae: Fx = fx12 + fx34 ... Mz = b (fx34 - fx12) + a (fy14 - fy23).

    Moments at the surface are Mx + Fy az0 and My - Fx az0. Without the polynomial for the bending of the top plate,
    which is not linear.
    """
    if plate.axes[2] != "down":
        raise ValueError(
            f"the formulae of piezo-electric plates are for z down (az0_mm is negative), not {plate.axes[2]}"
        )
    a, b = plate.lever_mm
    fx, fy, fz = (np.array([float(sensor == axis) for sensor in _SENSORS]) for axis in range(3))
    mx = b * np.array([0.0, 0, 0, 0, 1, 1, -1, -1]) + plate.az0_mm * fy
    my = a * np.array([0.0, 0, 0, 0, -1, 1, 1, -1]) - plate.az0_mm * fx
    mz = np.array([-b, b, a, -a, 0, 0, 0, 0])
    return np.array([fx, fy, fz, mx, my, mz]) * _per_sensor(plate)


def _per_sensor(plate: Kistler) -> Array:
    """``(8,)`` newtons per volt."""
    match plate.mv_per_n, plate.pc_per_n, plate.range_pc:
        case tuple(millivolts), None, None:
            return 1.0 / (_MILLI * _eight(millivolts))
        case None, tuple(charge), tuple(full):
            return _eight(full) / plate.full_scale_v / _eight(charge)
        case _:
            raise ValueError("needs mv_per_n, or else both pc_per_n and range_pc")


def _eight(values: tuple[float, ...]) -> Array:
    if len(values) not in {3, 8}:
        raise ValueError(f"sensitivities and ranges are 3 numbers or 8, not {len(values)}")
    return np.array(values if len(values) == len(_SENSORS) else [values[axis] for axis in _SENSORS])


def _square(rows: Rows | None) -> Array:
    """Six rows of six; ValueError where some of them are numbers of a diagonal, and some are not."""
    numbers = [row for row in rows or () if isinstance(row, float)]
    if rows is None or 0 < len(numbers) < len(rows):
        raise ValueError("a matrix is six rows of six numbers, or the six numbers of its diagonal, not some of each")
    return np.diag(numbers) if numbers else np.array(rows)


def _positive(values: OneOrSix, what: str) -> Array:
    """One or six, as a row that fits the outputs."""
    row = np.array(values, dtype=np.float64)
    if not (row > 0.0).all():
        raise ValueError(f"{what} is not above 0: for a signal of the wrong polarity write invert = true at its input")
    return row


def _inverse(sensitivity: Array) -> Array:
    size = np.abs(sensitivity).max(axis=0)  # forces and moments have other units: each column by its own measure
    if not size.all() or np.linalg.cond(sensitivity / size) > _UNSOLVABLE:
        raise ValueError(
            "the sensitivity matrix cannot be inverted: one of its columns is zero, or follows from others"
        )
    return np.asarray(np.linalg.inv(sensitivity), dtype=np.float64)


def _about_surface(rows: Array, plate: Amti | Bertec) -> Array:
    if rotation(plate.axes)[2, 2] * plate.origin_mm[2] > 0.0:
        place = ", ".join(f"{length:g}" for length in plate.origin_mm)
        raise ValueError(
            f"origin_mm {place} is above the surface, as z points {plate.axes[2]}. It is where the sensor is, as seen"
            " from the centre of the surface; turn all three signs where the certificate has it the other way round"
        )
    return moved(rows * np.repeat([1.0, MM], 3)[:, None], plate.origin_mm)
