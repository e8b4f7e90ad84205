import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from otolith.drivers.usb.descriptors import DescriptorError
from otolith.drivers.usb.gadget import Setup, Stall
from otolith.drivers.usb.loopback import ECHO, SINK, SOURCE, Loopback
from otolith.drivers.usb.usbip import server as server_module
from otolith.drivers.usb.usbip.handshake import (
    ImportReply,
    ImportRequest,
    ListReply,
    ListRequest,
    Record,
    decode_import_reply,
    decode_list_reply,
)
from otolith.drivers.usb.usbip.server import UsbipServer
from otolith.drivers.usb.usbip.session import MAX_PENDING
from otolith.drivers.usb.usbip.wire import (
    MAX_TRANSFER,
    Buffer,
    Status,
    Submit,
    Submitted,
    Unlink,
    Unlinked,
    decode_reply,
)

pytestmark = pytest.mark.usefixtures("no_leaked_tasks", "watchful_loop")
PATIENCE = 10.0


class Host:
    """The other end of the wire, message by message."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer, self._buffer = reader, writer, Buffer()
        self._rooms: dict[int, int] = {}
        self.devid = 0

    async def receive(self, decode: Any) -> Any:
        async with asyncio.timeout(PATIENCE):
            while (message := self._buffer.take(decode)) is None:
                data = await self._reader.read(65536)
                if not data:
                    return None
                self._buffer.feed(data)
        return message

    def send(self, message: Any) -> None:
        self._writer.write(message if isinstance(message, bytes) else message.encode())

    async def devices(self) -> ListReply:
        self.send(ListRequest())
        reply: ListReply = await self.receive(decode_list_reply)
        return reply

    async def take(self, busid: str = "1-1") -> Record | None:
        self.send(ImportRequest(busid))
        reply: ImportReply = await self.receive(decode_import_reply)
        self.devid = reply.record.devid if reply.record else 0
        return reply.record

    def submit(self, seqnum: int, endpoint: int, length: int = 64, data: bytes = b"", **more: Any) -> None:
        self._rooms[seqnum] = length if endpoint & 0x80 else 0
        self.send(Submit(seqnum, self.devid, endpoint, length, data, **more))

    async def reply(self) -> Submitted | Unlinked | None:
        reply: Submitted | Unlinked | None = await self.receive(lambda raw: decode_reply(raw, self._rooms.__getitem__))
        return reply

    async def transfer(self, *args: Any, **more: Any) -> Submitted:
        self.submit(*args, **more)
        reply = await self.reply()
        assert isinstance(reply, Submitted)
        return reply

    async def control(self, setup: str, length: int = 64, data: bytes = b"") -> Submitted:
        raw = bytes.fromhex(setup)
        return await self.transfer(999, raw[0] & 0x80, len(data) or length, data, setup=raw)

    async def hung_up(self) -> bool:
        try:
            return await self.receive(lambda _: None) is None
        except ConnectionError:
            return True

    async def close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            return


class Rig:
    def __init__(self, server: UsbipServer, port: int) -> None:
        self.server, self._port, self._hosts = server, port, list[Host]()

    async def host(self) -> Host:
        self._hosts.append(Host(*await asyncio.open_connection("127.0.0.1", self._port)))
        return self._hosts[-1]

    async def holder(self, busid: str = "1-1") -> Host:
        host = await self.host()
        assert await host.take(busid)
        return host

    async def close(self) -> None:
        for host in self._hosts:
            await host.close()


@pytest.fixture
async def rig(gadget: Loopback) -> AsyncIterator[Rig]:
    server = UsbipServer({"1-1": gadget, "2-1.4": Loopback("0002")})
    async with server.serving() as port:
        rig = Rig(server, port)
        yield rig
        await rig.close()


async def test_the_list_tells_who_is_there(rig: Rig) -> None:
    host = await rig.host()
    first, second = (await host.devices()).devices
    assert (first.record.busid, first.record.vendor, first.record.product) == ("1-1", 0x1209, 0x0001)
    assert (first.record.release, first.record.speed, first.interfaces) == (0x0123, 2, ((0xFF, 0, 0),))
    assert (second.record.busid, second.record.busnum) == ("2-1.4", 2)
    assert await host.hung_up()


async def test_a_board_belongs_to_one_host_at_a_time(rig: Rig, gadget: Loopback, eventually: Any) -> None:
    first, second = await rig.host(), await rig.host()
    assert await first.take()
    assert await second.take() is None
    assert await second.hung_up()
    await first.close()
    await eventually(lambda: not gadget.attached.is_set())
    third = await rig.host()
    assert await third.take()
    assert rig.server.statistics().refused == 1


async def test_an_unknown_port_is_refused(rig: Rig) -> None:
    host = await rig.host()
    assert await host.take("9-9") is None


async def test_packets_come_in_order_to_the_transfers_that_wait(rig: Rig, gadget: Loopback) -> None:
    host = await rig.holder()
    for seqnum in range(1, 21):
        host.submit(seqnum, SOURCE)
    for number in range(20):
        gadget.emit(bytes([number]) * 10)
    replies = [await host.reply() for _ in range(20)]
    assert replies == [Submitted(number + 1, 0, 10, bytes([number]) * 10) for number in range(20)]


async def test_a_transfer_ends_with_a_short_packet(rig: Rig, gadget: Loopback) -> None:
    host = await rig.holder()
    for packet in (b"a" * 64, b"b" * 64, b"c" * 3, b"d" * 64, b""):
        gadget.emit(packet)
    assert (await host.transfer(1, SOURCE, 4096)).data == b"a" * 64 + b"b" * 64 + b"c" * 3
    assert (await host.transfer(2, SOURCE, 4096)).data == b"d" * 64


async def test_a_transfer_ends_when_its_buffer_is_full(rig: Rig, gadget: Loopback) -> None:
    host = await rig.holder()
    for packet in (b"a" * 64, b"b" * 64, b"c" * 64):
        gadget.emit(packet)
    assert (await host.transfer(1, SOURCE, 128)).data == b"a" * 64 + b"b" * 64


async def test_a_packet_too_long_for_its_buffer_is_an_overrun(rig: Rig, gadget: Loopback) -> None:
    host = await rig.holder()
    gadget.emit(b"a" * 64)
    assert await host.transfer(1, SOURCE, 10) == Submitted(1, Status.OVERFLOW, 10, b"a" * 10)


async def test_what_goes_out_comes_back_packet_by_packet(rig: Rig) -> None:
    host = await rig.holder()
    assert await host.transfer(1, SINK, 150, bytes(range(150))) == Submitted(1, 0, 150)
    assert (await host.transfer(2, ECHO, 4096)).data == bytes(range(150))


async def test_an_empty_packet_ends_whole_packets_where_asked_for(rig: Rig) -> None:
    host = await rig.holder()
    await host.transfer(1, SINK, 64, bytes(64), flags=0x40)
    assert (await host.transfer(2, ECHO, 4096)).data == bytes(64)


async def test_unlinking_a_waiting_transfer_loses_nothing(rig: Rig, gadget: Loopback) -> None:
    host = await rig.holder()
    host.submit(1, SOURCE)
    host.send(Unlink(2, host.devid, 1))
    assert await host.reply() == Unlinked(2, Status.UNLINKED)
    gadget.emit(b"late")
    assert (await host.transfer(3, SOURCE)).data == b"late"


async def test_unlinking_what_has_ended_says_so(rig: Rig, gadget: Loopback) -> None:
    host = await rig.holder()
    gadget.emit(b"x")
    await host.transfer(1, SOURCE)
    host.send(Unlink(2, host.devid, 1))
    assert await host.reply() == Unlinked(2, Status.OK)


async def test_unlinking_in_the_middle_returns_what_has_come(rig: Rig, gadget: Loopback) -> None:
    host = await rig.holder()
    host.submit(1, SOURCE, 4096)
    gadget.emit(b"a" * 64)
    await host.control("80 06 00 01 00 00 12 00")  # by its answer, the first packet has been taken
    host.send(Unlink(2, host.devid, 1))
    assert await host.reply() == Submitted(1, Status.OK, 64, b"a" * 64)
    assert await host.reply() == Unlinked(2, Status.OK)


async def test_racing_unlinks_lose_no_packet_and_repeat_none(rig: Rig, gadget: Loopback) -> None:
    host = await rig.holder()
    chance, received, sent = random.Random(1), list[bytes](), 0
    for seqnum in range(1, 801, 2):
        host.submit(seqnum, SOURCE)
        if chance.random() < 0.7:
            gadget.emit(sent.to_bytes(2, "big"))
            sent += 1
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)
        host.send(Unlink(seqnum + 1, host.devid, seqnum))
        reply = await host.reply()
        if isinstance(reply, Submitted):
            received.append(reply.data)
            assert await host.reply() == Unlinked(seqnum + 1, Status.OK)
        else:
            assert reply == Unlinked(seqnum + 1, Status.UNLINKED)
    while len(received) < sent:
        received.append((await host.transfer(1000 + len(received), SOURCE)).data)
    assert received == [number.to_bytes(2, "big") for number in range(sent)]


async def test_a_stall_halts_the_endpoint_until_it_is_cleared(rig: Rig, gadget: Loopback) -> None:
    host = await rig.holder()
    gadget.stall()
    gadget.emit(b"after")
    assert (await host.transfer(1, SOURCE)).status == Status.STALL
    assert (await host.transfer(2, SOURCE)).status == Status.STALL
    assert (await host.control("82 00 00 00 81 00 02 00")).data == b"\1\0"
    assert (await host.control("02 01 00 00 81 00 00 00", 0)).status == 0
    assert (await host.transfer(3, SOURCE)).data == b"after"
    assert (await host.control("82 00 00 00 81 00 02 00")).data == b"\0\0"


async def test_a_refused_control_request_halts_nothing(rig: Rig) -> None:
    host = await rig.holder()
    assert (await host.control("C1 77 00 00 00 00 40 00")).status == Status.STALL
    assert (await host.control("C1 01 00 00 00 00 40 00")).status == 0


@pytest.mark.parametrize(
    ("setup", "answer"),
    [
        ("80 06 00 01 00 00 08 00", "12 01 00 02 FF 00 00 40"),
        ("80 06 00 02 00 00 09 00", "09 02 30 00 01 01 00 80 32"),
        ("80 06 00 03 00 00 FF 00", "04 03 09 04"),
        ("80 06 03 03 09 04 FF 00", "0A 03 30 00 30 00 30 00 31 00"),
        ("80 00 00 00 00 00 02 00", "00 00"),
        ("81 00 00 00 00 00 02 00", "00 00"),
        ("80 08 00 00 00 00 01 00", "01"),
        ("81 0A 00 00 00 00 01 00", "00"),
    ],
)
async def test_standard_requests_are_answered_from_the_descriptors(rig: Rig, setup: str, answer: str) -> None:
    host = await rig.holder()
    assert (await host.control(setup, 255)).data == bytes.fromhex(answer)


@pytest.mark.parametrize(
    "setup",
    [
        "80 06 07 03 09 04 FF 00",  # string 7
        "80 06 01 02 00 00 09 00",  # second configuration
        "80 06 00 0F 00 00 05 00",  # BOS: the gadget's matter, and it has none
        "00 09 02 00 00 00 00 00",  # configuration 2
        "01 0B 02 00 00 00 00 00",  # alternate setting 2
        "02 03 00 00 83 00 00 00",  # halt of no endpoint
    ],
)
async def test_what_the_descriptors_do_not_have_stalls(rig: Rig, setup: str) -> None:
    host = await rig.holder()
    assert (await host.control(setup, 0 if setup[0] == "0" else 255)).status == Status.STALL


async def test_endpoints_follow_configuration_and_alternate_setting(rig: Rig, gadget: Loopback) -> None:
    host = await rig.holder()
    assert (await host.control("01 0B 01 00 00 00 00 00", 0)).status == 0
    assert (await host.transfer(1, SOURCE)).status == Status.STALL
    assert (await host.control("01 0B 00 00 00 00 00 00", 0)).status == 0
    assert (await host.control("00 09 00 00 00 00 00 00", 0)).status == 0
    assert (await host.transfer(2, SOURCE)).status == Status.STALL
    assert (await host.control("00 09 01 00 00 00 00 00", 0)).status == 0
    gadget.emit(b"back")
    assert (await host.transfer(3, SOURCE)).data == b"back"


async def test_a_reset_starts_the_gadget_afresh(rig: Rig, gadget: Loopback) -> None:
    host = await rig.holder()
    gadget.emit(b"before")
    await host.control("02 03 00 00 81 00 00 00", 0)
    assert (await host.control("23 03 04 00 00 00 00 00", 0)).status == 0
    gadget.emit(b"afterwards")
    assert (await host.transfer(1, SOURCE)).data == b"afterwards"


async def test_unplugging_breaks_the_link_and_frees_the_port(rig: Rig, gadget: Loopback) -> None:
    host = await rig.holder()
    host.submit(1, SOURCE)
    await rig.server.unplug("1-1")
    assert await host.hung_up()
    assert not gadget.attached.is_set()
    rig.server.plug("1-1", gadget)
    again = await rig.holder()
    assert again.devid != host.devid


async def test_a_port_takes_one_gadget(rig: Rig) -> None:
    with pytest.raises(ValueError, match="1-1 is taken"):
        rig.server.plug("1-1", Loopback())
    with pytest.raises(KeyError):
        await rig.server.unplug("3-3")


async def test_a_gadget_without_readable_descriptors_is_refused() -> None:
    broken = Loopback()
    broken.device_descriptor = b"\x12\x01"
    with pytest.raises(DescriptorError, match="12 01"):
        UsbipServer({"1-1": broken})


def _malformed(seed: int) -> bytes:
    return random.Random(seed).randbytes(500)


@pytest.mark.parametrize("raw", [b"GET / HTTP/1.1\r\n\r\n", bytes(48), *map(_malformed, range(20))])
async def test_garbage_costs_its_own_link_only(rig: Rig, raw: bytes) -> None:
    holder, stranger, vandal = await rig.holder(), await rig.host(), await rig.holder("2-1.4")
    stranger.send(raw)
    vandal.send(b"\xff" * 48 + raw)
    assert await stranger.hung_up()
    assert await vandal.hung_up()
    assert rig.server.statistics().malformed == 2
    assert (await holder.control("80 08 00 00 00 00 01 00")).data == b"\1"


@pytest.mark.parametrize(
    "command",
    [
        Submit(1, 0x00010002, SOURCE, MAX_TRANSFER + 1),
        Submit(1, 0x00010002, SINK, 0xFFFFFFFF),
        Submit(1, 0x00010002, SOURCE, 64, packets=3),
        Submit(1, 0x00770077, SOURCE, 64),
    ],
)
async def test_breaking_the_rules_costs_the_link(rig: Rig, command: Submit) -> None:
    host = await rig.holder()
    host.send(command)
    assert await host.hung_up()
    assert rig.server.statistics().malformed == 1


async def test_transfers_in_flight_are_bounded_and_named_once(rig: Rig) -> None:
    host, twice = await rig.holder(), await rig.holder("2-1.4")
    for seqnum in range(MAX_PENDING + 1):
        host.submit(seqnum, SOURCE)
    twice.submit(7, SOURCE)
    twice.submit(7, SOURCE)
    assert await host.hung_up()
    assert await twice.hung_up()


async def test_a_torn_message_is_waited_for(rig: Rig) -> None:
    host = await rig.holder()
    raw = Submit(1, host.devid, 0x80, 1, setup=bytes.fromhex("80 08 00 00 00 00 01 00")).encode()
    host.submit(2, SOURCE)
    for byte in raw:
        host.send(bytes([byte]))
        await asyncio.sleep(0)
    host._rooms[1] = 1
    assert await host.reply() == Submitted(1, 0, 1, b"\1")


async def test_callers_are_bounded_in_number_and_in_time(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "MAX_CONNECTIONS", 1)
    monkeypatch.setattr(server_module, "HANDSHAKE", 0.05)
    silent, crowded = await rig.host(), await rig.host()
    assert await crowded.hung_up()
    assert await silent.hung_up()
    assert rig.server.statistics().crowded_out == 1


class _Broken(Loopback):
    async def control(self, setup: Setup, data: bytes) -> bytes:
        raise ZeroDivisionError(setup, data)

    async def write(self, endpoint: int, data: bytes) -> int:
        if (endpoint, data) == (SINK, b"refuse"):
            raise Stall
        return 3


async def test_a_gadget_that_fails_fails_its_transfer_alone() -> None:
    failures: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    server = UsbipServer({"1-1": _Broken()})
    async with server.serving() as port:
        rig = Rig(server, port)
        host = await rig.holder()
        assert (await host.control("C1 01 00 00 00 00 40 00")).status == Status.PROTOCOL
        assert await host.transfer(1, SINK, 5, b"12345") == Submitted(1, 0, 3)
        assert (await host.transfer(2, SINK, 6, b"refuse")).status == Status.STALL
        assert (await host.transfer(3, SINK, 1, b"1")).status == Status.STALL
        await rig.close()
    assert [type(failure["exception"]) for failure in failures] == [ZeroDivisionError]


class _DeadOnArrival(Loopback):
    async def attach(self) -> None:
        raise ZeroDivisionError


async def test_a_gadget_that_cannot_start_costs_the_import_alone() -> None:
    failures: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    server = UsbipServer({"1-1": _DeadOnArrival(), "1-2": Loopback()})
    async with server.serving() as port:
        rig = Rig(server, port)
        host = await rig.host()
        host.send(ImportRequest("1-1"))
        assert await host.hung_up()
        await rig.holder("1-2")
        await rig.close()
    assert len(failures) == 1


async def test_closing_the_server_drops_everybody(gadget: Loopback) -> None:
    server = UsbipServer({"1-1": gadget})
    async with server.serving() as port:
        rig = Rig(server, port)
        holder, idle = await rig.holder(), await rig.host()
        holder.submit(1, SOURCE)
        await holder.control("80 08 00 00 00 00 01 00")
    assert await holder.hung_up()
    assert await idle.hung_up()
    assert not gadget.attached.is_set()
    await rig.close()
