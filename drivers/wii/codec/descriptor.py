"""The reports that a Wii device has, and the HID report descriptor that says so (xwiimote ``rdesc.dump``)."""

from typing import Final

OUT: Final = {
    0x10: 1,
    0x11: 1,
    0x12: 2,
    0x13: 1,
    0x14: 1,
    0x15: 1,
    0x16: 21,
    0x17: 6,
    0x18: 21,
    0x19: 1,
    0x1A: 1,
}
"""Bytes of each output report after its number."""
IN: Final = {
    0x20: 6,
    0x21: 21,
    0x22: 4,
    0x30: 2,
    0x31: 5,
    0x32: 10,
    0x33: 17,
    **dict.fromkeys(range(0x34, 0x38), 21),
    **dict.fromkeys(range(0x3D, 0x40), 21),
}
"""Bytes of each input report after its number."""


def _descriptor() -> bytes:
    head = bytes.fromhex("05 01 09 05 A1 01 85 10 15 00 26 FF 00 75 08 95 01 06 00 FF 09 01 91 00")
    rest = [(number, size, 0x91) for number, size in OUT.items()][1:] + [(n, size, 0x81) for n, size in IN.items()]
    return head + b"".join(bytes([0x85, n, 0x95, size, 0x09, 0x01, way, 0x00]) for n, size, way in rest) + b"\xc0"


REPORT_DESCRIPTOR: Final = _descriptor()
"""217 bytes."""
