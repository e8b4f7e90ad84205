"""Both our ends against an implementation of USB/IP that we did not write (PyPI: usbip, MIT)."""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import usb.core
import usb.util
from usb.core import USBError, USBTimeoutError

from otolith.drivers.usb.loopback import ECHO, MEMORY, SINK, SOURCE, Loopback
from otolith.drivers.usb.usbip.backend import UsbipBackend

usbip = pytest.importorskip("usbip", reason="no package usbip, an independent USB/IP: pip install usbip==0.7.0")


@pytest.fixture
def handle(bus: Any) -> Iterator[Any]:
    host = pytest.importorskip("usbip.host")
    with host.open(0x1209, 0x0001, transport=usbip.USBIP("127.0.0.1", bus.port)) as handle:
        yield handle


def test_their_host_lists_what_we_export(bus: Any) -> None:
    bus.do(bus.server.plug, "2-1.4", Loopback("0002"))
    first, second = pytest.importorskip("usbip.host").list_devices(usbip.USBIP("127.0.0.1", bus.port))
    assert (first["busid"], first["idVendor"], first["idProduct"]) == ("1-1", 0x1209, 1)
    assert (second["busid"], second["busnum"], second["interfaces"]) == ("2-1.4", 2, [(0xFF, 0, 0)])


def test_their_host_uses_our_device(bus: Any, gadget: Loopback, handle: Any) -> None:
    assert handle.device_descriptor.bcdDevice == 0x0123
    handle.control(0x41, MEMORY, 0, 0, b"otolith")
    assert handle.control(0xC1, MEMORY, 0, 0, 64) == b"otolith"
    assert handle.bulk_out(SINK, bytes(range(200))) == 200
    assert handle.bulk_in(ECHO, 4096) == bytes(range(200))
    for each in range(20):
        bus.do(gadget.emit, bytes([each]))
        assert handle.interrupt_in(SOURCE, 64) == bytes([each])


def test_their_host_meets_and_clears_our_stall(bus: Any, gadget: Loopback, handle: Any) -> None:
    with pytest.raises(usbip.Stall):
        handle.control(0xC1, 0x77, 0, 0, 1)
    bus.do(gadget.stall)
    bus.do(gadget.emit, b"after")
    for _ in range(2):
        with pytest.raises(usbip.Stall):
            handle.interrupt_in(SOURCE, 64)
    handle.clear_halt(SOURCE)
    assert handle.interrupt_in(SOURCE, 64) == b"after"


@pytest.fixture
def theirs(unused_port: int) -> Iterator[Any]:
    class Echo(usbip.Interface):  # type: ignore[misc, name-defined]  # imported only where it is installed
        source = usbip.In(0x81, "interrupt", mps=64, interval=1)
        sink = usbip.Out(0x02, "bulk", mps=64)
        echo = usbip.In(0x82, "bulk", mps=64)

        def on_out(self, _: Any, data: bytes) -> None:
            self.echo.write(data)

        def on_control(self, setup: Any, _: bytes = b"") -> bytes:
            if setup.bRequest != 1:
                raise usbip.Stall
            return b"theirs"

    device = usbip.USBDevice(0x1209, 0x0002, product="Echo", serial="T1")
    echo = device.add(Echo())
    with device.plug(via=usbip.USBIP("127.0.0.1", unused_port)):
        echo.port = unused_port
        yield echo


@pytest.fixture(params=[1, 4], ids=["single", "ahead"])
def device(request: pytest.FixtureRequest, theirs: Any) -> Iterator[Any]:
    backend = UsbipBackend(port=theirs.port, read_ahead=request.param)
    device = usb.core.find(backend=backend, idVendor=0x1209, idProduct=2)
    yield device
    usb.util.dispose_resources(device)


def test_our_host_uses_their_device(theirs: Any, device: Any) -> None:
    assert (device.product, device.serial_number) == ("Echo", "T1")
    assert "ENDPOINT 0x82: Bulk IN" in str(device)
    assert device.ctrl_transfer(0xC1, 1, 0, 0, 64).tobytes() == b"theirs"
    assert device.write(0x02, b"there and back") == 14
    assert device.read(0x82, 64).tobytes() == b"there and back"
    for each in range(200):
        theirs.source.write(each.to_bytes(2, "big"))
    assert [int.from_bytes(device.read(0x81, 64), "big") for _ in range(200)] == list(range(200))


def test_our_host_times_out_on_their_device_and_loses_nothing(theirs: Any, device: Any) -> None:
    for each in range(3):
        with pytest.raises(USBTimeoutError):
            device.read(0x81, 64, 5)
        theirs.source.write(bytes([each]))
        assert device.read(0x81, 64).tobytes() == bytes([each])


def test_our_host_meets_and_clears_their_stall(theirs: Any, device: Any) -> None:
    with pytest.raises(USBError) as refused:
        device.ctrl_transfer(0xC1, 9, 0, 0, 1)
    theirs.source.stall()
    with pytest.raises(USBError) as stalled:
        device.read(0x81, 64)
    assert [refused.value.errno, stalled.value.errno] == [errno.EPIPE, errno.EPIPE]
    device.clear_halt(0x81)
    theirs.source.write(b"after")
    assert device.read(0x81, 64).tobytes() == b"after"


@pytest.fixture
def tool() -> str:
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
    found = shutil.which("usbip", path=path)
    return found or pytest.skip("no usbip, the Linux kernel's own tool: apt-get install usbip")


def test_the_kernels_own_tool_lists_what_we_export(bus: Any, tool: str) -> None:
    command = [tool, "--tcp-port", str(bus.port), "list", "-r", "127.0.0.1"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    assert "(1209:0001)" in listed  # beside names from its own list, where that is installed
    assert "/sys/devices/otolith/usb1/1-1" in listed
