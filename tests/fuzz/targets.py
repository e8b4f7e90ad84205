"""What is fuzzed: every reader of foreign bytes, and the only errors that it may raise."""

import gzip
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from otolith.drivers.analogue.file import plates_of
from otolith.drivers.capture.file import read_capture
from otolith.drivers.errors import PlateError, RecordingError, ReportError
from otolith.drivers.ftdi.chip import data_of
from otolith.drivers.hid.evdev import Decoder
from otolith.drivers.labjack.codec import frame, modbus, t7, u3, u6
from otolith.drivers.labjack.codec import packet as labjack
from otolith.drivers.mcc1608.codec import memory, unrolling
from otolith.drivers.mcc1608.codec import records as mcc
from otolith.drivers.ofp.codec import frames, packet, records, train
from otolith.drivers.ofp.codec.numbers import PACKET, Status
from otolith.drivers.phidget_bridge.codec import hid, vendor
from otolith.drivers.replay import block as journal_block
from otolith.drivers.replay.journal import Journal
from otolith.drivers.tec_gihan.codec import block as tec_gihan
from otolith.drivers.tec_gihan.codec import words
from otolith.drivers.usb.descriptors import DescriptorError, parse_configuration, parse_device
from otolith.drivers.usb.usbip import handshake, wire
from otolith.drivers.vernier.go_direct.codec import commands, measurement
from otolith.drivers.vernier.go_direct.codec import packet as go_direct
from otolith.drivers.vernier.go_link.codec import packet as go_link
from otolith.drivers.vernier.go_link.codec import records as go_link_records
from otolith.drivers.wii.codec import block, reports

ASKED = modbus.ask_read(7, 60000, 2)
GOOD = frames.Ask(1, 2, 3, b"")
COUPLED = tuple(packet.Packet(1 + at, 2, 0, Status(0), 5, ((at,) * 6,)) for at in range(3))
FOLDER = tempfile.TemporaryDirectory(prefix="otolith-fuzz-")


@dataclass(frozen=True, slots=True)
class Target:
    """A reader that is given any bytes; what it raises beyond ``allowed``, it may not."""

    name: str
    read: Callable[[bytes], Any]
    allowed: type[Exception]
    seeds: tuple[bytes, ...] = ()

    def __call__(self, data: bytes) -> None:
        """Try these bytes."""
        with suppress(self.allowed):
            self.read(data)


def each(*readers: Callable[[bytes], Any], errors: type[Exception] = ReportError) -> Callable[[bytes], None]:
    """One reader after the other over the same bytes, whatever the ones before said to them."""

    def read(data: bytes) -> None:
        for one in readers:
            with suppress(errors):
                one(data)

    return read


def pieces(data: bytes) -> Iterator[bytes]:
    """The first byte of each piece says how long it is: pieces of every length, and empty ones."""
    while data:
        length, data = data[0], data[1:]
        yield data[:length]
        data = data[length:]


def coupled(data: bytes) -> None:
    """What is read in one go, is read alike one by one."""
    found = train.coupled(data, 6, 5, 1)
    if found is not None:
        singly = [packet.decode(data[at : at + PACKET]) for at in range(0, len(data), PACKET)]
        assert found.scans.tolist() == [[float(value) for value in scan] for one in singly for scan in one.scans]
        assert {one.status for one in singly} == {found.status}


def cobs(data: bytes) -> None:
    """Whatever came before, the second good record after it is read."""
    framer = frames.Framer()
    for piece in pieces(data):
        list(framer.feed(piece))
    good = frames.encode_ask(GOOD)
    assert good in list(framer.feed(frames.frame(good) + frames.frame(good)))


def lines(data: bytes) -> None:
    reader = words.Lines()
    for piece in pieces(data):
        for line in reader.feed(piece):
            for question in QUESTIONS:
                with suppress(ReportError):
                    question.answer(line)
    assert reader.feed(b"\r\nSPS_OK\r\n")[-1] == "SPS_OK"


QUESTIONS: tuple[words.Question[Any], ...] = (
    words.STATE,
    words.RATE,
    words.RANGE,
    words.PLATES,
    words.set_rate("1000"),
    words.plate_serial(0),
    words.depth(1),
    words.scales(1),
)


def evdev(data: bytes) -> None:
    decoder = Decoder((0, 1, 2, 3), 304)
    for piece in pieces(data):
        decoder.feed(piece)
        assert len(decoder.values) == 4


def l2cap(data: bytes) -> None:
    """As ``L2cap.reports`` hands frames on: without the header of an input report, or nothing of the others."""
    reports.decode(data[1:] if data[:1] == b"\xa1" else b"")


def unrolled(data: bytes) -> None:
    for immediate in (False, True):
        unroller = unrolling.Unroller(6, immediate=immediate)
        for piece in pieces(data):
            with suppress(ReportError):
                assert all(len(scan) == 6 for scan in unroller.feed(piece))


def go_direct_reports(data: bytes) -> None:
    assembler = go_direct.Assembler()
    for at in range(0, len(data), go_direct.REPORT):
        with suppress(ReportError):
            whole = assembler.feed(data[at : at + go_direct.REPORT])
            if whole is not None:
                measurement.decode(whole)


def go_link_packets(data: bytes) -> None:
    answers = go_link.Answers()
    for at in range(0, len(data), 8):
        with suppress(ReportError):
            part = go_link.decode(data[at : at + 8])
            if isinstance(part, go_link.Part):
                answers.feed(part)


def commands_of_usbip(data: bytes) -> None:
    buffer = wire.Buffer()
    for piece in pieces(data):
        buffer.feed(piece)
        while buffer.take(wire.decode_command) is not None:
            pass


def replies_of_usbip(data: bytes) -> None:
    buffer = wire.Buffer()
    buffer.feed(data)
    while buffer.take(lambda raw: wire.decode_reply(raw, lambda _: 64)) is not None:
        pass


def journal(data: bytes) -> None:
    path = Path(FOLDER.name) / "journal.mcap"
    path.write_bytes(data)
    batches = list(Journal(path).batches())
    assert all(a.seq + len(a) <= b.seq for a, b in pairwise(batches))


def capture(data: bytes) -> None:
    """As a file, and as what a file is made of."""
    path = Path(FOLDER.name) / "capture.jsonl.gz"
    for content in (data, gzip.compress(data, 1)):
        path.write_bytes(content)
        with suppress(RecordingError):
            read_capture(path)


TARGETS = (
    Target("phidget-hid", each(hid.decode, hid.decode_setting), ReportError, (bytes(64),)),
    Target("phidget-hid-lengths", hid.report_lengths, ReportError),
    Target("phidget-vendor", lambda data: list(vendor.decode(data)), ReportError),
    Target("phidget-vendor-state", each(vendor.decode_interval, vendor.decode_status), ReportError),
    Target("wii-reports", reports.decode, ReportError, (bytes([0x32]) + bytes(21), bytes([0x34]) + bytes(21))),
    Target("wii-l2cap", l2cap, ReportError, (b"\xa1\x32" + bytes(10),)),
    Target("wii-block", lambda data: block.decode(data[:-2], data[-2:]), ReportError, (bytes(30),)),
    Target("wii-evdev", evdev, ReportError, (bytes([24, *bytes(24)]),)),
    Target("ofp-packet", packet.decode, ReportError, (packet.encode(packet.Packet(1, 2, 0, 0, 5, ((1,) * 6,))),)),  # type: ignore[arg-type]  # 0 is no status bit
    Target("ofp-train", coupled, ReportError, (b"".join(packet.encode(at) for at in COUPLED),)),
    Target("ofp-cobs", cobs, ReportError, (bytes([9]) + frames.frame(frames.encode_ask(GOOD)),)),
    Target("ofp-messages", each(frames.decode_ask, frames.decode_answer), ReportError, (frames.encode_ask(GOOD),)),
    Target(
        "ofp-records",
        each(
            records.decode_info,
            records.decode_state,
            lambda data: records.decode_cal(data, 6, 6),
            lambda data: records.decode_layout(data, 4),
        ),
        ReportError,
    ),
    Target("tecgihan-ftdi", data_of, ReportError, (b"\x01\x60data",)),
    Target("tecgihan-lines", lines, ReportError, (b"\x10FPSERIAL_0_0101\r\n", b"\x09AZ0_0.04\n")),
    Target("tecgihan-blocks", lambda data: tec_gihan.decode(data, 4, 1), ReportError, (bytes(tec_gihan.size(4, 1)),)),
    Target(
        "mcc-records",
        each(mcc.decode_scan, mcc.decode_ranges, mcc.decode_status, mcc.decode_serial, memory.decode_memory),
        ReportError,
        (bytes(8), b"01234567"),
    ),
    Target("mcc-samples", unrolled, ReportError, (bytes([64, *bytes(64)]),)),
    Target("labjack-packets", lambda data: labjack.decode(data, 25), ReportError, (bytes(labjack.size(25)),)),
    Target("labjack-t7-packets", lambda data: t7.decode(data, 16), ReportError, (bytes(t7.size(16)),)),
    Target(
        "labjack-frames",
        each(
            lambda data: frame.words_of(data, 0x11),
            lambda data: frame.body_of(data, 10),
            u3.decode_setup,
            u3.decode_pins,
            u6.decode_setup,
        ),
        ReportError,
        (frame.extended(0x11, bytes(12)),),
    ),
    Target("labjack-modbus", each(modbus.decode, lambda data: modbus.answer_of(data, ASKED)), ReportError, (ASKED,)),
    Target("godirect-reports", go_direct_reports, ReportError, (bytes([20, 0x20, 20, *bytes(62)]),)),
    Target(
        "godirect-records",
        each(
            commands.decode_status,
            commands.decode_info,
            commands.decode_sensor,
            commands.decode_mask,
            commands.read_period,
            commands.read_start,
        ),
        ReportError,
    ),
    Target("golink-packets", go_link_packets, ReportError, (bytes(16),)),
    Target(
        "golink-records",
        each(
            go_link_records.decode_status,
            go_link_records.decode_serial,
            go_link_records.decode_word,
            go_link_records.failure,
        ),
        ReportError,
    ),
    Target("usbip-commands", commands_of_usbip, wire.WireError, (b"\x30" + wire.Submit(1, 2, 0x81, 64).encode(),)),
    Target("usbip-replies", replies_of_usbip, wire.WireError, (wire.Submitted(1, 0, 4, b"data").encode(),)),
    Target(
        "usbip-handshake",
        each(
            handshake.decode_request,
            handshake.decode_import_reply,
            handshake.decode_list_reply,
            errors=wire.WireError,
        ),
        wire.WireError,
        (handshake.ListRequest().encode(), handshake.ImportRequest("1-1").encode()),
    ),
    Target("usb-descriptors", each(parse_device, parse_configuration, errors=DescriptorError), DescriptorError),
    Target("journal", journal, RecordingError),
    Target("journal-blocks", journal_block.decode, ReportError),
    Target("capture", capture, RecordingError, (b'{"capture": 1, "way": "usb"}\n',)),
    Target("plates", lambda data: plates_of(data, "plates.toml"), PlateError, (b"[[plate]]\nname = 'x'\n",)),
)
