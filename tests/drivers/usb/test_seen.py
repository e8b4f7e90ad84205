import errno
import socket
import sys
import threading
from typing import Any

import pytest
import usb.core
import usb.util
from usb.core import USBError

from otolith.drivers.errors import (
    BoardBusy,
    BoardForbidden,
    BoardLost,
    BoardNotFound,
    BoardRefused,
    BoardTimeout,
    DriverError,
)
from otolith.drivers.usb import backends
from otolith.drivers.usb.faults import translate
from otolith.drivers.usb.loopback import Loopback
from otolith.drivers.usb.seen import find
from otolith.drivers.usb.usbip.backend import UsbipBackend


def test_every_device_is_seen_with_its_identity_and_place(bus: Any) -> None:
    bus.do(bus.server.plug, "2-1.4", Loopback("0002"))
    first, second = find(backends.usbip(port=bus.port))
    assert (first.vendor, first.product, first.release) == (0x1209, 0x0001, 0x0123)
    assert (first.serial, first.name, first.path, first.problem) == ("0001", "Loopback", "1-1", None)
    assert (second.serial, second.path) == ("0002", "2-1.4")


def test_looking_can_be_narrowed(bus: Any) -> None:
    backend = backends.usbip(port=bus.port)
    assert len(find(backend, 0x1209)) == len(find(backend, 0x1209, 0x0001)) == 1
    assert find(backend, 0x1209, 0x0002) == find(backend, 0x06C2) == []


def test_looking_lets_go(bus: Any, gadget: Loopback) -> None:
    find(backends.usbip(port=bus.port))
    assert not gadget.attached.is_set()


def test_what_another_host_holds_is_seen_as_busy(bus: Any) -> None:
    holder = usb.core.find(backend=UsbipBackend(port=bus.port))
    holder.get_active_configuration()
    (seen,) = find(backends.usbip(port=bus.port))
    assert isinstance(seen.problem, BoardBusy)
    assert (seen.vendor, seen.serial) == (0x1209, "")
    usb.util.dispose_resources(holder)


def test_what_this_host_reads_is_still_seen_whole(bus: Any) -> None:
    backend = backends.usbip(port=bus.port)
    holder = usb.core.find(backend=backend)
    holder.write(0x02, b"mine")
    (seen,) = find(backend)
    assert (seen.serial, seen.problem) == ("0001", None)
    assert holder.read(0x82, 64).tobytes() == b"mine"
    usb.util.dispose_resources(holder)


def test_a_device_without_strings_has_no_serial(bus: Any) -> None:
    nameless = Loopback()
    nameless.strings = {}
    bus.do(bus.server.plug, "1-2", nameless)
    assert [seen.serial for seen in find(backends.usbip(port=bus.port))] == ["0001", ""]


def test_a_server_that_does_not_answer_is_told_with_its_address(unused_port: int) -> None:
    with pytest.raises(BoardNotFound, match=f"usbip://127.0.0.1:{unused_port}"):
        find(backends.usbip(port=unused_port))


def test_a_server_of_something_else_is_told() -> None:
    def answer(listener: socket.socket) -> None:
        caller, _ = listener.accept()
        with caller:
            caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        web = threading.Thread(target=answer, args=(listener,))
        web.start()
        with pytest.raises(BoardNotFound, match="version 0x4854 where USB/IP has 0x0111"):
            find(backends.usbip(port=listener.getsockname()[1]))
        web.join()


def test_libusb_comes_with_the_project() -> None:
    assert isinstance(find(backends.libusb(), 0xFFFF, 0xFFFF), list)


def test_a_missing_libusb_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libusb_package", None)
    with pytest.raises(DriverError, match="pip install libusb-package"):
        backends.libusb()


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EACCES, BoardForbidden),
        (errno.EBUSY, BoardBusy),
        (errno.ENODEV, BoardLost),
        (errno.ENOENT, BoardLost),
        (errno.EIO, BoardLost),
        (errno.EPIPE, BoardRefused),
        (errno.ETIMEDOUT, BoardTimeout),
        (errno.EINVAL, DriverError),
        (None, DriverError),
    ],
)
def test_each_fault_has_its_error(number: int | None, kind: type[DriverError]) -> None:
    error = translate(USBError("why", -1, number), 0x06C2, 0x003B)
    assert type(error) is kind
    assert "06c2:003b" in str(error)
