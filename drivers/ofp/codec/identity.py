"""The descriptors of an OFP plate, byte for byte (USB 2.0, chapter 9; MS OS 2.0; WebUSB 1.0)."""

import uuid
from typing import Final

from otolith.drivers.ofp.codec.numbers import (
    CLASS,
    ENDPOINT_IN,
    ENDPOINT_OUT,
    INTERFACE,
    PACKET,
    PRODUCT,
    VENDOR,
    Request,
)

TWIN: Final = "(twin)"
RELEASE: Final = 0x0100
DEVICE: Final = (
    bytes.fromhex("12 01 10 02 00 00 00 40")
    + VENDOR.to_bytes(2, "little")
    + PRODUCT.to_bytes(2, "little")
    + RELEASE.to_bytes(2, "little")
    + bytes.fromhex("01 02 03 01")
)
"""USB 2.1, or no host asks for the BOS; class in the interface; strings 1 maker, 2 product, 3 serial."""
CONFIGURATION: Final = (
    bytes.fromhex("09 02 20 00 01 01 00 80 FA")
    + bytes([9, 4, INTERFACE, 0, 2, *CLASS, 0])
    + bytes([7, 5, ENDPOINT_IN, 2, PACKET, 0, 0])
    + bytes([7, 5, ENDPOINT_OUT, 2, PACKET, 0, 0])
)
"""One interface, two bulk endpoints, 500 mA."""
URL: Final = "github.com/otolith/otolith"
WINUSB: Final = "WINUSB"
GUID: Final = "{6E45736A-2B1B-4078-B772-B3AF2B6FDE1C}"
"""DeviceInterfaceGUID of all OFP plates."""
_PLATFORM_MS: Final = uuid.UUID("d8dd60df-4589-4cc7-9cd2-659d9e648a9f")
_PLATFORM_WEBUSB: Final = uuid.UUID("3408b638-09a9-47a0-8bfd-a0768815b665")
_WINDOWS_81: Final = bytes.fromhex("00 00 03 06")


def ms_os_20() -> bytes:
    """The descriptor set: WinUSB without a driver to install, and an interface GUID."""
    identity = WINUSB.encode().ljust(16, b"\0")
    compatible = _words(20, 3) + identity
    name, value = _utf16("DeviceInterfaceGUIDs"), _utf16(GUID + "\0")
    registry = _words(10 + len(name) + len(value), 4, 7, len(name)) + name + _words(len(value)) + value
    total = 10 + len(compatible) + len(registry)
    return _words(10, 0) + _WINDOWS_81 + _words(total) + compatible + registry


def bos() -> bytes:
    """The BOS with both platform capabilities."""
    webusb = bytes([24, 0x10, 5, 0]) + _PLATFORM_WEBUSB.bytes_le + bytes([0x00, 0x01, Request.WEBUSB, 1])
    length = len(ms_os_20()).to_bytes(2, "little")
    windows = bytes([28, 0x10, 5, 0]) + _PLATFORM_MS.bytes_le + _WINDOWS_81 + length + bytes([Request.MS_OS_20, 0])
    body = webusb + windows
    return bytes([5, 0x0F]) + (5 + len(body)).to_bytes(2, "little") + bytes([2]) + body


def url() -> bytes:
    """The WebUSB landing page, https."""
    return bytes([3 + len(URL), 3, 1]) + URL.encode()


def _words(*words: int) -> bytes:
    return b"".join(word.to_bytes(2, "little") for word in words)


def _utf16(text: str) -> bytes:
    return (text + "\0").encode("utf-16-le")
