"""From the name of a load to its source: ``constant:700``, ``recording:BDS00001``, ``script:step-off``."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Final

import numpy as np

from otolith.drivers.board import Cell
from otolith.drivers.errors import MonikerError
from otolith.drivers.loads import Constant, LoadSource, Weights, corner_loads
from otolith.drivers.patient.person import Standing
from otolith.drivers.patient.profiles import PROFILES
from otolith.drivers.replay.library import RecordingLoads, shipped
from otolith.drivers.script import SCRIPTS, Script

EXAMPLES: Final = "constant:700, constant:700@10,-20, recording:BDS00001, script:step-off"
HEAVIEST: Final = 5000.0
"""Newtons; a plausibility limit, far above any person."""


def load_source(load: str, cells: Sequence[Cell]) -> LoadSource:
    """What ``load`` puts on these cells.

    ``constant:F`` is F newtons in the middle, ``constant:F@ML,AP`` with its CoP there (mm); ``recording:NAME`` a trial
    that ships with the program; ``script:NAME`` a written scene, or somebody who
    stands there and does what is asked; ``weights:true`` an empty board for weights that a simulated hand puts there,
    ``weights:1.02,0.99,1,1`` the same with cells that are off (plates of six loads take six factors, see
    ``analogue.pulled``). Raises MonikerError with examples.
    """
    kind, _, what = load.partition(":")
    make = _KINDS.get(kind)
    if make is None:
        near = get_close_matches(kind, _KINDS, n=1)
        raise MonikerError(f"load {load!r}: no such kind{_hint(near)}. Right are: {EXAMPLES}")
    try:
        return make(what, cells)
    except ValueError as error:
        raise MonikerError(f"load {load!r}: {error}. Right are: {EXAMPLES}") from error


def _constant(what: str, cells: Sequence[Cell]) -> LoadSource:
    newtons, at, place = what.partition("@")
    try:
        force = float(newtons)
        ml, ap = (float(part) for part in place.split(",")) if at else (0.0, 0.0)
    except ValueError:
        raise ValueError("a constant load is newtons, or newtons@ML,AP with two places in mm") from None
    if not 0.0 <= force <= HEAVIEST:
        raise ValueError(f"a constant load lies between 0 and {HEAVIEST:g} N")
    corners = corner_loads(np.array([force]), np.array([ml]), np.array([ap]), cells)[0]
    if not corners.min() >= 0.0:
        raise ValueError("its centre lies outside the board's cells")
    return Constant(tuple(corners.tolist()))


def _recording(what: str, cells: Sequence[Cell]) -> LoadSource:
    return RecordingLoads(shipped(what), cells)


def _script(what: str, cells: Sequence[Cell]) -> LoadSource:
    if what in PROFILES:
        return Standing(PROFILES[what], cells, on=True)
    if what not in SCRIPTS:
        known = [*SCRIPTS, *PROFILES]
        raise ValueError(f"no script {what!r}{_hint(get_close_matches(what, known, n=1))} ({', '.join(known)})")
    return Script(SCRIPTS[what], cells)


def _weights(what: str, cells: Sequence[Cell]) -> LoadSource:
    try:
        factors = [1.0] * len(cells) if what == "true" else [float(part) for part in what.split(",")]
    except ValueError:
        factors = []
    if len(factors) != len(cells) or not all(0.1 <= factor <= 10.0 for factor in factors):  # noqa: PLR2004 - plausible
        raise ValueError(f"weights:true, or weights: with {len(cells)} factors from 0.1 to 10, one for each cell")
    return Weights(cells, factors)


def _hint(near: list[str]) -> str:
    return f"; did you mean {near[0]}?" if near else ""


_KINDS: Final[dict[str, Callable[[str, Sequence[Cell]], LoadSource]]] = {
    "constant": _constant,
    "recording": _recording,
    "script": _script,
    "weights": _weights,
}
