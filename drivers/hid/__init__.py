"""HID devices by what the kernel offers: hidraw and evdev nodes, and Bluetooth sockets (Linux)."""
