"""Descriptors of simple full-speed devices: one configuration, one interface, one interrupt IN endpoint."""

IN = 0x81


def device_descriptor(vendor: int, product: int, release: int) -> bytes:
    """USB 2.0 full speed, class in the interface, strings 1 to 3, one configuration."""
    words = [word.to_bytes(2, "little") for word in (vendor, product, release)]
    return bytes([18, 1, 0x00, 0x02, 0, 0, 0, 8]) + b"".join(words) + bytes([1, 2, 3, 1])


def configuration(interface_class: int, class_descriptor: bytes, interval: int, packet: int = 64) -> bytes:
    """One interface with one interrupt IN endpoint of ``packet`` bytes, polled every ``interval`` ms; 500 mA."""
    interface = bytes([9, 4, 0, 0, 1, interface_class, 0, 0, 0])
    endpoint = bytes([7, 5, IN, 3, packet, 0, interval])
    body = interface + class_descriptor + endpoint
    return bytes([9, 2, *(9 + len(body)).to_bytes(2, "little"), 1, 1, 0, 0x80, 250]) + body


def hid_descriptor(report_descriptor: bytes) -> bytes:
    """HID 1.11, 6.2.1."""
    return bytes([9, 0x21, 0x11, 0x01, 0, 1, 0x22]) + len(report_descriptor).to_bytes(2, "little")


def report_descriptor(length_in: int, length_out: int) -> bytes:
    """A vendor-defined collection of one input and one output report, of so many bytes."""
    head = bytes([0x06, 0x00, 0xFF, 0x09, 0x01, 0xA1, 0x01, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08])
    return head + bytes([0x09, 0x02, 0x95, length_in, 0x81, 0x02, 0x09, 0x03, 0x95, length_out, 0x91, 0x02, 0xC0])
