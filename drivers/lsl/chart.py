"""What the channels of a stream are: whose labels become which role, and how a row of numbers becomes loads. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.batch import Flag
from otolith.drivers.board import Cell, WrenchPlate
from otolith.drivers.errors import BoardRefused, RecordingError
from otolith.drivers.loads import corner_loads
from otolith.drivers.phidget_bridge.geometry import btracks_cells
from otolith.drivers.replay.description import Description
from otolith.drivers.replay.grid import labelled
from otolith.drivers.replay.recording import flags_of
from otolith.drivers.replay.reel import WEIGHT
from otolith.drivers.replay.roles import FLAGS, Place, long_unit, places
from otolith.drivers.replay.table import loads_of

Array = NDArray[np.float64]
Flags = NDArray[np.uint32]

OWN_FLAGS = np.uint32(Flag.SATURATED | Flag.CHANNEL_ERROR | Flag.INVALID)
"""Of a stream's flags, those that no one here finds out by himself."""


@dataclass(frozen=True, slots=True)
class Chart:
    """The columns of a stream that are used."""

    roles: Mapping[str, Place]
    cells: tuple[Cell, ...]
    plates: tuple[WrenchPlate, ...]
    on_cells: bool = field(default=False)
    """Loads are computed from a CoP, on cells that the stream does not have."""

    def loads(self, values: Array) -> tuple[Array, Flags]:
        """``(n, k)`` loads of a chunk ``(n, channels)``, and which rows are not to be trusted."""
        data = {role: values[:, place.index] * place.scale for role, place in self.roles.items()}
        flags = self.flags(values) & OWN_FLAGS
        if self.on_cells:
            found = _on_cells(data, self.cells)
        else:
            found, _ = loads_of(data)  # type: ignore[assignment]  # the chart was made of roles that have loads
        bad: NDArray[np.bool_] = np.asarray(~np.isfinite(found).all(axis=1))
        flags[bad] |= np.uint32(Flag.INVALID)
        return np.where(bad[:, None], 0.0, found), flags

    def flags(self, values: Array) -> Flags:
        """``(n,)`` as the stream has them, else none."""
        place = self.roles.get(FLAGS)
        found = flags_of(None if place is None else values[:, place.index])
        return np.zeros(len(values), dtype=np.uint32) if found is None else found

    @property
    def tells_gaps(self) -> bool:
        """The stream itself says after which samples something is missing."""
        return FLAGS in self.roles


def chart(
    name: str,
    labels: Sequence[str],
    units: Sequence[str],
    *,
    columns: Mapping[str, str] | None = None,
    length: str | None = None,
    description: Description | None = None,
) -> Chart:
    """Of a stream's channels. Raises BoardRefused where no board can be made of them, saying what there is."""
    header = tuple(
        labelled(label or str(i), long_unit(unit))
        for i, (label, unit) in enumerate(zip(labels, units, strict=True), start=1)
    )
    try:
        roles = places(f"the stream {name!r}", header, columns, length)
    except RecordingError as error:
        raise BoardRefused(
            str(error).replace("--columns ", "columns=").replace("give --units", "give units=")
        ) from error
    roles.pop("t", None)
    none = np.zeros((1, len(labels)))
    loads, plates = loads_of({role: none[:, place.index] for role, place in roles.items()})
    if loads is not None and plates:
        return Chart(roles, (), _described_plates(name, plates, description))
    if loads is not None and description is not None and len(description.cells) == loads.shape[1]:
        return Chart(roles, description.cells, ())
    if not roles.keys() >= {"ml", "ap"}:
        raise BoardRefused(
            f"the stream {name!r} cannot be a board: it needs a CoP (ml and ap), six loads of a plate (fx1 to mz1), or"
            f" cells that it describes; it has {', '.join(map(repr, header))}. Say which is which with columns="
        )
    return Chart(roles, btracks_cells(), (), on_cells=True)


def _described_plates(
    name: str, found: tuple[WrenchPlate, ...], description: Description | None
) -> tuple[WrenchPlate, ...]:
    if description is not None and len(description.plates) == len(found):
        return description.plates
    if len(found) > 1:
        raise BoardRefused(f"the stream {name!r} has {len(found)} plates and does not say where they stand")
    return found


def _on_cells(data: Mapping[str, Array], cells: tuple[Cell, ...]) -> Array:
    """Where nobody stands there is no CoP: what force there is rests in the middle."""
    ml, ap = data["ml"], data["ap"]
    force = data.get("fz", np.full(len(ml), WEIGHT))
    nobody = ~np.isfinite(ml) | ~np.isfinite(ap)
    resting = np.where(nobody & ("fz" not in data), 0.0, force)
    return corner_loads(resting, np.where(nobody, 0.0, ml), np.where(nobody, 0.0, ap), cells)
