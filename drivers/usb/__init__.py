"""USB: the only importer of pyusb.

The host's side, from the bottom: ``backends`` (libusb or a USB/IP server), ``seen`` (what is plugged in), ``hotplug``
(what comes and goes), ``pipe`` (one board's packets and control transfers; ``reader`` is its thread). The device's
side: ``gadget`` is what a twin implements, ``usbip.server`` exports it to any host, ``loopback`` is the simplest one.
"""
