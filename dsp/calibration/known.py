"""What is known of the loads: wrenches, and how each source of doubt would move all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

AIR: Final = 1.2
"""kg/m³, density of air by convention (OIML R 111-1:2004, 10.1)."""
WEIGHT: Final = 8000.0
"""kg/m³, density of weights by convention (the same): a conventional mass weighs m g (1 - AIR / WEIGHT) in air."""


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Wrenches of ``m`` states of a plate: Fx Fy Fz (N), Mx My Mz (N mm), the ground's reaction, about its reference.

    Its uncertainty is a list of sources: what one standard uncertainty of each would do to all wrenches at once. So
    the error of a weight that is used twice is the same error twice, and no mean makes it smaller (GUM, JCGM 100:2008,
    5.2.2 and F.1.2.3).
    """

    wrench: Array
    """``(m, 6)``."""
    sources: Array
    """``(s, m, 6)``."""
    names: tuple[str, ...]
    """Of the sources."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One weight of a set."""

    name: str
    kg: float
    """Conventional mass."""
    u: float
    """Its standard uncertainty, kg."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Pieces that push on one point of a plate together; none is an empty plate."""

    place: str
    x: float
    y: float
    pieces: tuple[Piece, ...]
    height: float = 0.0
    """Of the point above the moment's reference, mm."""
    push: tuple[float, float, float] = (0.0, 0.0, -1.0)
    """Unit vector of the force on the plate: down, or where a cord over a pulley pulls."""


def known_loads(
    standings: Sequence[Standing], gravity: float, u_gravity: float = 0.0, u_place: float = 0.0, buoyancy: float = 1.0
) -> Known:
    """Wrenches of the standings; ``gravity`` in m/s²; ``u_place`` mm along each axis, common to all loads of a place.

    ``buoyancy`` is what air leaves of a weight: 1 - AIR / WEIGHT, or 1. Raises ValueError where a push is no direction
    or a piece has no mass.
    """
    mass = np.array([sum(piece.kg for piece in one.pieces) for one in standings])
    push = np.array([one.push for one in standings], dtype=np.float64).reshape(-1, 3)
    if not np.allclose(np.linalg.norm(push, axis=1), 1.0):
        raise ValueError("a push is a direction: three numbers whose squares sum to 1")
    if any(not piece.kg > 0.0 or not piece.u >= 0.0 for one in standings for piece in one.pieces):
        raise ValueError("a weight has a mass above 0 kg, and an uncertainty that is not negative")
    at = np.array([(one.x, one.y, one.height) for one in standings], dtype=np.float64).reshape(-1, 3)
    newton = -push * gravity * buoyancy
    force = mass[:, None] * newton
    found: dict[str, Array] = {}
    for piece in {piece for one in standings for piece in one.pieces}:
        used = np.array([one.pieces.count(piece) * piece.u for one in standings])
        found[f"mass of {piece.name}"] = _wrench(used[:, None] * newton, at)
    if u_gravity:
        found["gravity"] = _wrench(force * (u_gravity / gravity), at)
    for place in {one.place for one in standings if one.pieces} if u_place else ():
        here = np.array([one.place == place for one in standings])
        for axis, name in ((0, "x"), (1, "y")):
            arm = np.zeros_like(at)
            arm[here, axis] = u_place
            found[f"{name} of {place}"] = np.hstack([np.zeros_like(force), np.cross(arm, force)])
    names = tuple(sorted(found))
    sources = np.array([found[name] for name in names]).reshape(len(names), len(standings), 6)
    return Known(_wrench(force, at), sources, names)


def _wrench(force: Array, at: Array) -> Array:
    return np.hstack([force, np.cross(at, force)])
