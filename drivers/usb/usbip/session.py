"""One host holding one gadget: its transfers, in order on each endpoint, until the link ends."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from struct import Struct

from otolith.drivers.usb.gadget import Setup, Stall
from otolith.drivers.usb.usbip.chapter9 import Chapter9
from otolith.drivers.usb.usbip.wire import Status, Submit, Submitted, Unlink, Unlinked, WireError

MAX_PENDING = 256  # transfers in flight on one link; a host keeps a few per endpoint, and there are 31 endpoints
_SETUP = Struct("<BBHHH")
_IN = 0x80
_ZERO_PACKET = 0x40  # URB_ZERO_PACKET: an empty packet ends an OUT transfer of whole packets


@dataclass(slots=True, eq=False)
class _Transfer:
    command: Submit
    moved: bytearray = field(default_factory=bytearray)
    """What has crossed so far: a cancelled transfer that moved something has happened, and is reported as such."""
    unlinkers: list[int] = field(default_factory=list)
    task: asyncio.Task[Status] | None = None


class Session:
    """Runs transfers against a gadget and hands replies to ``send``; every method belongs to the event loop."""

    def __init__(self, device: Chapter9, devid: int, send: Callable[[bytes], None]) -> None:
        self._device = device
        self._devid = devid
        self._send = send
        self._pending: dict[int, _Transfer] = {}
        self._order: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._closed = False

    def handle(self, command: Submit | Unlink) -> None:
        """Start or cancel a transfer. Raises WireError when the host breaks the rules."""
        if command.devid != self._devid:
            raise WireError(f"device {command.devid:#x} named on the link of {self._devid:#x}")
        if isinstance(command, Submit):
            self._submit(command)
        else:
            self._unlink(command)

    async def aclose(self) -> None:
        """Cancel every transfer, without replies."""
        self._closed = True
        tasks = [transfer.task for transfer in self._pending.values() if transfer.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _submit(self, command: Submit) -> None:
        if command.seqnum in self._pending or len(self._pending) >= MAX_PENDING:
            raise WireError(f"transfer {command.seqnum} is pending already, or {MAX_PENDING} are")
        transfer = _Transfer(command)
        self._pending[command.seqnum] = transfer
        name = f"usbip transfer {command.seqnum} on {command.endpoint:#04x}"
        transfer.task = asyncio.create_task(self._run(transfer), name=name)
        transfer.task.add_done_callback(lambda task: self._ended(transfer, task))

    def _unlink(self, command: Unlink) -> None:
        transfer = self._pending.get(command.victim)
        if transfer is None or transfer.task is None:
            self._send(Unlinked(command.seqnum, Status.OK).encode())
            return
        transfer.unlinkers.append(command.seqnum)
        transfer.task.cancel()

    async def _run(self, transfer: _Transfer) -> Status:
        command = transfer.command
        address = command.endpoint
        number = address & ~_IN
        async with self._order[address if number else 0]:
            try:
                if number == 0:
                    return await self._control(transfer)
                return await (self._read(transfer) if address & _IN else self._write(transfer))
            except Stall:
                if number:
                    self._device.halted.add(address)
                return Status.STALL

    async def _control(self, transfer: _Transfer) -> Status:
        setup = Setup(*_SETUP.unpack(transfer.command.setup))
        answer = await self._device.control(setup, transfer.command.data)
        if transfer.command.endpoint & _IN:
            transfer.moved += answer[: transfer.command.length]
        else:
            transfer.moved += transfer.command.data
        return Status.OK

    def _packet_size(self, address: int) -> int:
        endpoint = self._device.endpoint(address)
        if endpoint is None or address in self._device.halted:
            raise Stall
        return max(1, endpoint.wMaxPacketSize & 0x7FF)  # bits 12..11 are of high-bandwidth endpoints

    async def _read(self, transfer: _Transfer) -> Status:
        command, moved = transfer.command, transfer.moved
        size = self._packet_size(command.endpoint)
        while True:
            packet = await self._device.gadget.read(command.endpoint, command.length - len(moved))
            moved += packet
            if len(moved) > command.length:
                del moved[command.length :]
                return Status.OVERFLOW
            if len(moved) == command.length or not packet or len(packet) % size:
                return Status.OK

    async def _write(self, transfer: _Transfer) -> Status:
        command, moved = transfer.command, transfer.moved
        size = self._packet_size(command.endpoint)
        ends = range(0, command.length + bool(command.flags & _ZERO_PACKET), size) or range(1)
        for at in ends:
            packet = command.data[at : at + size]
            taken = await self._device.gadget.write(command.endpoint, packet)
            moved += packet[:taken]
            if taken < len(packet):
                break
        return Status.OK

    def _ended(self, transfer: _Transfer, task: asyncio.Task[Status]) -> None:
        del self._pending[transfer.command.seqnum]
        if self._closed:
            return
        if task.cancelled() and not transfer.moved:
            self._answer_unlinkers(transfer, Status.UNLINKED)
            return
        status = Status.OK if task.cancelled() else self._outcome(task)
        self._send(self._reply(transfer, status))
        self._answer_unlinkers(transfer, Status.OK)

    def _reply(self, transfer: _Transfer, status: Status) -> bytes:
        command, moved = transfer.command, bytes(transfer.moved)
        data = moved if command.endpoint & _IN else b""
        return Submitted(command.seqnum, status, len(moved), data, command.start_frame, command.packets).encode()

    def _answer_unlinkers(self, transfer: _Transfer, status: Status) -> None:
        for seqnum in transfer.unlinkers:
            self._send(Unlinked(seqnum, status).encode())

    @staticmethod
    def _outcome(task: asyncio.Task[Status]) -> Status:
        error = task.exception()
        if error is None:
            return task.result()
        context = {"message": "a gadget failed", "exception": error, "task": task}
        asyncio.get_running_loop().call_exception_handler(context)
        return Status.PROTOCOL
