"""The chip's twin as a stranger sees it: pyftdi, over our USB/IP backend, talks to it as to a real one."""

import asyncio

import pytest
import usb.core
import usb.util

from otolith.drivers.ftdi.chip import set_up
from otolith.drivers.ftdi.twin import Chip
from otolith.drivers.rig.bench import Bench
from otolith.drivers.tec_gihan.twin import Controller
from otolith.drivers.usb.backends import usbip
from otolith.drivers.usb.gadget import Setup, Stall


async def test_pyftdi_talks_with_the_controller() -> None:
    ftdi = pytest.importorskip("pyftdi.ftdi")
    async with Bench() as bench:
        twin = bench.plug("tecgihan", "constant:700", serial=42).twin
        assert isinstance(twin, Controller)
        registers: list[tuple[float, ...]] = []

        def converse() -> bytes:
            device = usb.core.find(backend=usbip(bench.rig.host, bench.rig.port))
            chip = ftdi.Ftdi()
            try:
                chip.open_from_device(device)
                chip.set_baudrate(1_000_000)
                chip.set_line_property(8, 1, "N")
                chip.set_flowctrl("hw")
                chip.set_latency_timer(2)
                chip.write_data(b"SERIAL\nSTATE\n")
                said = b""
                for _ in range(200):
                    said += chip.read_data(64)
                    if said.count(b"\n") == 2:
                        break
                registers.append((twin.chip.divisor, twin.chip.data, twin.chip.flow, twin.chip.latency))
                return said
            finally:
                chip.close()
                usb.util.dispose_resources(device)

        assert await asyncio.to_thread(converse) == b"SERIAL_42\r\nIDLE\r\n"
        assert registers == [(3, 8, 0x100, 0.002)]


class Noting:
    """A wire that keeps what it is asked."""

    def __init__(self) -> None:
        self.said: list[tuple[int, ...]] = []

    async def control(self, *setup: int) -> bytes:
        self.said.append(setup)
        return b""


async def test_requests_by_the_kernels_header() -> None:
    wire = Noting()
    await set_up(wire, 1_000_000, 1)  # type: ignore[arg-type]  # the one method that it needs
    assert wire.said == [
        (0x40, 0, 0, 0),
        (0x40, 3, 3, 0),
        (0x40, 4, 8, 0),
        (0x40, 2, 0, 0x100),
        (0x40, 1, 0x101, 0),
        (0x40, 1, 0x202, 0),
        (0x40, 9, 1, 0),
        (0x40, 0, 1, 0),
        (0x40, 0, 2, 0),
    ]
    with pytest.raises(ValueError, match="no whole part"):
        await set_up(wire, 921_600, 1)  # type: ignore[arg-type]


def test_requests_that_are_not_of_a_serial_port_stall() -> None:
    chip = Chip(lambda: None)
    for request_type, request in [(0x40, 11), (0x40, 0x91), (0xC0, 3), (0x21, 9)]:
        with pytest.raises(Stall):
            chip.control(Setup(request_type, request, 0x0100, 0, 0))
