"""What is written to and read from the device, bytes to records and back."""

import struct
from dataclasses import dataclass
from typing import Final

from otolith.drivers.errors import ReportError
from otolith.drivers.mcc1608.codec.numbers import INPUTS, RANGES, SERIAL, Option, Status

_SCAN: Final = struct.Struct("<IIBB")


@dataclass(frozen=True, slots=True)
class Scan:
    """SCAN_START."""

    count: int
    """Scans to make; 0 until it is stopped."""
    pacer: int
    mask: int
    """A bit for each input that is scanned."""
    options: Option
    trigger: int = 0
    """0 to 4; 0 none."""

    @property
    def inputs(self) -> tuple[int, ...]:
        """Those that are scanned, in the order of their samples."""
        return tuple(number for number in range(INPUTS) if self.mask >> number & 1)


def encode_scan(scan: Scan) -> bytes:
    """Ten bytes."""
    return _SCAN.pack(scan.count, scan.pacer, scan.mask, scan.options | scan.trigger << 2)


def decode_scan(raw: bytes) -> Scan:
    """The inverse; ReportError where it is no scan."""
    if len(raw) != _SCAN.size:
        raise ReportError(f"SCAN_START brings {_SCAN.size} bytes, not {len(raw)}")
    count, pacer, mask, options = _SCAN.unpack(raw)
    return Scan(count, pacer, mask, Option(options & ~0x5C), options >> 2 & 7)


def decode_ranges(raw: bytes) -> tuple[int, ...]:
    """Range numbers by input; ReportError where there are not eight, or no such range."""
    if len(raw) != INPUTS or max(raw) >= len(RANGES):
        raise ReportError(f"eight range numbers from 0 to {len(RANGES) - 1} were due, not {raw.hex(' ')}")
    return tuple(raw)


def decode_status(raw: bytes) -> Status:
    """Known bits of the status word; ReportError where it is none."""
    if len(raw) != 2:  # noqa: PLR2004 - u16
        raise ReportError(f"a status is 2 bytes, not {len(raw)}")
    return Status(int.from_bytes(raw, "little") & (Status.RUNNING | Status.OVERRUN))


def decode_serial(raw: bytes) -> str:
    """Eight characters, letters and digits; ReportError where it is no serial number."""
    text = raw.decode("ascii", errors="replace")
    if len(raw) != SERIAL or not (text.isascii() and text.isalnum()):
        raise ReportError(f"a serial number is {SERIAL} letters and digits, not {raw!r}")
    return text
