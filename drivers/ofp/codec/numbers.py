"""Every number of OFP 1.0, in one place: the C header and the tables of the specification are made from it."""

from enum import IntEnum, IntFlag
from typing import Final

VERSION: Final = 0x0100
"""Major, minor. A host refuses another major version and reads every minor one."""
VENDOR: Final = 0x1209
"""pid.codes."""
PRODUCT: Final = 0x0001
"""A test PID: for use at home and in the laboratory, never for a product that is passed on."""
CLASS: Final = (0xFF, 0x46, 0x01)
"""Interface class (vendor), subclass ("F"), protocol (major version)."""
INTERFACE: Final = 0
ENDPOINT_IN: Final = 0x81
ENDPOINT_OUT: Final = 0x01

PACKET: Final = 64
"""Bytes of a data packet, and wMaxPacketSize of both endpoints."""
VALUES: Final = 10
"""Values in a data packet; so a plate has at most ten channels."""
RECORD: Final = 512
"""Bytes that no record exceeds, and that a host asks for."""
MAGIC: Final = b"OFP1"

DATA_MARK: Final = 0xA5
ASK_MARK: Final = 0xA6
ANSWER_MARK: Final = 0xA7
WIRE_VERSION: Final = 0x01

SLOWEST: Final = 1_000
"""mHz."""
FASTEST: Final = 10_000_000
"""mHz; ten values a packet, full-speed USB carries 19 packets a millisecond."""
UNLOCK_TEXT: Final = b"OFP unlock"
UNLOCK_TIME: Final = 10
"""Seconds that a challenge is valid."""


class Request(IntEnum):
    """bRequest of a vendor request to the device; the same codes on a byte stream."""

    GET_INFO = 0x01
    GET_CAL = 0x02
    SET_RATE = 0x03
    START = 0x04
    STOP = 0x05
    TARE = 0x06
    STATUS = 0x07
    SET_CAL = 0x08
    TIMESYNC = 0x09
    GET_LAYOUT = 0x0A
    UNLOCK = 0x0B
    IDENTIFY = 0x0C
    MS_OS_20 = 0x20
    WEBUSB = 0x21


class Capability(IntFlag):
    """What a plate can do beyond what it must."""

    TARE = 0x0001
    SET_CAL = 0x0002
    IDENTIFY = 0x0004
    SIMULATED = 0x8000


class Status(IntFlag):
    """What is true of every value in a data packet."""

    OVERRUN = 0x01
    SATURATED = 0x02
    TARED = 0x04
    LOW_SUPPLY = 0x08
    TEST_PATTERN = 0x10
    CHANNEL_ERROR = 0x20
    INVALID = 0x40


class Mode(IntEnum):
    """What a plate is doing; also wValue of START, low byte."""

    IDLE = 0
    SAMPLES = 1
    PATTERN = 2


class Refusal(IntEnum):
    """Why the last request was refused."""

    NONE = 0
    UNKNOWN_REQUEST = 1
    WRONG_LENGTH = 2
    OUT_OF_RANGE = 3
    BUSY = 4
    LOCKED = 5
    WRONG_CRC = 6
    UNSUPPORTED = 7
    HARDWARE = 8


class Quantity(IntEnum):
    """What an output is."""

    CELL = 0
    FX = 1
    FY = 2
    FZ = 3
    MX = 4
    MY = 5
    MZ = 6
