"""The test pattern, and the proof that a stream of it lost nothing, kept its order and its rate.

Alone on purpose: standard library only, nothing of the codec. It checks the codec, the firmware and the way between
them by the specification's own words, and whoever writes firmware may run it as it stands.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

STEP: Final = 0x9E3779B1
SPREAD: Final = 0x85EBCA6B
_INVERSE: Final = pow(STEP, -1, 1 << 32)
_MASK: Final = 0xFFFFFFFF
_HALF: Final = 1 << 31
_TEST_PATTERN: Final = 0x10
_PACKET: Final = struct.Struct("<BBBBIQHBB10iI")
_TABLE: Final[list[int]] = []


@dataclass(frozen=True, slots=True)
class Proof:
    """What a stream of the test pattern showed."""

    packets: int
    """Whole and right ones."""
    scans: int
    lost: int
    """Scans between the first and the last that never came, by what the values themselves say."""
    out_of_order: int
    """Packets that came again, or after a later one."""
    corrupt: int
    """Packets that are none, or do not match their checksum."""
    wrong: int
    """Packets with a good checksum whose values, numbers or clock contradict one another: faults of the firmware."""
    rate: float
    """Scans per second of the device's clock; 0 with fewer than two packets."""

    @property
    def holds(self) -> bool:
        """Nothing lost, repeated, corrupted or wrong, and something there."""
        return self.packets > 0 and not (self.lost or self.out_of_order or self.corrupt or self.wrong)


def value(scan: int, channel: int) -> int:
    """The signed value of a channel in a scan: every bit toggles, and the scan's number can be had back from it."""
    bits = (scan * STEP + channel * SPREAD) & _MASK
    return bits - (1 << 32) if bits & _HALF else bits


def scan_of(value: int, channel: int) -> int:
    """The inverse of :func:`value`, modulo 2**32."""
    return (value - channel * SPREAD) * _INVERSE & _MASK


def scans_in(packet: bytes) -> int:
    """How many scans a packet says that it brings, as far as that is possible."""
    return min(packet[2], 10) if len(packet) == _PACKET.size else 0


def verify(packets: Iterable[bytes]) -> Proof:
    """Judge packets of a stream in test-pattern mode, in the order in which they came."""
    witness = _Witness()
    for packet in packets:
        witness.hear(packet)
    return witness.proof()


class _Witness:
    def __init__(self) -> None:
        self._packets = self._scans = self._lost = self._late = self._corrupt = self._wrong = 0
        self._next: int | None = None
        self._first: tuple[int, int] | None = None
        self._last = (0, 0)
        self._counted = 0

    def hear(self, packet: bytes) -> None:
        if len(packet) != _PACKET.size or packet[:2] != b"\xa5\x01" or _crc(packet[:-4]) != packet[-4:]:
            self._corrupt += 1
            return
        _, _, scans, channels, sequence, clock, _, status, _, *values, _ = _PACKET.unpack(packet)
        if not (0 < scans * channels <= 10 and status & _TEST_PATTERN and _right(sequence, scans, channels, values)):  # noqa: PLR2004 - of the packet
            self._wrong += 1
            return
        ahead = 0 if self._next is None else (sequence - self._next) & _MASK
        if ahead >= _HALF:
            self._late += 1
        elif self._first and clock <= self._last[1]:
            self._wrong += 1
        else:
            self._take(sequence, scans, ahead, clock)

    def _take(self, sequence: int, scans: int, ahead: int, clock: int) -> None:
        self._lost += ahead
        self._last = (self._counted + ahead, clock)
        self._first = self._first or self._last
        self._counted += ahead + scans
        self._packets += 1
        self._scans += scans
        self._next = (sequence + scans) & _MASK

    def proof(self) -> Proof:
        rate = 0.0
        if self._first and self._last[1] > self._first[1]:
            rate = (self._last[0] - self._first[0]) / (self._last[1] - self._first[1]) * 1e6
        return Proof(self._packets, self._scans, self._lost, self._late, self._corrupt, self._wrong, rate)


def _right(sequence: int, scans: int, channels: int, values: list[int]) -> bool:
    used = [value(sequence + scan, channel) for scan in range(scans) for channel in range(channels)]
    return values == used + [0] * (len(values) - len(used))


def _crc(data: bytes) -> bytes:
    if not _TABLE:
        _TABLE.extend(map(_entry, range(256)))
    register = _MASK
    for byte in data:
        register = _TABLE[(register ^ byte) & 0xFF] ^ register >> 8
    return (register ^ _MASK).to_bytes(4, "little")


def _entry(register: int) -> int:
    for _ in range(8):
        register = register >> 1 ^ (0x82F63B78 if register & 1 else 0)
    return register
