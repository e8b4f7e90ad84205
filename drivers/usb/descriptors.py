"""USB descriptors, read once into records (USB 2.0, chapter 9.6)."""

# ruff: noqa: N815 - the field names are those of the USB specification, and pyusb reads them by these names

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from struct import Struct
from struct import error as StructError  # noqa: N812 - a class by any other case would read as a function

DEVICE, CONFIGURATION, STRING, INTERFACE, ENDPOINT = 1, 2, 3, 4, 5  # bDescriptorType, table 9-5
ENGLISH = 0x0409  # LANGID, en-US

_HEAD = 2  # bytes: bLength, bDescriptorType
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
    bRefresh: int = field(default=0, kw_only=True)
    bSynchAddress: int = field(default=0, kw_only=True)
    extra_descriptors: bytes = field(default=b"", kw_only=True)


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
    endpoints: tuple[EndpointDescriptor, ...] = field(default=(), kw_only=True)
    extra_descriptors: bytes = field(default=b"", kw_only=True)


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
    settings: tuple[InterfaceDescriptor, ...] = field(default=(), kw_only=True)
    extra_descriptors: bytes = field(default=b"", kw_only=True)

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
    except (StructError, IndexError) as error:
        raise DescriptorError(f"not a configuration descriptor: {raw.hex(' ')}") from error


def encode_string(text: str) -> bytes:
    """A string descriptor; at most 126 characters fit into its one-byte length (USB 2.0, 9.6.7)."""
    raw = text.encode("utf-16-le")[:252]
    return bytes((len(raw) + 2, STRING)) + raw


def encode_languages(*langids: int) -> bytes:
    """String descriptor zero: which languages there are."""
    return bytes((2 + 2 * len(langids), STRING)) + b"".join(langid.to_bytes(2, "little") for langid in langids)


def _parse_configuration(raw: bytes) -> ConfigurationDescriptor:
    head, *interfaces = _split(_pieces(raw), INTERFACE)
    if head[0][1] != CONFIGURATION:
        raise DescriptorError(f"not a configuration descriptor: {raw.hex(' ')}")
    settings = tuple(map(_interface, interfaces))
    fields = _CONFIGURATION.unpack_from(head[0])
    return ConfigurationDescriptor(*fields, settings=settings, extra_descriptors=b"".join(head[1:]))


def _interface(pieces: list[bytes]) -> InterfaceDescriptor:
    head, *endpoints = _split(pieces, ENDPOINT)
    found = tuple(map(_endpoint, endpoints))
    fields = _INTERFACE.unpack_from(head[0])
    return InterfaceDescriptor(*fields, endpoints=found, extra_descriptors=b"".join(head[1:]))


def _endpoint(pieces: list[bytes]) -> EndpointDescriptor:
    fields = _ENDPOINT.unpack_from(pieces[0])
    refresh, synch = pieces[0][_ENDPOINT.size : _ENDPOINT.size + 2].ljust(2, b"\0")
    return EndpointDescriptor(*fields, bRefresh=refresh, bSynchAddress=synch, extra_descriptors=b"".join(pieces[1:]))


def _split(pieces: Iterable[bytes], kind: int) -> list[list[bytes]]:
    """What comes before the first piece of ``kind``, then each such piece with what follows it."""
    groups: list[list[bytes]] = [[]]
    for piece in pieces:
        if piece[1] == kind:
            groups.append([])
        groups[-1].append(piece)
    return groups


def _pieces(raw: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(raw):
        size = raw[at]
        if size < _HEAD or at + size > len(raw):
            raise DescriptorError(f"a descriptor of {size} bytes at byte {at} of {raw.hex(' ')}")
        yield raw[at : at + size]
        at += size
