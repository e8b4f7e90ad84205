"""The counter pattern, and the proof that a stream of it lost nothing and kept its order."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_WRAP: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Proof:
    """What a scan of the counter pattern showed."""

    packets: int
    samples: int
    lost: int
    """Samples between the first and the last that never came, modulo 65536."""
    late: int
    """Breaks where a sample came again, or after later ones."""
    odd: int
    """Packets with half a sample."""

    @property
    def holds(self) -> bool:
        """Nothing lost, repeated or cut, and something there."""
        return self.samples > 0 and not (self.lost or self.late or self.odd)


def verify(packets: Iterable[bytes]) -> Proof:
    """Judge packets of a scan with option COUNTING, in the order in which they came.

    Each sample is one more than the sample before it, whatever inputs are scanned, modulo 65536.
    """
    count = samples = lost = late = odd = 0
    due: int | None = None
    for packet in packets:
        count += 1
        odd += len(packet) % 2
        for (value,) in struct.iter_unpack("<H", packet[: len(packet) // 2 * 2]):
            ahead = 0 if due is None else (value - due) % _WRAP
            lost += ahead if ahead < _WRAP // 2 else 0
            late += ahead >= _WRAP // 2
            due = (value + 1) % _WRAP
            samples += 1
    return Proof(count, samples, lost, late, odd)
