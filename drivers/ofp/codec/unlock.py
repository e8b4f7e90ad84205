"""The key to SET_CAL: it keeps accidents out, not people."""

from otolith.drivers.ofp.codec.form import crc32c
from otolith.drivers.ofp.codec.numbers import UNLOCK_TEXT


def key(challenge: int, serial: int) -> int:
    """CRC-32C of the challenge (u32), the plate's serial number (u64), both little-endian, and ``OFP unlock``."""
    return crc32c(challenge.to_bytes(4, "little") + serial.to_bytes(8, "little") + UNLOCK_TEXT)
