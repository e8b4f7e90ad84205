"""Packets that came twice, told from samples that happen to be alike."""

from typing import Final

LIVELY: Final = 16
"""Packets in a row that differ, before one that does not is suspicious."""
CLOSE: Final = 0.25
"""Of a period: sooner after the packet before it than this, a packet is not at its time."""
SLOW: Final = 0.004
"""Seconds: at shorter periods no clock of a busy computer can tell, and a repetition counts as a sample."""


class Repetition:
    """Watches a stream of packets that are ``period`` seconds apart.

    Converters hardly ever read the same twice in all their bits. Where samples do repeat for good (a simulated weight,
    cells at their end) nothing is a repetition; nor is what comes at its time.
    """

    def __init__(self, period: float) -> None:
        self._close = round(CLOSE * period * 1e9) if period >= SLOW else 0
        self._previous = b""
        self._previous_at = 0
        self._lively = 0

    def seen(self, packet: bytes, t_host: int) -> bool:
        """Whether this packet is the one before it, sent again."""
        same = packet == self._previous
        if same and self._lively >= LIVELY and t_host - self._previous_at < self._close:
            return True
        self._lively = 0 if same else self._lively + 1
        self._previous, self._previous_at = packet, t_host
        return False
