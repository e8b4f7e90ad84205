"""The measuring surface: where its cells stand, and which way is which."""

from dataclasses import dataclass

from numpy import isfinite


@dataclass(frozen=True, slots=True)
class Plate:
    """Vertical load cells in the ISPGR frame (Scoppa et al. 2013): x to the subject's right, y forward, mm.

    The origin is the centre of the cells unless the board's maker says otherwise.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.x) != len(self.y) or len(self.x) < 1:
            raise ValueError(f"a plate needs one x and one y per cell, not {len(self.x)} and {len(self.y)}")
        if not all(isfinite(self.x)) or not all(isfinite(self.y)):
            raise ValueError("cell positions must be finite, in mm")

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.x)
