import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.usb.descriptors import (
    DescriptorError,
    encode_languages,
    encode_string,
    parse_configuration,
    parse_device,
)

# A HID keyboard with a second, audio-class interface of two alternate settings, written out from the tables of
# USB 2.0 chapter 9.6, HID 1.11 section 6.2.1 and USB Audio 1.0 section 4.6.
CONFIGURATION = bytes.fromhex(
    "09 02 4B 00 02 01 04 A0 32"
    "08 0B 00 02 03 00 00 00"  # interface association, before any interface
    "09 04 00 00 01 03 01 01 05"
    "09 21 11 01 00 01 22 3F 00"  # HID
    "07 05 81 03 08 00 0A"
    "09 04 01 00 00 01 02 00 00"
    "09 04 01 01 01 01 02 00 00"
    "09 05 82 05 40 00 01 02 03"  # audio endpoint: bRefresh 2, bSynchAddress 3
    "07 25 01 01 00 00 00"  # its class descriptor
)


def test_a_configuration_is_read_with_everything_in_it() -> None:
    configuration = parse_configuration(CONFIGURATION)
    assert (configuration.wTotalLength, configuration.bNumInterfaces, configuration.bMaxPower) == (75, 2, 50)
    assert configuration.extra_descriptors[:2] == b"\x08\x0b"
    keyboard, muted, speaking = configuration.settings
    assert keyboard.extra_descriptors[:2] == b"\x09\x21"
    assert (keyboard.endpoints[0].bEndpointAddress, keyboard.endpoints[0].wMaxPacketSize) == (0x81, 8)
    assert configuration.alternates(1) == (muted, speaking)
    audio = speaking.endpoints[0]
    assert (audio.bRefresh, audio.bSynchAddress, audio.extra_descriptors[:2]) == (2, 3, b"\x07\x25")
    with pytest.raises(IndexError):
        configuration.alternates(2)


def test_a_device_is_read() -> None:
    device = parse_device(bytes.fromhex("12 01 00 02 00 00 00 08 C2 06 3B 00 02 01 01 02 03 01"))
    assert (device.idVendor, device.idProduct, device.bcdDevice) == (0x06C2, 0x003B, 0x0102)
    assert (device.bcdUSB, device.bMaxPacketSize0, device.iSerialNumber, device.bNumConfigurations) == (0x200, 8, 3, 1)


def test_strings_are_utf16_with_their_length() -> None:
    assert encode_string("µ1") == bytes.fromhex("06 03 B5 00 31 00")
    assert encode_string("x" * 300)[0] == len(encode_string("x" * 300)) == 254
    assert encode_languages(0x0409, 0x0407) == bytes.fromhex("06 03 09 04 07 04")


@given(st.binary(max_size=80), st.integers(0, 75))
def test_garbage_is_refused_and_nothing_else(garbage: bytes, at: int) -> None:
    for raw in (garbage, CONFIGURATION[:at] + garbage):
        for parse in (parse_device, parse_configuration):
            try:
                parse(raw)
            except DescriptorError:
                continue


@pytest.mark.parametrize("raw", ["09 02", "09 02 20 00 01 01 00 80 32 00", "07 05 81 03 08 00 0a", "03 04 00", "02 04"])
def test_what_is_no_configuration_is_shown(raw: str) -> None:
    with pytest.raises(DescriptorError, match=raw):
        parse_configuration(bytes.fromhex(raw))
