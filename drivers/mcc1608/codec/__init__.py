"""The words of a USB-1608FS-Plus, without any I/O (wjasper/Linux_Drivers, USB/python/usb_1608FS_Plus.py)."""
