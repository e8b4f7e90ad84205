"""Go Direct over USB: HID reports of 64 bytes that carry packets with a counter and a checksum.

Facts: Vernier's own open-source clients (godirect-py, godirect-js); what they leave out is marked where it is met.
"""
