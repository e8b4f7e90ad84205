"""Bytes and records of the Wii Balance Board, without any input or output.

Facts: WiiBrew (Wii_Balance_Board), xwiimote's protocol notes, and what open implementations agree on: Linux
``hid-wiimote``, Dolphin, wiiuse. None of their code.
"""

from otolith.drivers.wii.codec import block, reports
from otolith.drivers.wii.codec.descriptor import REPORT_DESCRIPTOR
from otolith.drivers.wii.codec.handshake import Handshake

__all__ = ["REPORT_DESCRIPTOR", "Handshake", "block", "reports"]
