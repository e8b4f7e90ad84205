"""Packets, and the reports that carry them.

``kind length counter checksum command body``: the length is the whole packet's, the checksum the sum of all its other
bytes. A report is 64 bytes, the first of which tells how many of the others count; a longer packet goes on in the next.
"""

from dataclasses import dataclass
from typing import Final

from otolith.drivers.errors import ReportError

REPORT: Final = 64
ROOM: Final = REPORT - 1
"""Bytes of a packet in a report."""
HEAD: Final = 5
REQUEST: Final = 0x58
"""Kind of a request, and of its answer."""
MEASUREMENT: Final = 0x20
"""Kind of what is sent unasked."""
_CHECKSUM: Final = 3


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; ``command`` is the type of the contents where it is a measurement."""

    kind: int
    counter: int
    """Of requests: one less than the request's before, from 0xFE on. Of measurements: not public."""
    command: int
    body: bytes = b""


def checksum(raw: bytes | bytearray) -> int:
    """Of a whole packet."""
    return (sum(raw) - raw[_CHECKSUM]) & 0xFF


def encode(packet: Packet) -> bytes:
    """A packet's bytes; ValueError where it is longer than its length can say."""
    length = HEAD + len(packet.body)
    raw = bytearray([packet.kind, length, packet.counter, 0, packet.command]) + packet.body
    raw[_CHECKSUM] = checksum(raw)
    return bytes(raw)


def reports(raw: bytes) -> list[bytes]:
    """The reports that carry a packet."""
    pieces = [raw[at : at + ROOM] for at in range(0, len(raw), ROOM)]
    return [(bytes([len(piece)]) + piece).ljust(REPORT, b"\0") for piece in pieces]


class Assembler:
    """Puts packets together from reports. Not for two threads at once.

    Whether the device fills in checksums is learnt from its first packet, the answer to INIT: no client of the maker's
    has ever looked at them.
    """

    def __init__(self) -> None:
        self._begun = b""
        self._checked: bool | None = None

    def feed(self, report: bytes) -> Packet | None:
        """The packet that this report completes; ReportError where it cannot be part of one."""
        begun, self._begun = self._begun, b""
        if len(report) != REPORT:
            raise ReportError(f"a report of {len(report)} bytes where {REPORT} were due")
        raw = begun + report[1:]
        length = raw[1]
        if not raw[0] or length < HEAD:
            raise ReportError(f"what begins with {raw[:HEAD].hex(' ')} is no packet")
        if len(raw) < length:
            self._begun = raw
            return None
        return self._opened(raw[:length])

    def _opened(self, raw: bytes) -> Packet:
        right = checksum(raw) == raw[_CHECKSUM]
        if self._checked is None:
            self._checked = right
        if self._checked and not right:
            raise ReportError(f"the checksum of a packet is {raw[_CHECKSUM]:#04x} where {checksum(raw):#04x} was due")
        return Packet(raw[0], raw[2], raw[4], raw[HEAD:])
