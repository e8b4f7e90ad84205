"""The buffer between a LabJack's converter and its wire, and what happens when it runs over: auto-recovery."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from otolith.drivers.labjack.codec.packet import Packet
from otolith.drivers.labjack.codec.scale import TOP
from otolith.drivers.labjack.scans import Layout


@dataclass(frozen=True, slots=True)
class Leaving:
    """A packet, and the tick that each of its samples was taken at; None for those of a dummy scan."""

    packet: Packet
    ticks: tuple[int | None, ...]


@dataclass(slots=True, eq=False)
class Buffer:
    """Samples of a stream, first in, first out.

    When a scan does not fit, this and all later ones are thrown away until what remains is less than a packet; then
    sampling goes on, and the next packet tells how many scans were thrown away. U3 and U6 put a dummy scan in their
    place, which is one of that number (U3 datasheet 5.2.12).
    """

    layout: Layout
    capacity: int
    """Samples."""
    recovering: bool = False
    _samples: deque[tuple[int | None, int]] = field(default_factory=deque)
    _number: int = 0
    _thrown: int = 0
    _report: int = 0

    @property
    def ready(self) -> bool:
        """Whether there is a packet."""
        return len(self._samples) >= self.layout.samples

    def fits(self) -> bool:
        """Whether a further scan has room."""
        return not self.recovering and len(self._samples) + self.layout.channels <= self.capacity

    def push(self, tick: int, codes: Sequence[int]) -> None:
        """Take a scan."""
        self._samples.extend((tick, code) for code in codes)

    def throw(self) -> None:
        """A scan is lost, as there is no room for it."""
        self.recovering = True
        self._thrown += 1

    def pop(self) -> Leaving | None:
        """The next packet, where there is one."""
        if not self.ready:
            return None
        taken = [self._samples.popleft() for _ in range(self.layout.samples)]
        packet = Packet(
            number=self._number % self.layout.wrap,
            samples=np.array([code for _, code in taken], dtype=np.uint16),
            backlog=len(self._samples) / self.capacity,
            recovering=self.recovering,
            dropped=self._report,
        )
        self._number += 1
        self._report = 0
        if self.recovering and len(self._samples) < self.layout.samples:
            self._recover()
        return Leaving(packet, tuple(tick for tick, _ in taken))

    def _recover(self) -> None:
        self.recovering = False
        self._report, self._thrown = self._thrown, 0
        if self.layout.dummy:
            self._samples.extend([(None, TOP)] * self.layout.channels)
