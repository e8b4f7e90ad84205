"""C3D (c3d.org user guide): analogue channels and force platforms, Intel byte order, 32-bit floats.

Written by our own code: the libraries that write C3D hold a whole trial in memory, several times over.
"""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from otolith.api.export.even import MISSING, filled, refuse_uneven
from otolith.drivers.board import Cell, WrenchPlate
from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.c3d.file import FLAGS, SOFTWARE
from otolith.drivers.replay.roles import WRENCH
from otolith.service.samples import Array, Block, Samples

BLOCK: Final = 512
"""Bytes; everything begins at a multiple of it."""
FRAMES: Final = 65535
"""The most that every reader can count; longer recordings have several samples in a frame."""
NMM: Final = 1000.0
"""N mm in a N·m."""
SIDE: Final = 500.0
"""mm: of a plate whose size nobody knows."""
SMALLEST: Final = 120.0
"""mm: of a plate that others take for one."""
INTEL: Final = 84
KEY: Final = 0x50


class C3dWriter:
    """Platforms of type 2 (force and moment), the loads of cells beside them, and the flags as the last channel.

    Axes: x to the subject's right, y forward, z up, in mm; forces are the ground's reaction on the person. What is
    missing is NaN; a last frame that is not full is filled up with it. Raises RecordingError where there is no force,
    and for samples at no even rate.
    """

    def __init__(self, samples: Samples, path: Path) -> None:
        refuse_uneven(samples, "C3D")
        self._wrenches = _Wrenches(samples)
        self._loads = [i for i, column in enumerate(samples.columns) if column.name.startswith("load")]
        self._per_frame = -(-samples.length // FRAMES)
        self._left = -(-samples.length // self._per_frame) * self._per_frame
        """Samples that the frames have room for yet."""
        self._columns = len(samples.columns)
        self._file = path.open("wb")
        self._file.write(
            _head(samples, self._wrenches, [f"LOAD{i + 1}" for i in range(len(self._loads))], self._per_frame)
        )

    def add(self, block: Block) -> None:
        """One row of channels per sample."""
        for values, flags in filled(block):
            self._write(values, flags)

    def close(self) -> None:
        """Fill up the last frame, and the last block."""
        if self._file.closed:
            return
        try:
            if 0 < self._left < self._per_frame:
                self._write(np.full((self._left, self._columns), np.nan), np.full(self._left, MISSING))
            self._file.write(bytes(-self._file.tell() % BLOCK))
        finally:
            self._file.close()

    def _write(self, values: Array, flags: NDArray[np.uint32]) -> None:
        rows = np.hstack([self._wrenches.of(values), values[:, self._loads], flags[:, None]])
        self._file.write(rows.astype("<f4").tobytes())
        self._left -= len(rows)


class _Wrenches:
    """The platforms of a recording, and the six channels that each has: about the centre of its surface, N and N mm."""

    def __init__(self, samples: Samples) -> None:
        about, names = samples.description, samples.names
        self._of_plates = [names.index("fx1")] if "fx1" in names and about.plates else []
        self._loads = [i for i, name in enumerate(names) if name.startswith("load")] if about.cells else []
        self._cells = about.cells
        self._cop = [names.index(name) for name in ("ml", "ap", "fz") if name in names]
        self.plates = about.plates or (_plate_of(about.cells),)
        if not (self._of_plates or self._loads or len(self._cop) == 3):  # noqa: PLR2004 -- CoP and force
            raise RecordingError(
                f"{samples.source}: C3D holds forces, and this recording has none that a platform could have measured"
                " (a vertical force with its CoP, loads of cells, or plates); convert it to another format"
            )

    def of(self, values: Array) -> Array:
        """``(n, 6 p)`` of the values of the columns."""
        if self._of_plates:
            first = self._of_plates[0]
            parts = [values[:, first + 6 * i : first + 6 * i + 6] for i in range(len(self.plates))]
            return np.hstack([_at_surface(part, plate.top) for part, plate in zip(parts, self.plates, strict=True)])
        if self._loads:
            loads = values[:, self._loads]
            x, y = (np.array([getattr(cell, axis) for cell in self._cells]) for axis in "xy")
            return _vertical(loads.sum(axis=1), loads @ y, -loads @ x)
        ml, ap, force = values[:, self._cop].T
        return _vertical(force, ap * force, -ml * force)


def _at_surface(wrench: Array, top: float) -> Array:
    """Moments in N·m about a point ``top`` mm below the surface: M' = M + F x (0, 0, top), in N mm."""
    moved = wrench.copy()
    moved[:, 3:] *= NMM
    moved[:, 3] += top * wrench[:, 1]
    moved[:, 4] -= top * wrench[:, 0]
    return moved


def _vertical(force: Array, mx: Array, my: Array) -> Array:
    nothing = np.where(np.isfinite(force), 0.0, np.nan)
    return np.column_stack([nothing, nothing, force, mx, my, nothing])


def _plate_of(cells: Sequence[Cell]) -> WrenchPlate:
    """The rectangle of the cells, about the centre; a plate of usual size where there are none."""
    sizes = (2.0 * max((abs(getattr(cell, axis)) for cell in cells), default=SIDE / 2.0) for axis in "xy")
    width, length = (max(size, SMALLEST) for size in sizes)
    return WrenchPlate("1", width=width, length=length)


def _corners(plate: WrenchPlate) -> Array:
    """``(4, 3)``: +x+y, -x+y, -x-y, +x-y of the platform's own axes, of which z points up."""
    half = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * np.array([plate.width, plate.length]) / 2.0
    angle = np.deg2rad(plate.turn)
    turned = half @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.pad(turned + np.array([plate.x, plate.y]), ((0, 0), (0, 1)))


def _head(samples: Samples, wrenches: _Wrenches, loads: list[str], per_frame: int) -> bytes:
    """Header and parameters, whole blocks."""
    rate, frames = samples.description.rate, -(-samples.length // per_frame)
    groups = _groups(samples, wrenches, loads, frames, rate / per_frame)
    channels = len(groups["ANALOG"]["LABELS"])
    blocks = len(_section(groups)) // BLOCK
    groups["POINT"]["DATA_START"] = 2 + blocks
    # In words: points, analogue values of a frame, first and last frame, largest gap.
    header = struct.pack("<BB5H", 2, KEY, 0, channels * per_frame, 1, min(frames, FRAMES), 0)
    header += struct.pack("<fHHf", -1.0, 2 + blocks, per_frame, rate / per_frame)
    return header.ljust(BLOCK, b"\0") + _section(groups)


def _groups(
    samples: Samples, wrenches: _Wrenches, loads: list[str], frames: int, frame_rate: float
) -> dict[str, dict[str, Any]]:
    plates = wrenches.plates
    labels = [f"{role.upper()}{i}" for i in range(1, len(plates) + 1) for role in WRENCH] + loads + [FLAGS]
    units = ["N", "N", "N", "Nmm", "Nmm", "Nmm"] * len(plates) + ["N"] * len(loads) + [""]
    about = samples.description
    told = f"{about.model} {about.serial}{', simulated' if about.simulated else ''}".strip()
    n = len(labels)
    return {
        "POINT": {
            "USED": 0,
            "FRAMES": min(frames, FRAMES),
            "DATA_START": 0,
            "SCALE": -1.0,
            "RATE": frame_rate,
            "UNITS": ["mm"],
            "LABELS": [""],
        },
        "ANALOG": {
            "USED": n,
            "LABELS": labels,
            "DESCRIPTIONS": [told[:120]] * n,
            "UNITS": units,
            "SCALE": np.ones(n),
            "OFFSET": np.zeros(n, dtype=np.int16),
            "GEN_SCALE": 1.0,
            "RATE": about.rate,
        },
        "FORCE_PLATFORM": {
            "USED": len(plates),
            "TYPE": np.full(len(plates), 2, dtype=np.int16),
            "ZERO": np.array([1, 0], dtype=np.int16),
            "CORNERS": np.stack([_corners(plate).T for plate in plates], axis=2),
            "ORIGIN": np.zeros((3, len(plates))),
            "CHANNEL": np.arange(1, 6 * len(plates) + 1, dtype=np.int16).reshape(-1, 6).T,
        },
        "TRIAL": {
            "ACTUAL_START_FIELD": np.array([1, 0], dtype=np.int16),
            "ACTUAL_END_FIELD": np.array([frames & 0xFFFF, frames >> 16], dtype=np.uint16),
        },
        "MANUFACTURER": {"COMPANY": ["Otolith"], "SOFTWARE": [SOFTWARE]},
    }


def _section(groups: dict[str, dict[str, Any]]) -> bytes:
    out = b""
    for number, (group, parameters) in enumerate(groups.items(), start=1):
        out += struct.pack("<bb", len(group), -number) + group.encode() + struct.pack("<HB", 3, 0)
        for name, value in parameters.items():
            body = _parameter(value) + b"\0"
            out += struct.pack("<bb", len(name), number) + name.encode() + struct.pack("<H", len(body) + 2) + body
    blocks = -(-(len(out) + 6) // BLOCK)
    return (bytes([1, KEY, blocks, INTEL]) + out).ljust(BLOCK * blocks, b"\0")


def _parameter(value: Any) -> bytes:  # noqa: ANN401 -- text, whole numbers or reals, of any shape
    if isinstance(value, list):
        width = max(map(len, value))
        return struct.pack("<bBBB", -1, 2, width, len(value)) + b"".join(
            text.encode("ascii", "replace").ljust(width) for text in value
        )
    array = np.asarray(value)
    whole = array.dtype.kind in "iu"
    kind = np.dtype("<u2") if whole else np.dtype("<f4")
    return (
        struct.pack("<bB", 2 if whole else 4, array.ndim) + bytes(array.shape) + array.astype(kind).tobytes(order="F")
    )
