"""From packets to scans: samples are interleaved input by input and roll on from packet to packet."""

import struct
from typing import Final

from otolith.drivers.errors import ReportError
from otolith.drivers.mcc1608.codec.numbers import PACKET

_SAMPLE: Final = 2


class Unroller:
    """Puts the scans of ``channels`` inputs together; ``immediate`` as the scan was started.

    In block mode every packet is 64 bytes, in immediate mode one scan. A packet of another length is refused with
    ReportError; then the whole one that it stands for is taken as lost, and so are the scans that it had a part in.
    An empty packet ends a finite scan.
    """

    def __init__(self, channels: int, *, immediate: bool) -> None:
        self._channels = channels
        self._samples = channels if immediate else PACKET // _SAMPLE
        self._rest: tuple[int, ...] = ()
        """Samples of a scan that goes on in the next packet."""
        self._skip = 0
        """Samples to come of a scan that is spoilt."""

    def feed(self, packet: bytes) -> list[tuple[int, ...]]:
        """The scans that this packet completes."""
        if not packet:
            return []
        if len(packet) != self._samples * _SAMPLE:
            self._lose()
            raise ReportError(f"a packet of {len(packet)} bytes; all have {self._samples * _SAMPLE}")
        samples = struct.unpack(f"<{self._samples}H", packet)
        skipped = min(self._skip, len(samples))
        self._skip -= skipped
        samples = self._rest + samples[skipped:]
        whole = len(samples) - len(samples) % self._channels
        self._rest = samples[whole:]
        return [samples[at : at + self._channels] for at in range(0, whole, self._channels)]

    def _lose(self) -> None:
        at = self._channels - self._skip if self._skip else len(self._rest)
        self._rest = ()
        self._skip = -(at + self._samples) % self._channels
