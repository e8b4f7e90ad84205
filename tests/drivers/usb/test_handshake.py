import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.usb.usbip.handshake import (
    MAX_DEVICES,
    ImportReply,
    ImportRequest,
    Listed,
    ListReply,
    ListRequest,
    Record,
    decode_import_reply,
    decode_list_reply,
    decode_request,
)
from otolith.drivers.usb.usbip.wire import WireError

u8, u16, u32 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32))
text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=7)
records = st.builds(Record, text, text, u32, u32, u32, u16, u16, u16, u8, u8, u8, u8, u8, st.integers(0, 4))


@st.composite
def listed(draw: st.DrawFn) -> Listed:
    record = draw(records)
    return Listed(record, tuple(draw(st.tuples(u8, u8, u8)) for _ in range(record.interfaces)))


# Offsets and codes of the tables of Linux Documentation/usb/usbip_protocol.rst.
BOARD = Record("/sys/usb3/3-2", "3-2", 3, 2, 2, 0x06C2, 0x003B, 0x0102, 0, 0, 0, 1, 1, 1)
IMPORTED = (
    bytes.fromhex("0111 0003 00000000")
    + b"/sys/usb3/3-2".ljust(256, b"\0")
    + b"3-2".ljust(32, b"\0")
    + bytes.fromhex("00000003 00000002 00000002 06c2 003b 0102 00 00 00 01 01 01")
)


def test_requests_are_those_of_the_document() -> None:
    assert ListRequest().encode() == bytes.fromhex("0111 8005 00000000")
    assert ImportRequest("3-2").encode() == bytes.fromhex("0111 8003 00000000") + b"3-2".ljust(32, b"\0")


def test_replies_are_those_of_the_document() -> None:
    assert ImportReply(BOARD).encode() == IMPORTED
    assert ImportReply(None).encode() == bytes.fromhex("0111 0003 00000001")
    raw = ListReply((Listed(BOARD, ((3, 0, 0),)),)).encode()
    assert raw == bytes.fromhex("0111 0005 00000000 00000001") + IMPORTED[8:] + bytes.fromhex("03 00 00 00")


def test_the_device_number_of_transfers_is_bus_and_address() -> None:
    assert BOARD.devid == 0x00030002


@given(st.just(ListRequest()) | st.builds(ImportRequest, text))
def test_a_request_survives_the_wire(request: ListRequest | ImportRequest) -> None:
    raw = request.encode()
    assert decode_request(raw) == (request, len(raw))


@given(st.builds(ImportReply, st.none() | records))
def test_an_import_reply_survives_the_wire(reply: ImportReply) -> None:
    raw = reply.encode()
    assert decode_import_reply(raw) == (reply, len(raw))


@given(st.lists(listed(), max_size=4).map(tuple).map(ListReply), st.integers(1, 40))
def test_a_list_survives_the_wire_and_waits_until_it_is_whole(reply: ListReply, missing: int) -> None:
    raw = reply.encode()
    assert decode_list_reply(raw) == (reply, len(raw))
    assert decode_list_reply(raw[: max(0, len(raw) - missing)]) is None


@given(st.binary(max_size=700))
def test_garbage_is_refused_or_waited_for_but_never_crashes(raw: bytes) -> None:
    for decode in (decode_request, decode_import_reply, decode_list_reply):
        for head in (b"", bytes.fromhex("0111 8003 00000000"), bytes.fromhex("0111 0005 00000000")):
            try:
                found = decode(head + raw)
            except WireError:
                continue
            assert found is None or found[1] <= len(head + raw)


def test_an_endless_list_is_refused() -> None:
    with pytest.raises(WireError, match="limit"):
        decode_list_reply(bytes.fromhex("0111 0005 00000000") + struct.pack(">I", MAX_DEVICES + 1))


def test_another_version_is_named() -> None:
    with pytest.raises(WireError, match="0x0106"):
        decode_request(bytes.fromhex("0106 8005 00000000"))


def test_a_name_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        ImportRequest("1" * 32).encode()
