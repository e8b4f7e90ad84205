"""USB descriptors, read once into records (USB 2.0, chapter 9.6)."""

# ruff: noqa: N815 - the field names are those of the USB specification, and pyusb reads them by these names

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from struct import error as StructError  # noqa: N812 - a class by any other case would read as a function

DEVICE, CONFIGURATION, STRING, INTERFACE, ENDPOINT = 1, 2, 3, 4, 5  # bDescriptorType, table 9-5
ENGLISH = 0x0409  # LANGID, en-US

_DEVICE = Struct("<BBHBBBBHHHBBBB")
_CONFIGURATION = Struct("<BBHBBBBB")
_INTERFACE = Struct("<9B")
_ENDPOINT = Struct("<BBBBHB")


class DescriptorError(ValueError):
    """A device describes itself in a way that cannot be read."""


@dataclass(frozen=True, slots=True)
class DeviceDescriptor:
    """Table 9-8."""

    bLength: int
    bDescriptorType: int
    bcdUSB: int
    bDeviceClass: int
    bDeviceSubClass: int
    bDeviceProtocol: int
    bMaxPacketSize0: int
    idVendor: int
    idProduct: int
    bcdDevice: int
    iManufacturer: int
    iProduct: int
    iSerialNumber: int
    bNumConfigurations: int


@dataclass(frozen=True, slots=True)
class EndpointDescriptor:
    """Table 9-13, and the class descriptors that follow it; the last two are of audio endpoints only."""

    bLength: int
    bDescriptorType: int
    bEndpointAddress: int
    bmAttributes: int
    wMaxPacketSize: int
    bInterval: int
    bRefresh: int = 0
    bSynchAddress: int = 0
    extra_descriptors: bytes = b""


@dataclass(frozen=True, slots=True)
class InterfaceDescriptor:
    """Table 9-12, one alternate setting, with its endpoints."""

    bLength: int
    bDescriptorType: int
    bInterfaceNumber: int
    bAlternateSetting: int
    bNumEndpoints: int
    bInterfaceClass: int
    bInterfaceSubClass: int
    bInterfaceProtocol: int
    iInterface: int
    endpoints: tuple[EndpointDescriptor, ...] = ()
    extra_descriptors: bytes = b""


@dataclass(frozen=True, slots=True)
class ConfigurationDescriptor:
    """Table 9-10, with all interfaces and alternate settings in the order of the device."""

    bLength: int
    bDescriptorType: int
    wTotalLength: int
    bNumInterfaces: int
    bConfigurationValue: int
    iConfiguration: int
    bmAttributes: int
    bMaxPower: int
    settings: tuple[InterfaceDescriptor, ...] = ()
    extra_descriptors: bytes = b""

    def alternates(self, index: int) -> tuple[InterfaceDescriptor, ...]:
        """Alternate settings of the interface that comes ``index``-th. Raises IndexError."""
        numbers = list(dict.fromkeys(setting.bInterfaceNumber for setting in self.settings))
        return tuple(setting for setting in self.settings if setting.bInterfaceNumber == numbers[index])


def parse_device(raw: bytes) -> DeviceDescriptor:
    """Read a device descriptor. Raises DescriptorError."""
    if len(raw) < _DEVICE.size or raw[1] != DEVICE:
        raise DescriptorError(f"not a device descriptor: {raw.hex(' ')}")
    return DeviceDescriptor(*_DEVICE.unpack_from(raw))


def parse_configuration(raw: bytes) -> ConfigurationDescriptor:
    """Read a configuration with everything in it. Raises DescriptorError."""
    try:
        return _parse_configuration(raw)
    except (StructError, TypeError, IndexError) as error:
        raise DescriptorError(f"not a configuration descriptor: {raw.hex(' ')}") from error


def encode_string(text: str) -> bytes:
    """A string descriptor; at most 126 characters fit into its one-byte length (USB 2.0, 9.6.7)."""
    raw = text.encode("utf-16-le")[:252]
    return bytes((len(raw) + 2, STRING)) + raw


def encode_languages(*langids: int) -> bytes:
    """String descriptor zero: which languages there are."""
    return bytes((2 + 2 * len(langids), STRING)) + b"".join(langid.to_bytes(2, "little") for langid in langids)


def _parse_configuration(raw: bytes) -> ConfigurationDescriptor:
    head, extra, interfaces = None, b"", list[tuple[list[int], bytes, list[EndpointDescriptor]]]()
    for piece in _pieces(raw):
        kind = piece[1]
        if kind == CONFIGURATION:
            head = _CONFIGURATION.unpack_from(piece)
        elif kind == INTERFACE:
            interfaces.append((list(_INTERFACE.unpack_from(piece)), b"", []))
        elif kind == ENDPOINT:
            interfaces[-1][2].append(_endpoint(piece))
        elif interfaces:
            fields, known, endpoints = interfaces[-1]
            interfaces[-1] = (fields, known + piece, endpoints)
        else:
            extra += piece
    settings = tuple(InterfaceDescriptor(*fields, tuple(found), known) for fields, known, found in interfaces)
    if head is None:
        raise DescriptorError(f"no configuration in {raw.hex(' ')}")
    return ConfigurationDescriptor(*head, settings, extra)


def _endpoint(piece: bytes) -> EndpointDescriptor:
    return EndpointDescriptor(*_ENDPOINT.unpack_from(piece), *piece[_ENDPOINT.size : _ENDPOINT.size + 2])


def _pieces(raw: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(raw):
        size = raw[at]
        if size < 2 or at + size > len(raw):
            raise DescriptorError(f"a descriptor of {size} bytes at byte {at} of {raw.hex(' ')}")
        yield raw[at : at + size]
        at += size
