"""USB/IP before a device is imported: which devices there are, and which one I want. No I/O.

Source: Linux ``Documentation/usb/usbip_protocol.rst``, protocol 1.1.1; big-endian.
"""

from dataclasses import dataclass
from struct import Struct

from otolith.drivers.usb.usbip.wire import WireError

PORT = 3240  # registered with IANA for USB/IP
VERSION = 0x0111
MAX_DEVICES = 1024  # in one list; a bus has at most 127, and a hostile count must not keep us reading

_REQUEST_LIST, _REPLY_LIST = 0x8005, 0x0005
_REQUEST_IMPORT, _REPLY_IMPORT = 0x8003, 0x0003
_OPERATION = Struct(">HHI")  # version, code, status
_COUNT = Struct(">I")
_BUSID = Struct("32s")
_RECORD = Struct(">256s32sIIIHHHBBBBBB")
_INTERFACE = Struct(">BBBx")  # class, subclass, protocol

Bytes = bytes | bytearray


@dataclass(frozen=True, slots=True)
class Record:
    """One exported device, as lists and import replies describe it."""

    path: str
    busid: str
    busnum: int
    devnum: int
    speed: int
    vendor: int
    product: int
    release: int
    """bcdDevice."""
    device_class: int
    device_subclass: int
    device_protocol: int
    configuration: int
    """bConfigurationValue of the active configuration."""
    configurations: int
    interfaces: int

    @property
    def devid(self) -> int:
        """What every transfer names the device by."""
        return self.busnum << 16 | self.devnum

    def encode(self) -> bytes:
        """Bytes for the wire; raises ValueError when a name is too long for its field."""
        names = _name(self.path, 256), _name(self.busid, 32)
        place = self.busnum, self.devnum, self.speed
        identity = self.vendor, self.product, self.release
        classes = self.device_class, self.device_subclass, self.device_protocol
        return _RECORD.pack(
            *names, *place, *identity, *classes, self.configuration, self.configurations, self.interfaces
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """A device in a list, with (class, subclass, protocol) of each of its ``record.interfaces``."""

    record: Record
    interfaces: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class ListRequest:
    """Asks which devices are exported."""

    def encode(self) -> bytes:
        """Bytes for the wire."""
        return _OPERATION.pack(VERSION, _REQUEST_LIST, 0)


@dataclass(frozen=True, slots=True)
class ListReply:
    """All that are exported."""

    devices: tuple[Listed, ...]

    def encode(self) -> bytes:
        """Bytes for the wire."""
        parts = [_OPERATION.pack(VERSION, _REPLY_LIST, 0), _COUNT.pack(len(self.devices))]
        for listed in self.devices:
            parts.append(listed.record.encode())
            parts.extend(_INTERFACE.pack(*interface) for interface in listed.interfaces)
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """Asks for the device at ``busid``."""

    busid: str

    def encode(self) -> bytes:
        """Bytes for the wire."""
        return _OPERATION.pack(VERSION, _REQUEST_IMPORT, 0) + _name(self.busid, 32)


@dataclass(frozen=True, slots=True)
class ImportReply:
    """It is yours, or ``record`` is None: no such device, or another host has it (the protocol does not say which)."""

    record: Record | None

    def encode(self) -> bytes:
        """Bytes for the wire."""
        head = _OPERATION.pack(VERSION, _REPLY_IMPORT, self.record is None)
        return head + (self.record.encode() if self.record else b"")


def decode_request(buffer: Bytes) -> tuple[ListRequest | ImportRequest, int] | None:
    """Read what a host asks first: the message and its size, None while incomplete. Raises WireError."""
    if len(buffer) < _OPERATION.size:
        return None
    code, _ = _operation(buffer)
    if code == _REQUEST_LIST:
        return ListRequest(), _OPERATION.size
    if code != _REQUEST_IMPORT:
        raise WireError(f"not a USB/IP request: code {code:#06x}")
    size = _OPERATION.size + _BUSID.size
    return None if len(buffer) < size else (ImportRequest(_text(buffer[_OPERATION.size : size])), size)


def decode_import_reply(buffer: Bytes) -> tuple[ImportReply, int] | None:
    """Read the answer to an ImportRequest: the message and its size, None while incomplete. Raises WireError."""
    if len(buffer) < _OPERATION.size:
        return None
    code, status = _operation(buffer)
    if code != _REPLY_IMPORT:
        raise WireError(f"asked to import, answered with code {code:#06x}")
    if status:
        return ImportReply(None), _OPERATION.size
    size = _OPERATION.size + _RECORD.size
    return None if len(buffer) < size else (ImportReply(_record(buffer, _OPERATION.size)), size)


def decode_list_reply(buffer: Bytes) -> tuple[ListReply, int] | None:
    """Read the answer to a ListRequest: the message and its size, None while incomplete. Raises WireError."""
    at = _OPERATION.size + _COUNT.size
    if len(buffer) < _OPERATION.size:
        return None
    code, status = _operation(buffer)
    if code != _REPLY_LIST or status:
        raise WireError(f"asked for the list, answered with code {code:#06x}, status {status}")
    if len(buffer) < at:
        return None
    (count,) = _COUNT.unpack_from(buffer, _OPERATION.size)
    if count > MAX_DEVICES:
        raise WireError(f"a list of {count} devices; the limit is {MAX_DEVICES}")
    return _devices(buffer, at, count)


def _devices(buffer: Bytes, at: int, count: int) -> tuple[ListReply, int] | None:
    devices: list[Listed] = []
    for _ in range(count):
        if len(buffer) < at + _RECORD.size:
            return None
        record = _record(buffer, at)
        at += _RECORD.size
        end = at + record.interfaces * _INTERFACE.size
        if len(buffer) < end:
            return None
        devices.append(Listed(record, tuple(_INTERFACE.iter_unpack(buffer[at:end]))))
        at = end
    return ListReply(tuple(devices)), at


def _operation(buffer: Bytes) -> tuple[int, int]:
    version, code, status = _OPERATION.unpack_from(buffer)
    if version != VERSION:
        raise WireError(f"version {version:#06x} where USB/IP has {VERSION:#06x}")
    return code, status


def _record(buffer: Bytes, at: int) -> Record:
    path, busid, *numbers = _RECORD.unpack_from(buffer, at)
    return Record(_text(path), _text(busid), *numbers)


def _name(text: str, size: int) -> bytes:
    raw = text.encode()
    if len(raw) >= size or b"\0" in raw:
        raise ValueError(f"{text!r} does not fit into {size} bytes closed by a zero")
    return raw.ljust(size, b"\0")


def _text(raw: Bytes) -> str:
    try:
        return bytes(raw).split(b"\0", 1)[0].decode()
    except UnicodeDecodeError as error:
        raise WireError(f"a name that is not text: {bytes(raw[:32])!r}") from error
