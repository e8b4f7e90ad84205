"""HID devices by the kernel's hidraw nodes (Linux)."""
