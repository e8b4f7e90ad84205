"""What can befall a twin's packets, always the same from the same seed."""

from collections import deque
from random import Random
from typing import Final

from otolith.drivers.monikers import FAULTS

LASTING: Final = ("freeze", "zero", "saturate", "power-save", "battery-low")
"""These last until cleared; the others befall one sample."""
RARE: Final = ("power-save", "battery-low")
"""These befall only boards that say so."""


class Faults:
    """Faults that wait for the next sample, and those that last; noise has ``largest`` bytes at most."""

    def __init__(self, seed: int, largest: int = 64) -> None:
        self._random = Random(seed)  # noqa: S311 - noise, not a secret
        self._largest = largest
        self._waiting: deque[str] = deque()
        self.lasting: set[str] = set()
        self.rare: tuple[str, ...] = ()
        """Those of :data:`RARE` that can befall this board."""

    def inject(self, kind: str) -> None:
        """Let ``kind`` happen; ValueError with the list where there is no such fault."""
        if kind not in FAULTS:
            raise ValueError(f"no fault {kind!r}; there are {', '.join(FAULTS)}")
        if not self.possible(kind):
            raise ValueError(f"{kind} cannot befall a board of this kind")
        if kind in LASTING:
            self.lasting.add(kind)
        else:
            self._waiting.append(kind)

    def possible(self, kind: str) -> bool:
        """Whether it can befall this board."""
        return kind not in RARE or kind in self.rare

    def clear(self) -> None:
        """End what lasts, forget what waits."""
        self.lasting.clear()
        self._waiting.clear()

    def take(self) -> str | None:
        """The fault of the next sample, if any."""
        return self._waiting.popleft() if self._waiting else None

    def spoil(self, kind: str | None, packets: list[bytes]) -> tuple[list[bytes], bool]:
        """The packets as they leave the twin, and whether the sample in them survives.

        ``garbage`` and ``repeat`` add packets, ``long`` adds bytes; ``torn`` cuts anywhere, ``short`` cuts one byte;
        ``drop`` takes the sample away.
        """
        if "zero" in self.lasting:
            return [bytes(len(packet)) for packet in packets], False
        first, rest, last = packets[0], packets[1:], packets[-1]
        match kind:
            case "drop":
                return [], False
            case "torn":
                return [first[: self._random.randint(1, len(first) - 1)], *rest], False
            case "short":
                return [first[:-1], *rest], False
            case "garbage":
                packets = [self._noise(self._largest), *packets]
            case "repeat":
                packets = [*packets, *packets]
            case "long":
                packets = [*packets[:-1], last + self._noise(8)]
        return packets, True

    def _noise(self, most: int) -> bytes:
        return self._random.randbytes(self._random.randint(1, most))
