"""The twins' descriptors, byte by byte (USB 2.0, chapter 9.6; HID 1.11, 6.2)."""

from otolith.drivers.loads import Constant
from otolith.drivers.phidget_bridge.geometry import nominal
from otolith.drivers.phidget_bridge.twin import HidBridge, VendorBridge

NOBODY = Constant((0.0,) * 4)
ANY = nominal(1.0, 0.0)


def test_1046_0() -> None:
    twin = HidBridge(NOBODY, ANY)
    assert twin.device_descriptor == bytes.fromhex("12 01 0002 00 00 00 08 C206 3B00 0201 01 02 03 01")
    assert twin.configuration_descriptor == bytes.fromhex(
        "09 02 2200 01 01 00 80 FA  09 04 00 00 01 03 00 00 00  09 21 1101 00 01 22 1B00  07 05 81 03 4000 08"
    )
    assert twin.report_descriptor == bytes.fromhex(
        "06 00FF 09 01 A1 01 15 00 26 FF00 75 08 09 02 95 12 81 02 09 03 95 05 91 02 C0"
    )
    assert len(twin.report_descriptor) == 0x1B
    assert twin.strings == {1: "Phidgets Inc.", 2: "PhidgetBridge 4-Input (twin)", 3: "100001"}


def test_1046_1() -> None:
    twin = VendorBridge(NOBODY, ANY, serial="7")
    assert twin.device_descriptor == bytes.fromhex("12 01 0002 00 00 00 08 C206 3B00 0002 01 02 03 01")
    assert twin.configuration_descriptor == bytes.fromhex(
        "09 02 1900 01 01 00 80 FA  09 04 00 00 01 FF 00 00 00  07 05 81 03 4000 01"
    )
    assert twin.strings[3] == "7"
