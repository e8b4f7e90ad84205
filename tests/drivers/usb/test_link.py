"""The host's end of a link whose other end misbehaves."""

import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otolith.drivers.usb.usbip import link as link_module
from otolith.drivers.usb.usbip.link import Link
from otolith.drivers.usb.usbip.wire import Status, Submit, Submitted, Unlink, Unlinked, decode_command

PATIENCE = 10.0


@dataclass
class Wire:
    link: Link
    peer: socket.socket

    def command(self) -> Submit | Unlink:
        """Next command, header only: these tests send no data but once."""
        raw = self.peer.recv(48, socket.MSG_WAITALL)
        found = decode_command(raw)
        assert found
        return found[0]

    def reply(self, message: Submitted | Unlinked) -> None:
        self.peer.sendall(message.encode())


def _wire() -> Wire:
    ours, theirs = socket.socketpair()
    theirs.settimeout(PATIENCE)
    return Wire(Link(ours, 0x10002), theirs)


def _cut(wire: Wire) -> None:
    wire.peer.close()
    wire.link.close()


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = _wire()
    yield wire
    _cut(wire)


def test_replies_find_their_transfers_in_any_order(wire: Wire) -> None:
    first, second = wire.link.submit(0x81, 64), wire.link.submit(0x82, 64)
    wire.reply(Submitted(second.seqnum, 0, 1, b"2"))
    wire.reply(Submitted(first.seqnum, 0, 1, b"1"))
    assert wire.link.wait(first, PATIENCE)
    assert wire.link.wait(second, PATIENCE)
    assert (first.data, second.data) == (b"1", b"2")


@pytest.mark.parametrize("timeout", [0.0, 1e-9, 4e-7, 1e-5, 1e-3])
def test_no_time_to_wait_is_so_short_that_it_never_ends(wire: Wire, timeout: float) -> None:
    urb = wire.link.submit(0x81, 64)
    assert not wire.link.wait(urb, timeout)
    wire.reply(Submitted(urb.seqnum, 0, 1, b"1"))
    assert wire.link.wait(urb, PATIENCE)


def test_a_cancelled_transfer_ends_unlinked(wire: Wire) -> None:
    urb = wire.link.submit(0x81, 64)
    canceller = threading.Thread(target=wire.link.cancel, args=(urb,))
    canceller.start()
    wire.command()
    unlink = wire.command()
    assert isinstance(unlink, Unlink)
    assert unlink.victim == urb.seqnum
    wire.reply(Unlinked(unlink.seqnum, Status.UNLINKED))
    canceller.join(PATIENCE)
    assert urb.status == Status.UNLINKED


def test_a_completion_that_beats_the_unlink_is_delivered(wire: Wire) -> None:
    urb = wire.link.submit(0x81, 64)
    canceller = threading.Thread(target=wire.link.cancel, args=(urb,))
    canceller.start()
    wire.command()
    unlink = wire.command()
    wire.reply(Submitted(urb.seqnum, 0, 4, b"beat"))
    wire.reply(Unlinked(unlink.seqnum, Status.OK))
    canceller.join(PATIENCE)
    assert (urb.status, urb.data) == (Status.OK, b"beat")
    wire.link.cancel(urb)  # nothing is left to cancel


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".ljust(48), "not a USB/IP reply"),
        (Submitted(77, 0, 0).encode(), "transfer 77, which is not in flight"),
        (Submitted(1, 0, 65, bytes(65)).encode(), "65 bytes into a buffer of 64"),
        (Submitted(1, 0, 0, packets=9).encode(), "isochronous"),
        (struct.pack(">12I", *range(12)), "not a USB/IP reply"),
    ],
)
def test_garbage_loses_the_device_and_says_why(wire: Wire, raw: bytes, why: str) -> None:
    urb = wire.link.submit(0x81, 64)
    wire.peer.sendall(raw)
    assert wire.link.wait(urb, PATIENCE)
    assert urb.status == Status.NO_DEVICE
    assert wire.link.fault
    assert why in wire.link.fault
    later = wire.link.submit(0x81, 64)
    assert wire.link.wait(later, PATIENCE)
    assert later.status == Status.NO_DEVICE


@settings(max_examples=30)
@given(st.binary(min_size=48, max_size=400))
def test_no_garbage_hangs_a_transfer_beyond_the_hang_up(raw: bytes) -> None:
    wire = _wire()
    try:
        urb = wire.link.submit(0x81, 64)
        wire.peer.sendall(raw)
        wire.peer.shutdown(socket.SHUT_WR)
        assert wire.link.wait(urb, PATIENCE)
    finally:
        _cut(wire)


def test_hanging_up_ends_everything(wire: Wire) -> None:
    urbs = [wire.link.submit(endpoint, 64) for endpoint in (0x81, 0x82, 0x02, 0x80)]
    wire.peer.close()
    assert all(wire.link.wait(urb, PATIENCE) for urb in urbs)
    assert {urb.status for urb in urbs} == {Status.NO_DEVICE}


def test_a_peer_that_does_not_answer_an_unlink_is_lost(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "CANCEL_PATIENCE", 0.01)
    urb = wire.link.submit(0x81, 64)
    wire.link.cancel(urb)
    assert urb.status == Status.NO_DEVICE
    assert wire.link.fault == "the server does not answer"


def test_a_peer_that_does_not_read_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "SEND_PATIENCE", 0.05)
    wire = _wire()
    urb = wire.link.submit(0x02, 1 << 20, bytes(1 << 20))
    assert wire.link.wait(urb, PATIENCE)
    assert urb.status == Status.NO_DEVICE
    assert wire.link.fault
    assert wire.link.fault.startswith("cannot send")
    _cut(wire)


def test_closing_waits_only_so_long_for_the_peer(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "RELEASE_PATIENCE", 0.01)
    urb = wire.link.submit(0x81, 64)
    wire.link.close()
    assert urb.status == Status.NO_DEVICE


@pytest.mark.parametrize("status", [Status.UNLINKED, Status.OK])
def test_an_end_may_come_after_the_answer_to_its_unlink_or_never(wire: Wire, status: Status) -> None:
    """Linux' stub can send the two in the wrong order; usbip 0.7.0 answers 0 to whatever it cancels."""
    urb = wire.link.submit(0x81, 64)
    canceller = threading.Thread(target=wire.link.cancel, args=(urb,))
    canceller.start()
    wire.command()
    wire.reply(Unlinked(wire.command().seqnum, Status.OK))
    if status == Status.OK:
        wire.reply(Submitted(urb.seqnum, 0, 4, b"late"))
    canceller.join(PATIENCE)
    assert (urb.status, urb.data) == (status, b"late" if status == Status.OK else b"")
    assert wire.link.fault is None
