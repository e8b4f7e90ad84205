"""The calibration block in a board's registers: three counts for each cell, and a checksum. It is only ever read."""

import struct
import zlib
from dataclasses import dataclass
from typing import Final

from otolith.drivers.calibration import Piecewise
from otolith.drivers.errors import ReportError

ADDRESS: Final = 0xA40020
SIZE: Final = 0x20
REFERENCE: Final = 0xA40060
"""Two more bytes, under the same checksum: temperature of the calibration, and a mark of its loads."""
MARKS: Final = {1: 17.0}
"""kg between the points, by the mark; 12.5 for any other (one decompiled title says so, nothing else does)."""
OTHER_STEP: Final = 12.5
GRAVITY: Final = 9.80665
"""m/s², ISO 80000-3: newtons are what a standard kilogram weighs."""


@dataclass(frozen=True, slots=True)
class Block:
    """What a board's factory wrote. Cells in the order TR, BR, TL, BL."""

    points: tuple[tuple[int, ...], ...]
    """Counts at 0, 17 and 34 kg, one per cell."""
    head: bytes
    """Four bytes before the counts; the second is a battery threshold."""
    reference: bytes
    """Two bytes: temperature and mark."""
    checksum: int
    """As the board gives it."""

    def __post_init__(self) -> None:
        if [len(row) for row in self.points] != [4, 4, 4] or len(self.head) != 4 or len(self.reference) != 2:  # noqa: PLR2004 - the layout
            raise ValueError("a calibration block has three points for four cells, a head of 4 bytes and a tail of 2")

    @property
    def computed(self) -> int:
        """CRC-32 (zlib's) over the counts, the first two bytes of the head, and the reference (Dolphin, WiiBrew)."""
        return zlib.crc32(self._counts() + self.head[:2] + self.reference)

    @property
    def temperature(self) -> int:
        """Of the calibration, in the degrees that samples tell."""
        return int.from_bytes(self.reference[:1], "big", signed=True)

    @property
    def whole(self) -> bool:
        """Whether the checksum is right."""
        return self.checksum == self.computed

    def calibration(self, gravity: float = 1.0) -> Piecewise:
        """Counts to newtons, under so much of standard gravity; ReportError where a cell's counts do not increase."""
        step = MARKS.get(self.reference[1], OTHER_STEP) * GRAVITY * gravity
        counts = tuple(tuple(float(count) for count in row) for row in self.points)
        try:
            return Piecewise((0.0, step, 2.0 * step), counts, "factory")
        except ValueError as error:
            raise ReportError(f"the board's calibration cannot be used: {error}") from error

    def _counts(self) -> bytes:
        return b"".join(struct.pack(">4H", *row) for row in self.points)

    def encode(self) -> tuple[bytes, bytes]:
        """The board's own side: the block, and the two bytes of the reference."""
        return self.head + self._counts() + self.checksum.to_bytes(4, "big"), self.reference


def decode(block: bytes, reference: bytes) -> Block:
    """Read both parts; ReportError where one is cut short. The checksum is kept, not judged."""
    if len(block) < SIZE or len(reference) < 2:  # noqa: PLR2004 - its two bytes
        raise ReportError(f"a calibration block of {len(block)} and {len(reference)} bytes")
    points = tuple(struct.unpack(">4H", block[at : at + 8]) for at in (4, 12, 20))
    return Block(points, block[:4], reference[:2], int.from_bytes(block[28:32], "big"))


def sealed(points: tuple[tuple[int, ...], ...], head: bytes, reference: bytes) -> Block:
    """A block with its right checksum."""
    draft = Block(points, head, reference, 0)
    return Block(points, head, reference, draft.computed)
