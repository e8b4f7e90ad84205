"""Stock pyusb against our server: what a driver relies on, once with single reads and once with reads ahead."""

import array
import errno
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import usb.core
import usb.util
from usb.core import USBError, USBTimeoutError

from otolith.drivers.usb.loopback import ECHO, MEMORY, SINK, SOURCE, Loopback
from otolith.drivers.usb.usbip.backend import UsbipBackend

PATIENCE = 10.0
QUICK = 30  # ms


@pytest.fixture(params=[1, 4], ids=["single", "ahead"])
def backend(request: pytest.FixtureRequest, bus: Any) -> UsbipBackend:
    return UsbipBackend(port=bus.port, read_ahead=request.param)


@pytest.fixture
def device(backend: UsbipBackend) -> Iterator[Any]:
    device = usb.core.find(backend=backend, idVendor=0x1209)
    yield device
    usb.util.dispose_resources(device)


def emit(bus: Any, gadget: Loopback, *packets: bytes) -> None:
    for packet in packets:
        bus.do(gadget.emit, packet)


def test_find_by_identity(bus: Any, backend: UsbipBackend) -> None:
    bus.do(bus.server.plug, "1-2", Loopback("0002"))
    assert usb.core.find(backend=backend, idVendor=0x1209, idProduct=1, bcdDevice=0x0123) is not None
    assert usb.core.find(backend=backend, idVendor=0x1209, idProduct=2) is None
    second = usb.core.find(backend=backend, custom_match=lambda device: device.serial_number == "0002")
    assert (second.bus, second.port_numbers, second.speed) == (1, (2,), 2)
    usb.util.dispose_resources(second)


def test_descriptors_are_printed_right(device: Any) -> None:
    printed = str(device)
    for line in (
        "DEVICE ID 1209:0001 on Bus 001",
        "iSerialNumber          :    0x3 0001",
        "iProduct               :    0x2 Loopback",
        "CONFIGURATION 1: 100 mA",
        "INTERFACE 0, 1: Vendor Specific",
        "ENDPOINT 0x81: Interrupt IN",
        "ENDPOINT 0x2: Bulk OUT",
        "ENDPOINT 0x82: Bulk IN",
    ):
        assert line in printed
    assert device.langids == (0x0409,)
    assert device.parent is None


def test_control_both_ways(device: Any) -> None:
    assert device.ctrl_transfer(0x41, MEMORY, 0, 0, b"otolith") == 7
    assert device.ctrl_transfer(0xC1, MEMORY, 0, 0, 64).tobytes() == b"otolith"
    assert device.ctrl_transfer(0xC1, MEMORY, 0, 0, 3).tobytes() == b"oto"
    room = array.array("B", bytes(16))
    assert device.ctrl_transfer(0xC1, MEMORY, 0, 0, room) == 7


def test_a_refused_request_is_a_pipe_error(device: Any) -> None:
    with pytest.raises(USBError) as refused:
        device.ctrl_transfer(0xC1, 0x77, 0, 0, 1)
    assert refused.value.errno == errno.EPIPE
    assert device.ctrl_transfer(0x41, MEMORY, 0, 0, b"x") == 1


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 1000, 20_000])
def test_bulk_both_ways(device: Any, size: int) -> None:
    sent = bytes(number % 251 for number in range(size))
    assert device.write(SINK, sent) == size
    received = b""
    while len(received) < size:
        received += device.read(ECHO, 32_768).tobytes()
    assert received == sent


def test_interrupt_packets_at_rate_without_loss(bus: Any, gadget: Loopback, device: Any) -> None:
    count = 3000
    device.get_active_configuration()

    def feed(number: int) -> None:
        for each in range(number, number + 10):
            gadget.emit(each.to_bytes(4, "big") + bytes(60))
        if number + 10 < count:
            bus._loop.call_later(0.001, feed, number + 10)

    bus.do(feed, 0)
    numbers = [int.from_bytes(device.read(SOURCE, 64, 5000)[:4], "big") for _ in range(count)]
    assert numbers == list(range(count))


def test_a_timeout_is_told_as_libusb_tells_it_and_loses_nothing(bus: Any, gadget: Loopback, device: Any) -> None:
    for number in range(5):
        with pytest.raises(USBTimeoutError) as late:
            device.read(SOURCE, 64, 1)
        assert late.value.errno == errno.ETIMEDOUT
        emit(bus, gadget, bytes([number]))
        assert device.read(SOURCE, 64).tobytes() == bytes([number])


def test_timeouts_that_race_with_packets_lose_none_and_repeat_none(bus: Any, gadget: Loopback, device: Any) -> None:
    count = 300
    device.get_active_configuration()

    def feed(number: int) -> None:
        gadget.emit(number.to_bytes(2, "big"))
        if number + 1 < count:
            bus._loop.call_later(0.0011, feed, number + 1)

    bus.do(feed, 0)
    numbers: list[int] = []
    deadline = time.monotonic() + PATIENCE
    while len(numbers) < count and time.monotonic() < deadline:
        try:
            numbers.append(int.from_bytes(device.read(SOURCE, 64, 1), "big"))
        except USBTimeoutError:
            continue
    assert numbers == list(range(count))


def test_a_smaller_buffer_gets_the_rest_later(bus: Any, gadget: Loopback, device: Any) -> None:
    with pytest.raises(USBTimeoutError):
        device.read(SOURCE, 64, QUICK)
    emit(bus, gadget, b"abcdef")
    received = b""
    while len(received) < 6:
        received += device.read(SOURCE, 64).tobytes()
    assert received == b"abcdef"


def test_an_overrun_is_told(bus: Any, gadget: Loopback, device: Any) -> None:
    device.get_active_configuration()
    emit(bus, gadget, bytes(64))
    with pytest.raises(USBError) as overrun:
        device.read(SOURCE, 10)
    assert overrun.value.errno == errno.EOVERFLOW


def test_a_stall_is_a_pipe_error_until_it_is_cleared(bus: Any, gadget: Loopback, device: Any) -> None:
    device.get_active_configuration()
    emit(bus, gadget, b"before")
    bus.do(gadget.stall)
    emit(bus, gadget, b"after")
    assert device.read(SOURCE, 64).tobytes() == b"before"
    for _ in range(2):
        with pytest.raises(USBError) as stalled:
            device.read(SOURCE, 64)
        assert stalled.value.errno == errno.EPIPE
    device.clear_halt(SOURCE)
    assert device.read(SOURCE, 64).tobytes() == b"after"


def test_what_came_before_a_stall_in_the_same_transfer_is_read_first(bus: Any, gadget: Loopback, device: Any) -> None:
    device.get_active_configuration()
    emit(bus, gadget, bytes(range(64)))
    emit(bus, gadget, bytes(range(64, 128)))
    bus.do(gadget.stall)
    emit(bus, gadget, b"after")
    assert device.read(SOURCE, 256).tobytes() == bytes(range(128))
    with pytest.raises(USBError) as stalled:
        device.read(SOURCE, 256)
    assert stalled.value.errno == errno.EPIPE
    device.clear_halt(SOURCE)
    assert device.read(SOURCE, 256).tobytes() == b"after"


def test_endpoints_follow_the_alternate_setting(device: Any) -> None:
    device.set_interface_altsetting(0, 1)
    with pytest.raises(ValueError, match="0x81"):
        device.read(SOURCE, 64)
    device.set_interface_altsetting(0, 0)
    assert device.write(SINK, b"x") == 1


def test_a_configuration_can_be_chosen(device: Any) -> None:
    device.set_configuration(1)
    assert device.get_active_configuration().bConfigurationValue == 1
    with pytest.raises(ValueError, match="2"):
        device.set_configuration(2)


def test_a_reset_leaves_a_working_device(device: Any) -> None:
    device.write(SINK, b"lost")
    device.reset()
    device.write(SINK, b"kept")
    assert device.read(ECHO, 64).tobytes() == b"kept"


def test_no_kernel_driver_is_in_the_way(device: Any) -> None:
    assert device.is_kernel_driver_active(0) is False
    device.detach_kernel_driver(0)
    device.attach_kernel_driver(0)


def test_several_threads_transfer_at_once(bus: Any, gadget: Loopback, device: Any) -> None:
    device.write(SINK, b"warm")
    device.read(ECHO, 64)
    heard: list[bytes] = []
    listener = threading.Thread(target=lambda: heard.append(device.read(SOURCE, 64, 5000).tobytes()))
    listener.start()
    for number in range(50):  # while the listener waits on its endpoint
        device.write(SINK, bytes([number]))
        assert device.read(ECHO, 64).tobytes() == bytes([number])
        assert device.ctrl_transfer(0x41, MEMORY, 0, 0, b"x") == 1
    emit(bus, gadget, b"heard")
    listener.join(PATIENCE)
    assert heard == [b"heard"]


def test_unplugging_is_no_device_for_everybody_at_once(bus: Any, device: Any) -> None:
    device.get_active_configuration()
    outcomes: list[int | None] = []

    def wait(endpoint: int) -> None:
        with pytest.raises(USBError) as gone:
            device.read(endpoint, 64, 0)
        outcomes.append(gone.value.errno)

    waiting = [threading.Thread(target=wait, args=(endpoint,)) for endpoint in (SOURCE, ECHO)]
    for thread in waiting:
        thread.start()
    bus.run(bus.server.unplug("1-1"))
    for thread in waiting:
        thread.join(PATIENCE)
    actions: list[Callable[[], object]] = [
        lambda: device.read(SOURCE, 64),
        lambda: device.write(SINK, b"x"),
        lambda: device.ctrl_transfer(0xC1, MEMORY, 0, 0, 1),
    ]
    for action in actions:
        with pytest.raises(USBError) as gone:
            action()
        outcomes.append(gone.value.errno)
    assert outcomes == [errno.ENODEV] * 5


def test_a_replugged_device_is_a_new_one(bus: Any, backend: UsbipBackend, device: Any) -> None:
    device.get_active_configuration()
    bus.run(bus.server.unplug("1-1"))
    assert usb.core.find(backend=backend) is None
    bus.do(bus.server.plug, "1-1", Loopback("0009"))
    again = usb.core.find(backend=backend)
    assert again != device
    assert again.serial_number == "0009"
    usb.util.dispose_resources(again)
    with pytest.raises(USBError) as gone:
        device.write(SINK, b"x")
    assert gone.value.errno == errno.ENODEV


def test_what_was_seen_is_not_confused_with_what_is_there_now(bus: Any, backend: UsbipBackend) -> None:
    seen = usb.core.find(backend=backend)
    bus.run(bus.server.unplug("1-1"))
    bus.do(bus.server.plug, "1-1", Loopback("0009"))
    with pytest.raises(USBError) as gone:
        seen.write(SINK, b"x")
    assert gone.value.errno == errno.ENODEV


def test_two_devices_do_not_mix(bus: Any, backend: UsbipBackend) -> None:
    bus.do(bus.server.plug, "1-2", Loopback("0002"))
    first, second = usb.core.find(find_all=True, backend=backend)
    first.write(SINK, b"first")
    second.write(SINK, b"second")
    assert second.read(ECHO, 64).tobytes() == b"second"
    assert first.read(ECHO, 64).tobytes() == b"first"
    for device in (first, second):
        usb.util.dispose_resources(device)


def test_looking_does_not_disturb_a_device_in_use(bus: Any, gadget: Loopback, device: Any) -> None:
    device.get_active_configuration()
    stranger = usb.core.find(backend=UsbipBackend(port=bus.port))
    assert (stranger.idVendor, stranger.idProduct, stranger.bcdDevice) == (0x1209, 1, 0x0123)
    with pytest.raises(USBError) as busy:
        stranger.get_active_configuration()
    assert busy.value.errno == errno.EBUSY
    emit(bus, gadget, b"undisturbed")
    assert device.read(SOURCE, 64).tobytes() == b"undisturbed"


def test_a_second_handle_shares_the_link_but_not_the_interface(backend: UsbipBackend, device: Any) -> None:
    device.write(SINK, b"mine")
    other = usb.core.find(backend=backend)
    assert other.serial_number == "0001"
    with pytest.raises(USBError) as busy:
        other.read(ECHO, 64)
    assert busy.value.errno == errno.EBUSY
    usb.util.dispose_resources(other)
    assert device.read(ECHO, 64).tobytes() == b"mine"


def test_what_is_let_go_is_free_for_the_next_host(bus: Any, gadget: Loopback, device: Any) -> None:
    device.write(SINK, b"x")
    assert gadget.attached.is_set()
    usb.util.dispose_resources(device)
    assert not gadget.attached.is_set()
    other = usb.core.find(backend=UsbipBackend(port=bus.port))
    assert other.serial_number == "0001"
    usb.util.dispose_resources(other)


def test_letting_go_wakes_whoever_reads(backend: UsbipBackend) -> None:
    handle = backend.open_device(backend.enumerate_devices()[0])
    ended = threading.Event()

    def wait() -> None:
        with pytest.raises(USBError):
            backend.bulk_read(handle, ECHO, 0, array.array("B", bytes(64)), 0)
        ended.set()

    backend.claim_interface(handle, 0)
    reading = threading.Thread(target=wait)
    reading.start()
    while not ended.wait(0.01):  # a read that starts after the release is a new one: let go until it has started
        backend.claim_interface(handle, 0)
        backend.release_interface(handle, 0)
    reading.join(PATIENCE)
    backend.close_device(handle)


def test_too_large_a_write_is_refused_here(device: Any) -> None:
    with pytest.raises(USBError) as refused:
        device.write(SINK, bytes(2_000_000))
    assert refused.value.errno == errno.EINVAL
    assert device.write(SINK, b"x") == 1


def test_no_server_is_told_in_plain_words(unused_port: int) -> None:
    with pytest.raises(USBError, match=f"no USB/IP server at usbip://127.0.0.1:{unused_port}"):
        usb.core.find(backend=UsbipBackend(port=unused_port))


def test_a_server_that_dies_is_no_device(buses: Callable[..., Any]) -> None:
    bus = buses({"1-1": Loopback()})
    device = usb.core.find(backend=UsbipBackend(port=bus.port))
    device.write(SINK, b"x")
    bus.run(bus._stack.aclose())
    with pytest.raises(USBError) as gone:
        device.read(ECHO, 64)
    assert gone.value.errno == errno.ENODEV
    usb.util.dispose_resources(device)
