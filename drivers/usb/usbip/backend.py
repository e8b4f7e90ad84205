"""USB/IP as a backend of stock pyusb: ``usb.core.find(backend=UsbipBackend(host, port))``."""

import array
import errno
import threading
import time
from dataclasses import dataclass, field

import usb.backend
from usb.core import USBError

from otolith.drivers.usb.descriptors import (
    DEVICE,
    ConfigurationDescriptor,
    DeviceDescriptor,
    EndpointDescriptor,
    InterfaceDescriptor,
)
from otolith.drivers.usb.usbip.dial import import_device, list_devices
from otolith.drivers.usb.usbip.faults import busy, check, unreachable
from otolith.drivers.usb.usbip.handshake import PORT, Record
from otolith.drivers.usb.usbip.imported import Description, Imported
from otolith.drivers.usb.usbip.wire import Status, WireError

_IN = 0x80
_TRIES, _PAUSE = 5, 0.05  # another host may hold a device for the moment in which it reads the descriptors

Data = array.array  # what pyusb passes: array.array of unsigned bytes


@dataclass(frozen=True, slots=True)
class PlacedDevice(DeviceDescriptor):
    """A device descriptor with the place that pyusb wants to know."""

    bus: int = field(kw_only=True)
    address: int = field(kw_only=True)
    port_number: int | None = field(kw_only=True)
    port_numbers: tuple[int, ...] | None = field(kw_only=True)
    speed: int = field(kw_only=True)


@dataclass(slots=True, eq=False)
class Handle:
    """An open device; pyusb passes it around and does not look inside."""

    held: Imported


class UsbipBackend(usb.backend.IBackend):  # type: ignore[misc]  # pyusb ships no annotations
    """Devices of one USB/IP server.

    Beyond pyusb's manual of backends: any number of threads may transfer at once; a read that times out loses
    nothing; a lost link is ``ENODEV`` at once for everybody who waits. ``read_ahead`` transfers are kept in flight on
    an IN endpoint that is read. Looking at devices never takes one from its holder: what another host holds is
    described by the server's list alone, without configurations and strings.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = PORT, *, read_ahead: int = 1) -> None:
        super().__init__()
        self._server = (host, port)
        self._read_ahead = max(1, read_ahead)
        self._known: dict[Record, Description] = {}
        self._held: dict[Record, Imported] = {}
        self._handles: dict[Imported, int] = {}
        self._lock = threading.RLock()

    def __str__(self) -> str:
        return "usbip://{}:{}".format(*self._server)

    def enumerate_devices(self) -> tuple[Record, ...]:
        """What the server exports now."""
        try:
            records = tuple(listed.record for listed in list_devices(*self._server))
        except (OSError, WireError) as error:
            raise unreachable(str(self), error) from error
        with self._lock:
            self._known = {record: known for record, known in self._known.items() if record in records}
        return records

    def get_parent(self, dev: Record) -> None:
        """USB/IP does not tell of hubs."""

    def get_device_descriptor(self, dev: Record) -> PlacedDevice:
        """Descriptor and place."""
        try:
            device = self._describe(dev).device
        except USBError as error:
            if error.errno != errno.EBUSY:
                raise
            device = _from_list(dev)
        fields = (getattr(device, name) for name in DeviceDescriptor.__slots__)
        ports = tuple(int(port) for port in dev.busid.partition("-")[2].split(".") if port.isdecimal())
        return PlacedDevice(
            *fields,
            bus=dev.busnum,
            address=dev.devnum,
            port_number=ports[-1] if ports else None,
            port_numbers=ports or None,
            speed=dev.speed,
        )

    def get_configuration_descriptor(self, dev: Record, config: int) -> ConfigurationDescriptor:
        """Configuration by its index."""
        return self._describe(dev).configurations[config]

    def get_interface_descriptor(self, dev: Record, intf: int, alt: int, config: int) -> InterfaceDescriptor:
        """Interface by the indices of itself, its alternate setting and its configuration."""
        return self.get_configuration_descriptor(dev, config).alternates(intf)[alt]

    def get_endpoint_descriptor(self, dev: Record, ep: int, intf: int, alt: int, config: int) -> EndpointDescriptor:
        """Endpoint by its index."""
        return self.get_interface_descriptor(dev, intf, alt, config).endpoints[ep]

    def open_device(self, dev: Record) -> Handle:
        """Import and configure the device, or share this backend's import of it."""
        with self._lock:
            held = self._held.get(dev)
            if held is None or held.lost:
                held = self._held[dev] = self._import(dev, configure=True)
            self._handles[held] = self._handles.get(held, 0) + 1
            return Handle(held)

    def close_device(self, dev_handle: Handle) -> None:
        """Give the device back when this was its last handle."""
        held = dev_handle.held
        held.release_all(dev_handle)
        with self._lock:
            self._handles[held] -= 1
            if self._handles[held]:
                return
            del self._handles[held]
            if self._held.get(held.record) is held:
                del self._held[held.record]
        held.close()

    def set_configuration(self, dev_handle: Handle, config_value: int) -> None:
        """Activate a configuration."""
        dev_handle.held.configure(config_value)

    def get_configuration(self, dev_handle: Handle) -> int:
        """Active configuration, by its bConfigurationValue."""
        return dev_handle.held.configuration

    def set_interface_altsetting(self, dev_handle: Handle, intf: int, altsetting: int) -> None:
        """Choose an alternate setting."""
        dev_handle.held.select(intf, altsetting)

    def claim_interface(self, dev_handle: Handle, intf: int) -> None:
        """Reserve an interface for this handle; ``EBUSY`` when another handle has it."""
        dev_handle.held.claim(intf, dev_handle)

    def release_interface(self, dev_handle: Handle, intf: int) -> None:
        """Let go of an interface."""
        dev_handle.held.release(intf, dev_handle)

    def bulk_write(self, dev_handle: Handle, ep: int, intf: int, data: "Data[int]", timeout: int) -> int:
        """Send; returns how many bytes were taken."""
        return dev_handle.held.write(ep, intf, data.tobytes(), _seconds(timeout))

    def bulk_read(self, dev_handle: Handle, ep: int, intf: int, buff: "Data[int]", timeout: int) -> int:
        """Receive into ``buff``; returns how many bytes came."""
        view = memoryview(buff).cast("B")
        data = dev_handle.held.read(ep, intf, len(view), _seconds(timeout))
        view[: len(data)] = data
        return len(data)

    intr_write = bulk_write
    intr_read = bulk_read

    def ctrl_transfer(  # noqa: PLR0917 - the manual of backends
        self,
        dev_handle: Handle,
        bmRequestType: int,
        bRequest: int,
        wValue: int,
        wIndex: int,
        data: "Data[int]",
        timeout: int,
    ) -> int:
        """Control transfer; returns how many bytes crossed in the data stage."""
        view = memoryview(data).cast("B")
        payload = len(view) if bmRequestType & _IN else bytes(view)
        answer = dev_handle.held.control(bmRequestType, bRequest, wValue, wIndex, payload, timeout=_seconds(timeout))
        view[: len(answer)] = answer
        return len(answer) if bmRequestType & _IN else len(view)

    def clear_halt(self, dev_handle: Handle, ep: int) -> None:
        """CLEAR_FEATURE(ENDPOINT_HALT)."""
        dev_handle.held.control(0x02, 1, 0, ep)

    def reset_device(self, dev_handle: Handle) -> None:
        """Reset the device; it keeps its configuration."""
        dev_handle.held.reset()

    def is_kernel_driver_active(self, dev_handle: Handle, intf: int) -> bool:  # noqa: ARG002 - as above
        """No kernel is in the way."""
        return False

    def detach_kernel_driver(self, dev_handle: Handle, intf: int) -> None:
        """Nothing to detach."""

    def attach_kernel_driver(self, dev_handle: Handle, intf: int) -> None:
        """Nothing to attach."""

    def _describe(self, record: Record) -> Description:
        with self._lock:
            if record in self._held:
                return self._held[record].description
            if record not in self._known:
                self._import(record, configure=False).close()
            return self._known[record]

    def _import(self, record: Record, *, configure: bool) -> Imported:
        held = self._take(record)
        self._known[record] = held.description
        if configure:
            try:
                held.configure(held.description.configurations[0].bConfigurationValue)
            except BaseException:
                held.close()
                raise
        return held

    def _take(self, record: Record) -> Imported:
        for attempt in range(_TRIES):
            time.sleep(_PAUSE if attempt else 0)
            try:
                taken = import_device(*self._server, record)
            except (OSError, WireError) as error:
                raise unreachable(str(self), error) from error
            if taken:
                return Imported(taken, record, self._read_ahead)
            if record not in self.enumerate_devices():
                check(Status.NO_DEVICE)
        raise busy(f"another host holds {self}/{record.busid}")


def _seconds(milliseconds: int) -> float | None:
    return milliseconds / 1000 if milliseconds else None  # 0 is pyusb's "for ever"


def _from_list(record: Record) -> DeviceDescriptor:
    classes = record.device_class, record.device_subclass, record.device_protocol
    identity = record.vendor, record.product, record.release
    return DeviceDescriptor(18, DEVICE, 0x0200, *classes, 64, *identity, 0, 0, 0, record.configurations)
