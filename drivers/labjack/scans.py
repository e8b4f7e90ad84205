"""From packets to scans: samples roll across packets, packets may be missing, and the device may drop scans itself."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.errors import BoardLost, ReportError
from otolith.drivers.labjack.codec.packet import Packet
from otolith.drivers.labjack.codec.scale import TOP


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Consecutive whole scans."""

    codes: NDArray[np.uint16]
    """``(n, k)``, n at least 1."""
    missed: int = 0
    """Scans that are missing immediately before them."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a stream is packed."""

    channels: int
    samples: int
    """In a packet."""
    wrap: int
    """Packets are numbered modulo this."""
    dummy: bool
    """One scan of ``TOP`` in the stream stands for the dropped ones (U3, U6); else they precede the packet (T7)."""

    @property
    def scans(self) -> float:
        """In a packet."""
        return self.samples / self.channels


class Scans:
    """Puts scans together from the first packet of a stream on.

    A lost packet is seen by its number and costs the scans that it had a part in. A packet whose number has passed
    already is refused (ReportError): it came again, or late.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._number = 0
        self._position = 0
        """Of the next sample, counting those of lost packets and of a dummy scan."""
        self._scan = 0
        """The next scan to be delivered."""
        self._part: NDArray[np.uint16] = np.empty(0, dtype=np.uint16)
        self._skip = 0
        """Samples to come of a scan whose beginning was lost."""
        self._recovering = False
        self._owed: deque[tuple[int, int]] = deque()
        """Dropped scans whose place has not come yet, and the scan with which it does at the latest."""
        self._missed = 0

    def feed(self, packet: Packet) -> list[Run]:
        """The scans that this packet completes, none of them a mixture.

        Raises ReportError, and BoardLost where the number of dropped scans was lost on its way.
        """
        ahead = (packet.number - self._number) % self._layout.wrap
        if ahead >= self._layout.wrap // 2:
            raise ReportError(f"packet {packet.number} came after those before {self._number}: twice, or late")
        if ahead and self._recovering and not (packet.recovering or packet.dropped):
            raise BoardLost("the packet that said how many scans were dropped was lost itself; the stream begins anew")
        if ahead:
            self._missed += sum(dropped - 1 for dropped, _ in self._owed)  # their dummies are among the scans lost
            self._owed.clear()
        self._number = (packet.number + 1) % self._layout.wrap
        self._recovering = packet.recovering
        codes = self._whole(packet, ahead)
        if packet.dropped:
            last = (self._position - 1) // self._layout.channels
            self._owed.append((packet.dropped, last if self._layout.dummy else -1))
        return self._runs(codes)

    def _whole(self, packet: Packet, ahead: int) -> NDArray[np.uint16]:
        """Whole scans, ``(n, k)``; what is missing before them is counted, the rest is kept."""
        channels = self._layout.channels
        start = self._position + ahead * self._layout.samples
        self._position = start + len(packet.samples)
        if ahead:
            self._part = self._part[:0]
            self._skip = -start % channels
            scan = (start + self._skip) // channels
            self._missed += scan - self._scan
            self._scan = scan
        samples = np.concatenate([self._part, packet.samples[self._skip :]])
        self._skip = max(0, self._skip - len(packet.samples))
        whole = len(samples) // channels * channels
        self._part = samples[whole:]
        return samples[:whole].reshape(-1, channels)

    def _runs(self, codes: NDArray[np.uint16]) -> list[Run]:
        runs: list[Run] = []
        begun = 0
        for index in range(len(codes) if self._owed else 0):
            if not self._owed:
                break
            dropped, by = self._owed[0]
            dummy = self._layout.dummy and bool((codes[index] == TOP).all())
            if dummy or self._scan + index > by:
                runs += self._run(codes[begun:index])
                self._missed += dropped
                self._owed.popleft()
                begun = index + dummy
        self._scan += len(codes)
        return runs + self._run(codes[begun:])

    def _run(self, codes: NDArray[np.uint16]) -> list[Run]:
        if not len(codes):
            return []
        run = Run(codes, self._missed)
        self._missed = 0
        return [run]
