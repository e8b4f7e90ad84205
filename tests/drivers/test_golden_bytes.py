"""Bytes and numbers as the makers, the kernel and open clients have them, one test per part of each family's wire.

Sections: 1 Wii Balance Board, 2 Vernier, 3 converters with analogue plates (LabJack, MCC), 4 Phidget Bridge, 5 Tec
Gihan, 8 USB/IP. What one codec's own tests hold already is not here again; OFP's vectors are published beside its
specification. Whatever is here is written out by hand: no number comes from the code it judges.
"""

from struct import pack
from typing import Any

import numpy as np
import pytest

from otolith.drivers.ftdi import numbers as ftdi
from otolith.drivers.hid import l2cap
from otolith.drivers.labjack.codec import commands as labjack
from otolith.drivers.labjack.codec import packet, reasons, t7, u3, u6
from otolith.drivers.labjack.codec.pace import Pace
from otolith.drivers.mcc1608 import asking as mcc
from otolith.drivers.mcc1608.codec.numbers import Option
from otolith.drivers.mcc1608.codec.records import Scan
from otolith.drivers.ofp.codec import numbers as ofp
from otolith.drivers.phidget_bridge.codec import hid, vendor
from otolith.drivers.phidget_bridge.links import VendorLink
from otolith.drivers.tec_gihan.codec import numbers as tec
from otolith.drivers.tec_gihan.codec import words
from otolith.drivers.tec_gihan.codec.words import Question, line
from otolith.drivers.usb.usbip.wire import Unlink, Unlinked
from otolith.drivers.vernier.go_direct.codec import commands as direct
from otolith.drivers.vernier.go_direct.codec import measurement
from otolith.drivers.vernier.go_direct.codec.packet import MEASUREMENT, Packet
from otolith.drivers.vernier.go_link.codec import records
from otolith.drivers.vernier.go_link.codec.packet import Command as Link
from otolith.drivers.vernier.go_link.force import nominal
from otolith.drivers.vernier.go_link.line import Line
from otolith.drivers.wii import geometry, pairing, slot
from otolith.drivers.wii.codec import REPORT_DESCRIPTOR, block, reports
from otolith.drivers.wii.codec.descriptor import IN, OUT
from otolith.drivers.wii.correction import warmth
from otolith.drivers.wii.evdev import AXES, BUTTON, NODE
from otolith.drivers.wii.twin.dolphinbar import CONFIGURATION

Said = tuple[int, int, int, int, bytes | int]


class Hearing:
    """The computer's side of a wire: notes control transfers and answers reads with ``answers``, in order."""

    def __init__(self, *answers: bytes) -> None:
        self.said: list[Said] = []
        self._answers = list(answers)

    async def control(
        self, request_type: int, request: int, value: int, index: int, data_or_length: bytes | int = b""
    ) -> bytes:
        self.said.append((request_type, request, value, index, data_or_length))
        return self._answers.pop(0) if request_type & 0x80 else b""

    async def drain(self, endpoint: int) -> int:
        assert endpoint == 0x81
        return 0


def hearing(*answers: bytes) -> Any:
    return Hearing(*answers)


# 1 Wii Balance Board (Linux hid-wiimote; xwiimote's PROTOCOL and rdesc.dump; WiiBrew; Dolphin)


def test_1_1_the_link() -> None:
    assert (slot.VENDOR, slot.PRODUCTS) == (0x057E, (0x0306, 0x0330))
    assert (l2cap.CONTROL, l2cap.INTERRUPT) == (0x11, 0x13)
    assert (l2cap.INPUT, l2cap.OUTPUT, l2cap.SET_OUTPUT) == (b"\xa1", b"\xa2", b"\x52")
    assert pairing.NAME == "Nintendo RVL-WBC-01"


def test_1_2_reports_and_their_lengths() -> None:
    """And the 217 bytes that say so, item by item."""
    out = "10:1 11:1 12:2 13:1 14:1 15:1 16:21 17:6 18:21 19:1 1A:1"
    come = "20:6 21:21 22:4 30:2 31:5 32:10 33:17 34:21 35:21 36:21 37:21 3D:21 3E:21 3F:21"
    tables = [{int(n, 16): int(size) for n, size in (one.split(":") for one in text.split())} for text in (out, come)]
    assert tables == [OUT, IN]
    items = "".join(
        f"85 {number:02x} 95 {size:02x} 09 01 {way} 00"
        for table, way in zip(tables, ("91", "81"), strict=True)
        for number, size in table.items()
        if number != 0x10
    )
    first = "05 01 09 05 A1 01 85 10 15 00 26 FF 00 75 08 95 01 06 00 FF 09 01 91 00"
    assert bytes.fromhex(first + items + "C0") == REPORT_DESCRIPTOR


def test_1_3_the_extension_s_identity() -> None:
    """Only its last two bytes are judged, as the kernel does; six of FF are a plug with nothing in it."""
    answer = reports.decode(bytes.fromhex("21 00 00 50 00 FA 00 00 A4 20 04 02"))
    assert answer == reports.Memory(0x00FA, bytes.fromhex("00 00 A4 20 04 02"))
    assert reports.read(0xA40020, 0x20) == bytes.fromhex("17 04 A4 00 20 00 20")
    assert reports.read(0xA40060, 2) == bytes.fromhex("17 04 A4 00 60 00 02")
    assert (block.ADDRESS, block.SIZE, block.REFERENCE) == (0xA40020, 0x20, 0xA40060)


def test_1_5_kilograms_by_two_lines_with_what_others_cut_off() -> None:
    """kg = 17 (raw - c0) / (c17 - c0), and 17 + 17 (raw - c17) / (c34 - c17) from c17 on; Dolphin's block."""
    counts = ((10_000,) * 4, (11_700,) * 4, (13_400,) * 4)
    calibration = block.sealed(counts, bytes.fromhex("01690000"), bytes.fromhex("1901")).calibration()
    raw = np.array([[9_900.0, 10_100.0, 11_700.0, 13_500.0]])
    np.testing.assert_allclose(calibration.loads(raw)[0] / 9.80665, [-1.0, 1.0, 17.0, 35.0], rtol=1e-12)
    assert warmth(40.0, 26.0) == pytest.approx(1.0 - 0.007 * 1.4)


def test_1_6_the_centre_of_pressure() -> None:
    """x = 216.5 ((TR+BR) - (TL+BL)) / F, y = 119 ((TR+TL) - (BR+BL)) / F, mm."""
    loads = dict(zip(("TR", "BR", "TL", "BL"), (310.0, 120.0, 205.0, 65.0), strict=True))
    cells = geometry.wii_cells()
    assert [cell.name for cell in cells] == list(loads)
    force = sum(loads.values())
    x = sum(cell.x * loads[cell.name] for cell in cells) / force
    y = sum(cell.y * loads[cell.name] for cell in cells) / force
    assert x == pytest.approx(216.5 * ((310.0 + 120.0) - (205.0 + 65.0)) / 700.0)
    assert y == pytest.approx(119.0 * ((310.0 + 205.0) - (120.0 + 65.0)) / 700.0)


def test_1_7_the_kernel_s_node() -> None:
    assert (NODE, AXES, BUTTON) == ("Nintendo Wii Remote Balance Board", (0x10, 0x11, 0x12, 0x13), 0x130)


async def test_1_8_the_bar_s_configuration_and_its_reports_out() -> None:
    interfaces = "".join(
        f"09 04 {n:02x} 00 01 03 00 00 00  09 21 11 01 00 01 22 D9 00  07 05 {0x81 + n:02x} 03 40 00 01"
        for n in range(4)
    )
    assert bytes.fromhex("09 02 6D 00 04 01 00 80 FA" + interfaces) == CONFIGURATION
    wire = hearing()
    await slot.Slot(wire, 3).send(reports.ask_status())
    assert wire.said == [(0x21, 0x09, 0x0215, 2, bytes.fromhex("15 00").ljust(22, b"\0"))]


# 2 Vernier (godirect-py; GoIO_SDK; manual of CMA 0364)


def test_2_1_records_of_go_direct_by_the_maker_s_forms() -> None:
    info = (b"GDX-FPL", b"0B1", b"name", 1, 2019, 7, 31, 1, 2, 345, 6, 7, 890, b"\6\5\4\3\2\1", 4096, b"plate")
    assert direct.decode_info(pack("<16s16s32s HHBBBBHBBH 6s I 64s", *info)) == direct.Info(
        "GDX-FPL", "0B1", "name", *info[3:15], "plate"
    )
    values = (0.5, -200.0, 850.0, 10_000, 10**9, 100_000, 10, 6)
    sensor = direct.Sensor(2, 0, 7, 1, 0, "Force", "N", 0.5, -200.0, 850.0, 10_000, 10**9, 100_000, 10, 6)
    assert direct.decode_sensor(pack("<bBIBB60s32sdddIQIII", 2, 0, 7, 1, 0, b"Force", b"N", *values)) == sensor
    numbers = [0x10, 0x18, 0x19, 0x1A, 0x1B, 0x50, 0x51, 0x54, 0x55, 0x56]
    assert [command.value for command in direct.Command] == numbers


@pytest.mark.parametrize("kind", [0x09, 0x0B])
def test_2_1_whole_numbers_of_one_sensor(kind: int) -> None:
    body = bytes.fromhex("00 03 02") + pack("<2i", -7, 100_000)
    values = measurement.decode(Packet(MEASUREMENT, 0, kind, body))
    assert values == measurement.Values(measurement.Kind(kind), (3,), ((-7.0,), (100_000.0,)))


def test_2_1_notices_have_their_numbers() -> None:
    found = [measurement.decode(Packet(0x20, 0, kind)) for kind in (0x0C, 0x0D, 0x0E)]
    assert [one.kind.name for one in found] == ["START_TIME", "DROPPED", "PERIOD"]


async def test_2_2_requests_of_go_link() -> None:
    """SET_REPORT with wValue 0100, as Vernier's clients send it."""
    numbers = [0x10, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x20, 0x27, 0x28, 0x29]
    assert [command.value for command in Link] == numbers
    wire = hearing()
    await Line(wire).send(Link.SET_PERIOD, 5)
    assert wire.said == [(0x21, 0x09, 0x0100, 0, bytes.fromhex("1B 05 00 00 00 00 00 00"))]


def test_2_2_volts_and_newtons() -> None:
    assert (records.State.FIFO_OVERFLOW, records.State.CONVERSION_LOST) == (0x40, 0x80)
    assert records.TICK == 1e-3
    raw = np.array([[-32_768.0], [0.0], [16_384.0]])
    np.testing.assert_allclose(nominal("3500").loads(raw)[:, 0], [-1000.0, 1500.0, 2750.0])
    np.testing.assert_allclose(nominal("800").loads(raw)[:, 0], [-250.0, 375.0, 687.5])


# 3.1 LabJack (exodriver, LabJackPython, datasheets)


def test_3_1_a_u3_s_stream() -> None:
    """Four single-ended inputs, 25 samples a packet, 1 kHz of the 4 MHz clock."""
    setup = u3.Setup(tuple(u3.Input(channel) for channel in range(4)), Pace(4e6, False, 4000), 25)
    golden = bytes.fromhex("60 F8 07 11 4E 01 04 19 00 00 A0 0F 00 1F 01 1F 02 1F 03 1F")
    assert u3.encode_setup(setup) == golden
    assert u3.decode_setup(golden) == setup
    fast = u3.encode_setup(u3.Setup((u3.Input(6, 7),), Pace(48e6, True, 1), 1, resolution=3))
    assert fast[6:] == bytes.fromhex("01 01 00 0F 01 00 06 07")


def test_3_1_options_of_a_u6_s_stream() -> None:
    setup = u6.Setup((u6.Input(2, 3, differential=True),), Pace(48e6, True, 0x1234), 5, resolution=8, settling=9)
    assert u6.encode_setup(setup)[6:] == bytes.fromhex("01 08 05 00 09 0A 34 12 02 B0")


def test_3_1_volts_of_a_nominal_u6() -> None:
    """(code - centre) x slope, by the slope of its side: -10.587 V at code 0, 0 V at 33523."""
    (low, middle, high) = u6.scale(u6.nominal_memory(), (0,)).volts(np.array([[0], [33_523], [65_535]], np.uint16))[
        :, 0
    ]
    assert (low, middle) == (pytest.approx(-33_523 * 3.158058e-4), 0.0)
    assert high == pytest.approx((65_535 - 33_523) * 3.1580578e-4)


def test_3_1_a_packet_of_a_stream_byte_by_byte() -> None:
    """One scan of two channels; then the same while recovering (59), and as the report of 5 lost scans (60)."""
    plain = bytes.fromhex("2C F9 06 C0 6B 00 00 00 00 00 07 00 10 20 30 04 00 00")
    assert packet.encode(packet.Packet(7, np.array([0x2010, 0x0430], np.uint16))) == plain
    read = packet.decode(plain, 2)
    assert (read.number, read.samples.tolist(), read.dropped, read.error) == (7, [0x2010, 0x0430], 0, 0)
    lost = packet.encode(packet.Packet(8, np.zeros(2, np.uint16), dropped=5))
    assert lost[6:12] == bytes.fromhex("05 00 00 00 08 3C")
    assert packet.encode(packet.Packet(8, np.zeros(2, np.uint16), recovering=True))[11] == 0x3B


def test_3_1_start_and_stop() -> None:
    assert labjack.decode_done(bytes.fromhex("A9 A9 00 00"), 0xA9) == 0
    assert labjack.decode_done(bytes.fromhex("B1 B1 00 00"), 0xB1) == 0
    for code in (48, 49, 50, 52, 54, 55, 59, 60, 2942, 2943, 2944):
        assert "has more on it" not in reasons.reason(code)


def test_3_1_registers_of_a_t7() -> None:
    rows = [t7.SCAN_RATE, t7.CHANNEL_COUNT, t7.PACKET_SAMPLES, t7.SETTLING, t7.RESOLUTION, t7.BUFFER_BYTES]
    assert rows == [4002, 4004, 4006, 4008, 4010, 4012]
    assert [t7.CLOCK, t7.TARGET, t7.DATA_TYPE, t7.SCANS, t7.LIST, t7.ENABLE] == [4014, 4016, 4018, 4020, 4100, 4990]
    assert (t7.USB, t7.MOST) == (2, 24)
    for status in (2942, 2943, 2944):
        raw = bytes.fromhex("0000 0000 000c 01 4c 10 00 0000") + status.to_bytes(2, "big") + bytes.fromhex("0000 0001")
        assert t7.decode(raw, 1).error == status


# 3.2 MCC USB-1608FS-Plus (wjasper/Linux_Drivers, usb_1608FS_Plus.py)


async def test_3_2_what_is_said_to_begin_a_scan() -> None:
    """1 kHz of six inputs: pacer 40 MHz / 1 kHz - 1."""
    wire, ranges = hearing(bytes(8)), (0,) * 8
    await mcc.begin(wire, Scan(0, 39_999, 0x3F, Option(0)), ranges)
    assert wire.said == [
        (0x40, 0x12, 0, 0, b""),
        (0x40, 0x15, 0, 0, b""),
        (0x40, 0x44, 0, 0, b""),
        (0x40, 0x14, 0, 0, bytes(8)),
        (0xC0, 0x14, 0, 0, 8),
        (0x40, 0x11, 0, 0, bytes.fromhex("00 00 00 00 3F 9C 00 00 3F 00")),
    ]


async def test_3_2_single_questions() -> None:
    wire = hearing(b"\x34\x12", b"\x01\0\0\0", b"01A2B3C4", b"\x06\0")
    assert await mcc.volts_code(wire, 5, 2) == 0x1234
    assert await mcc.counted(wire) == 1
    assert await mcc.serial(wire) == "01A2B3C4"
    assert await mcc.status(wire) == 0b110
    assert wire.said == [(0xC0, 0x10, 5, 2, 2), (0xC0, 0x20, 0, 0, 4), (0xC0, 0x48, 0, 0, 8), (0xC0, 0x44, 0, 0, 2)]
    assert [option.value for option in Option] == [1 << 0, 1 << 1, 1 << 5, 1 << 7]


# 4 Phidget Bridge 1046 and BTrackS (libphidget22, libphidget21)


def test_4_1_gains_and_periods() -> None:
    """Codes 0, 3, 4, 5, 6, 7 in nibbles, channel 0 first; the period in units of 8 ms."""
    report = hid.decode(bytes.fromhex("F5 02 03 46 00 02") + bytes(12))
    assert report.setting == hid.Setting(0b0101, (1, 8, 16, 64), 16)
    assert (report.valid, report.errors) == (0b1111, 0b0010)
    assert hid.encode_setting(hid.Setting(0b1000, (32, 128, 1, 8), 1000)) == bytes.fromhex("08 57 03 7D 00")


async def test_4_2_what_is_said_to_start_a_1046_1() -> None:
    wire = hearing(pack("<f", 1.0))
    await VendorLink(1).start(wire)
    interval, on = pack("<f", 1.0), bytes.fromhex("FF")
    for channel in range(4):
        at = 4 * channel
        assert wire.said[at : at + 4] == [
            (0x41, 0, 0xFB00 | channel, 0, b""),
            (0x41, 0, 0x1D00 | channel, 0, b"\x08"),
            (0x41, 0, 0xFC00 | channel, 0, interval),
            (0x41, 0, 0x1A00 | channel, 0, bytes(4)),
        ]
    assert wire.said[16:] == [(0xC1, 1, 0xFC00, 0, 4), *((0x41, 0, 0x1E00 | channel, 0, on) for channel in range(4))]
    wire.said.clear()
    await VendorLink(1).stop(wire)
    assert wire.said == [(0x41, 0, 0x1E00 | k, 0, b"\x00") for k in range(4)]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("1B 01 00 00 80 3A", vendor.Packet(1, 2.0**-10)),
        ("1B 01 00 00 80 3A 01", vendor.Packet(1, 2.0**-10, vendor.Fault.HIGH)),
        ("1B 01 00 00 80 3A FF", vendor.Packet(1, 2.0**-10, vendor.Fault.LOW)),
        ("1B 01 00 00 80 3A 00", vendor.Packet(1, 2.0**-10, vendor.Fault.UNKNOWN)),
        ("1C 03 01", vendor.Packet(3, None, vendor.Fault.HIGH)),
    ],
)
def test_4_2_packets(raw: str, expected: vendor.Packet) -> None:
    assert list(vendor.decode(bytes.fromhex(raw))) == [expected]


@pytest.mark.parametrize(("gain", "code"), [(1, 1), (2, 2), (4, 3), (8, 4), (16, 5), (32, 6), (64, 7), (128, 8)])
def test_4_2_gains(gain: int, code: int) -> None:
    assert vendor.GAINS[gain] == code


def test_4_2_the_answer_to_a_device_read() -> None:
    raw = bytes.fromhex("0F 0000803F 00000040 00008040 00000041")
    assert vendor.decode_status(raw) == vendor.Status(15, (1.0, 2.0, 4.0, 8.0))


# 5 Tec Gihan (tecgihan/forceplate-python), and where OFP is found (its vectors: docs/protocols/ofp-vectors.json)


def test_5_1_commands_and_what_a_count_is() -> None:
    asked: list[Question[Any]] = [words.STATE, words.SERIAL, words.VERSION, words.RATE, words.RANGE, words.PLATES]
    assert b"".join(line(one.command) for one in asked) == b"STATE\nSERIAL\nVER\nSPS\nRANGE\nFPCOUNT\n"
    assert list(tec.RATES) == ["10K", "5K", "2.5K", "1K", "500", "250", "240", "120"]
    assert [tec.samples_in_block(word) for word in ("1K", "240", "120")] == [100, 24, 12]
    assert (tec.BAUD, tec.FULL_SCALE, tec.RANGES) == (1_000_000, 30_000, ("3kN", "6kN", "10kN"))
    assert tec.NOMINAL[0] == (1500.0, 1500.0, 3000.0, 300.0, 300.0, 200.0)
    assert tec.NOMINAL[1] == tuple(2 * full for full in tec.NOMINAL[0])
    assert tec.NOMINAL[2] == (5000.0, 5000.0, 10000.0, 1000.0, 1000.0, 600.0)


def test_5_1_the_chip_s_requests() -> None:
    """As Linux' ftdi_sio.h numbers them."""
    first_five = ["RESET", "MODEM_CTRL", "FLOW_CTRL", "BAUD_RATE", "DATA"]
    assert {one.name: one.value for one in ftdi.Request if one.value < 5} == dict(
        zip(first_five, range(5), strict=True)
    )
    assert ftdi.Request(9).name == "LATENCY_TIMER"
    assert ftdi.CLOCK // tec.BAUD == 3


def test_5_2_who_an_ofp_plate_is() -> None:
    assert (ofp.VENDOR, ofp.PRODUCT, ofp.CLASS, ofp.MAGIC) == (0x1209, 0x0001, (0xFF, 0x46, 0x01), b"OFP1")
    assert (ofp.ENDPOINT_IN, ofp.ENDPOINT_OUT, ofp.PACKET, ofp.VALUES) == (0x81, 0x01, 64, 10)
    first_nine = ["GET_INFO", "GET_CAL", "SET_RATE", "START", "STOP", "TARE", "STATUS", "SET_CAL", "TIMESYNC"]
    assert [one.name for one in ofp.Request][:9] == first_nine
    assert [one.value for one in ofp.Request][:9] == list(range(1, 10))
    assert bytes([ofp.DATA_MARK, ofp.WIRE_VERSION]) == b"\xa5\x01"


# 8 USB/IP (Linux Documentation/usb/usbip_protocol.rst); its capture and the handshake are in tests/drivers/usb


def test_8_2_unlinking() -> None:
    asked = Unlink(5, 0x0001000F, 4).encode()
    assert asked == bytes.fromhex("00000002 00000005 0001000f 00000000 00000000 00000004") + bytes(24)
    assert Unlinked(5, -104).encode() == bytes.fromhex("00000004 00000005" + 12 * "00" + "ffffff98") + bytes(24)
