"""Setting a chip up, and reading what it sends."""

from otolith.drivers.errors import ReportError
from otolith.drivers.ftdi.numbers import (
    CLOCK,
    DTR_HIGH,
    EIGHT_NONE_ONE,
    HURT,
    OUT,
    PORT,
    RTS_CTS,
    RTS_HIGH,
    STATUS,
    Line,
    Request,
    Reset,
)
from otolith.drivers.wire import Wire


async def set_up(wire: Wire, baud: int, latency: int) -> None:
    """8N1 at ``baud`` with RTS/CTS, empty buffers, and a packet at least every ``latency`` ms. Raises DriverError.

    ValueError for a rate that is no whole part of 3 MBd.
    """
    divisor, rest = divmod(CLOCK, baud)
    if rest or not 1 < divisor < 1 << 14:
        raise ValueError(f"{baud} Bd is no whole part of {CLOCK} Bd")
    await _say(wire, Request.RESET, Reset.ALL)
    await _say(wire, Request.BAUD_RATE, divisor)
    await _say(wire, Request.DATA, EIGHT_NONE_ONE)
    await _say(wire, Request.FLOW_CTRL, 0, RTS_CTS | PORT)
    await _say(wire, Request.MODEM_CTRL, DTR_HIGH)
    await _say(wire, Request.MODEM_CTRL, RTS_HIGH)
    await _say(wire, Request.LATENCY_TIMER, latency)
    await purge(wire)


async def purge(wire: Wire) -> None:
    """Throw away what waits in the chip, both ways."""
    await _say(wire, Request.RESET, Reset.PURGE_RX)
    await _say(wire, Request.RESET, Reset.PURGE_TX)


def data_of(packet: bytes) -> bytes:
    """What a packet of the IN endpoint carries behind its two bytes of status; empty where it tells only those.

    Raises ReportError where it is none, and where the chip says that bytes before it were lost or changed.
    """
    if len(packet) < STATUS:
        raise ReportError(f"an FTDI packet has two bytes of status at least, not {packet.hex(' ')!r}")
    if not any(packet[:STATUS]):
        raise ReportError("an FTDI packet without any status: a chip at work reports an empty transmitter at least")
    hurt = Line(packet[1]) & HURT
    if hurt:
        raise ReportError(f"the FTDI chip reports {hurt.name or hurt}: bytes were lost on the serial line")
    return packet[STATUS:]


async def _say(wire: Wire, request: Request, value: int, index: int = PORT) -> None:
    await wire.control(OUT, request, value, index)
