"""Questions and answers over the wire of a Go Direct device."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Final, TypeVar

from otolith.drivers.errors import BoardRefused, BoardTimeout, ReportError
from otolith.drivers.vernier.go_direct.codec.commands import HELLO, Command
from otolith.drivers.vernier.go_direct.codec.packet import MEASUREMENT, REQUEST, Assembler, Packet, encode, reports
from otolith.drivers.vernier.plate import SET_REPORT
from otolith.drivers.wire import Wire

OUTPUT: Final = 0x0200
"""wValue: output report, not numbered (HID 1.11, 7.2.2)."""
ANSWERS: Final = 1.0
"""Seconds that a device has to answer ..."""
TRIES: Final = 2
"""... and how often it is asked."""

T = TypeVar("T")


class Line:
    """One device at the other end of ``wire``."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.assembler = Assembler()
        self._counter = 0xFF

    async def send(self, command: Command, body: bytes = b"") -> int:
        """Say it; returns the counter that the answer will bear."""
        self._counter = 0xFE if command is Command.INIT else (self._counter - 1) % 256
        for report in reports(encode(Packet(REQUEST, self._counter, command, body))):
            await self.wire.control(0x21, SET_REPORT, OUTPUT, 0, report)
        return self._counter

    async def ask(self, command: Command, body: bytes = b"") -> bytes:
        """The record that answers; raises BoardTimeout, BoardLost. Whatever else comes meanwhile is nobody's."""
        for _ in range(TRIES):
            counter = await self.send(command, body)
            answer = await self._answer(command, counter)
            if answer is not None:
                return answer
        raise BoardTimeout(f"the device did not answer {command.name} in {ANSWERS:g} s, {TRIES} times")

    async def learn(self, command: Command, decode: Callable[[bytes], T], body: bytes = b"") -> T:
        """An answer, read; BoardRefused where it cannot be."""
        try:
            return decode(await self.ask(command, body))
        except ReportError as error:
            raise BoardRefused(f"this is no Go Direct device, or its firmware is unknown: {error}") from error

    async def greet(self) -> None:
        """INIT: the device forgets what an earlier host wanted."""
        await self.ask(Command.INIT, HELLO)

    async def _answer(self, command: Command, counter: int) -> bytes | None:
        def take(report: bytes, t_host: int) -> bytes | None:
            del t_host
            try:
                packet = self.assembler.feed(report)
            except ReportError:
                return None
            if packet is None or packet.kind == MEASUREMENT or packet.command != command:
                return None
            return packet.body[1:] if packet.body[:1] == bytes([counter]) else None

        try:
            async with asyncio.timeout(ANSWERS), aclosing(self.wire.packets(take)) as answers:
                return await anext(answers)
        except (TimeoutError, StopAsyncIteration):
            return None
