"""Lost and repeated packets of a device whose packets may be numbered."""

from typing import Final

from otolith.drivers.errors import ReportError

WRAP: Final = 256
"""Counters have one byte."""
LEARNT: Final = 4
"""Steps alike in a row, after which a counter is one."""
UP, DOWN = 1, WRAP - 1
"""Steps of a counter."""


class Numbering:
    """Learns whether a byte counts packets, and which way; ``step`` where that is known beforehand.

    Nothing is said of a device whose byte does something else.
    """

    def __init__(self, step: int | None = None) -> None:
        self._step = step or UP
        self._alike = LEARNT if step else 0
        self._last: int | None = None

    def lost(self, counter: int) -> int | None:
        """Packets lost before the one with this counter, None where that cannot be known.

        Raises ReportError for a packet that came twice, or late.
        """
        last, self._last = self._last, counter
        if last is None:
            return 0 if self._alike >= LEARNT else None
        if self._alike < LEARNT:
            self._learn((counter - last) % WRAP)
            return None
        ahead = (counter - last) * (1 if self._step == UP else -1) % WRAP
        if ahead == 0 or ahead >= WRAP // 2:
            self._last = last
            raise ReportError(f"packet {counter} came after packet {last}: twice, or late")
        return ahead - 1

    def _learn(self, step: int) -> None:
        if step != self._step:
            self._alike = 0
            self._step = step
        self._alike = self._alike + 1 if step in (UP, DOWN) else 0
