"""USB/IP: reaching a device over TCP, and exporting one (Linux ``usbip_protocol.rst``)."""
