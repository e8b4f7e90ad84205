"""A capture that is to be given away without telling whose board it was."""

from dataclasses import replace

from otolith.drivers.capture.file import Capture

MASKED = "masked"
TELLING = 4
"""Digits, at least, of a number that tells one board from another; shorter ones occur by chance."""


def masked(capture: Capture) -> Capture:
    """The same without the serial number in its heading; what the board itself says is left as it is."""
    head = capture.heading
    name = head.name.replace(head.serial, MASKED) if head.serial else head.name
    return replace(capture, heading=replace(head, serial=MASKED, name=name))


def telling(capture: Capture, serial: str) -> int:
    """How often the board itself says its serial number, as text or as a number.

    Such bytes are under checksums of the board's own, so that nobody can change them and the capture still be one.
    """
    if len(serial) < TELLING:
        return 0
    forms = [serial.encode(), serial.encode("utf-16-le")]
    if serial.isdecimal() and int(serial) < 1 << 32:
        forms += [int(serial).to_bytes(4, "little"), int(serial).to_bytes(4, "big")]
    return sum(any(form in transfer.data for form in forms) for transfer in capture.transfers)
