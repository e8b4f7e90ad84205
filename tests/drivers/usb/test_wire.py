import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.usb.usbip.wire import (
    HEADER,
    MAX_TRANSFER,
    NOT_ISOCHRONOUS,
    Buffer,
    Submit,
    Submitted,
    Unlink,
    Unlinked,
    WireError,
    decode_command,
    decode_reply,
)

# The capture at the end of Linux Documentation/usb/usbip_protocol.rst: an interrupt IN and an interrupt OUT transfer
# of 64 bytes with a HID device, bus 1, device 15.
CMD_IN = bytes.fromhex(
    "00000001 00000d05 0001000f 00000001 00000001 00000200 00000040 ffffffff 00000000 00000004 00000000 00000000"
)
CMD_OUT = bytes.fromhex(
    "00000001 00000d06 0001000f 00000000 00000001 00000000 00000040 ffffffff 00000000 00000004 00000000 00000000"
    "ffffffff860008a784ce5ae212376300000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
)
RET_OUT = bytes.fromhex(
    "00000003 00000d06 00000000 00000000 00000000 00000000 00000040 ffffffff 00000000 00000000 00000000 00000000"
)
RET_IN = bytes.fromhex(
    "00000003 00000d05 00000000 00000000 00000000 00000000 00000040 ffffffff 00000000 00000000 00000000 00000000"
    "ffffffff860011a784ce5ae2123763612891b1020100000400000000000000000000000000000000000000000000000000000000000000000000000000000000"
)
DEVID = 0x0001000F
COMMANDS = [
    (CMD_IN, Submit(0xD05, DEVID, 0x81, 64, flags=0x200, interval=4, start_frame=0xFFFFFFFF, packets=0)),
    (CMD_OUT, Submit(0xD06, DEVID, 0x01, 64, CMD_OUT[48:], interval=4, start_frame=0xFFFFFFFF, packets=0)),
]
REPLIES = [
    (RET_OUT, Submitted(0xD06, 0, 64, start_frame=0xFFFFFFFF, packets=0)),
    (RET_IN, Submitted(0xD05, 0, 64, RET_IN[48:], start_frame=0xFFFFFFFF, packets=0)),
]

u32 = st.integers(0, 0xFFFFFFFF)
status = st.integers(-0x80000000, 0x7FFFFFFF)
endpoint = st.integers(0, 15) | st.integers(0x80, 0x8F)
payload = st.binary(max_size=200)
not_isochronous = st.sampled_from([0, NOT_ISOCHRONOUS])


@st.composite
def submits(draw: st.DrawFn) -> Submit:
    address, data = draw(endpoint), draw(payload)
    length = draw(st.integers(0, MAX_TRANSFER)) if address & 0x80 else len(data)
    rest = (draw(st.binary(min_size=8, max_size=8)), draw(u32), draw(u32), draw(u32), draw(not_isochronous))
    return Submit(draw(u32), draw(u32), address, length, b"" if address & 0x80 else data, *rest)


@st.composite
def endings(draw: st.DrawFn) -> Submitted:
    data = draw(payload)
    return Submitted(draw(u32), draw(status), len(data), data, draw(u32), draw(not_isochronous), draw(u32))


commands = submits() | st.builds(Unlink, u32, u32, u32)
replies = endings() | st.builds(Unlinked, u32, status)


def room(_: int) -> int:
    return MAX_TRANSFER


@pytest.mark.parametrize(("raw", "command"), COMMANDS)
def test_commands_of_the_kernels_capture(raw: bytes, command: Submit) -> None:
    assert decode_command(raw) == (command, len(raw))
    assert command.encode() == raw


@pytest.mark.parametrize(("raw", "reply"), REPLIES)
def test_replies_of_the_kernels_capture(raw: bytes, reply: Submitted) -> None:
    assert decode_reply(raw, lambda seqnum: 64 if seqnum == 0xD05 else 0) == (reply, len(raw))
    assert reply.encode() == raw


@given(commands)
def test_a_command_survives_the_wire(command: Submit | Unlink) -> None:
    raw = command.encode()
    assert decode_command(raw) == (command, len(raw))


@given(replies)
def test_a_reply_survives_the_wire(reply: Submitted | Unlinked) -> None:
    raw = reply.encode()
    assert decode_reply(raw, room) == (reply, len(raw))


@given(st.lists(commands, max_size=5), st.integers(1, 120))
def test_any_chunking_gives_the_same_messages(sent: list[Submit | Unlink], size: int) -> None:
    raw = b"".join(command.encode() for command in sent)
    buffer, received = Buffer(), []
    for at in range(0, len(raw), size):
        buffer.feed(raw[at : at + size])
        while (command := buffer.take(decode_command)) is not None:
            received.append(command)
    assert received == sent


@given(st.binary(max_size=200))
def test_garbage_is_refused_or_waited_for_but_never_crashes(raw: bytes) -> None:
    for decode in (decode_command, lambda raw: decode_reply(raw, room)):
        try:
            found = decode(raw)
        except WireError:
            continue
        assert found is None or HEADER <= found[1] <= len(raw)


@pytest.mark.parametrize(
    "command",
    [
        Submit(1, DEVID, 0x81, MAX_TRANSFER + 1),
        Submit(1, DEVID, 0x02, MAX_TRANSFER + 1),
        Submit(1, DEVID, 0x81, 64, packets=8),
        Submit(1, DEVID, 0x90, 64),
    ],
)
def test_what_is_too_much_is_refused_from_the_header_alone(command: Submit) -> None:
    with pytest.raises(WireError):
        decode_command(command.encode()[:HEADER])


def test_a_reply_never_overruns_the_buffer_of_its_transfer() -> None:
    with pytest.raises(WireError, match="65 bytes into a buffer of 64"):
        decode_reply(Submitted(7, 0, 65, bytes(65)).encode(), lambda _: 64)


def test_the_end_of_an_out_transfer_carries_no_data() -> None:
    raw = Submitted(7, 0, 64).encode()
    assert decode_reply(raw, lambda _: 0) == (Submitted(7, 0, 64), HEADER)
