"""How a stream is packed: as much in a packet as is read in time, and whole scans where there is time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from otolith.drivers.labjack.codec.packet import Packet
from otolith.drivers.labjack.scans import Layout

GATHER: Final = 0.005
"""Seconds of scans in a packet, in a transfer and in a batch, at most where that is possible."""
ENDPOINT: Final = 64
"""Bytes of wMaxPacketSize; a packet that fills them is followed by the next one in the same transfer."""


@dataclass(frozen=True, slots=True)
class Packing:
    """How the packets of a stream are laid out, and how one is read."""

    layout: Layout
    size: int
    """Bytes of a packet."""
    decode: Callable[[bytes, int], Packet]
    """One packet of so many samples; ReportError."""

    def split(self, transfer: bytes) -> Iterator[bytes]:
        """The packets of a transfer: several where they fill the endpoint, else one; what is longer is cut."""
        if self.size < ENDPOINT:
            yield transfer[: self.size]
            return
        for at in range(0, len(transfer), ENDPOINT):
            yield transfer[at : at + ENDPOINT]

    def transfer(self, rate: float) -> int:
        """Bytes to ask for at once, at so many scans a second."""
        if self.size < ENDPOINT:
            return ENDPOINT
        full = int(GATHER * rate / self.layout.scans)
        return ENDPOINT * max(1, full)


def samples_in_packet(rate: float, channels: int, most: int, *, whole: bool) -> int:
    """``whole`` scans only, or ``most`` samples where packets come fast enough to roll scans across them."""
    scans = int(GATHER * rate)
    if scans * channels >= most and not whole:
        return most
    return channels * max(1, min(scans, most // channels))
