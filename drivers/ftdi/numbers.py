"""The chip's requests, as Linux' ``drivers/usb/serial/ftdi_sio.h`` documents them with FTDI's leave."""

from enum import IntEnum, IntFlag
from typing import Final

VENDOR: Final = 0x0403
FT232R: Final = 0x6001
FT232H: Final = 0x6014
INTERFACE: Final = 0
ENDPOINT_IN: Final = 0x81
ENDPOINT_OUT: Final = 0x02
PORT: Final = 0
"""wIndex of a chip with one port."""
OUT: Final = 0x40
IN: Final = 0xC0
"""Vendor requests to the device."""
CLOCK: Final = 3_000_000
"""Hz that the divisor divides (48 MHz / 16); chips of the H series have it too, unless bit 17 of the divisor is set."""


class Request(IntEnum):
    """bRequest."""

    RESET = 0
    MODEM_CTRL = 1
    FLOW_CTRL = 2
    BAUD_RATE = 3
    DATA = 4
    MODEM_STATUS = 5
    EVENT_CHAR = 6
    ERROR_CHAR = 7
    LATENCY_TIMER = 9
    GET_LATENCY_TIMER = 10
    BIT_MODE = 11


class Reset(IntEnum):
    """wValue of RESET."""

    ALL = 0
    PURGE_RX = 1
    """What waits for the computer."""
    PURGE_TX = 2
    """What waits for the device."""


RTS_CTS: Final = 0x0100
"""High byte of wIndex of FLOW_CTRL."""
EIGHT_NONE_ONE: Final = 0x0008
"""wValue of DATA: 8 bits, no parity, one stop bit."""
DTR_HIGH: Final = 0x0101
RTS_HIGH: Final = 0x0202
"""wValue of MODEM_CTRL: the mask in the high byte."""
STATUS: Final = 2
"""Bytes before the data of every packet: modem status, line status."""


class Line(IntFlag):
    """Second byte of every packet."""

    DATA_READY = 0x01
    OVERRUN = 0x02
    PARITY = 0x04
    FRAMING = 0x08
    BREAK = 0x10
    HOLDING_EMPTY = 0x20
    SENT = 0x40
    FIFO_ERROR = 0x80


HURT: Final = Line.OVERRUN | Line.PARITY | Line.FRAMING | Line.FIFO_ERROR
"""Bytes before this were lost, or arrived changed."""
