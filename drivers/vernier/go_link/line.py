"""Questions and answers over the wire of a Go!Link."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Final, TypeVar

from otolith.drivers.errors import BoardRefused, BoardTimeout, ReportError
from otolith.drivers.vernier.go_link.codec.packet import Answers, Command, Measurement, Part, decode, encode_request
from otolith.drivers.vernier.go_link.codec.records import failure
from otolith.drivers.vernier.plate import SET_REPORT
from otolith.drivers.wire import Wire

OUTPUT: Final = 0x0100
"""wValue of a request. By HID 1.11 that would be an input report; Vernier's clients say so all the same."""
ANSWERS: Final = 1.0
"""Seconds that a device has to answer ..."""
TRIES: Final = 2
"""... and how often it is asked: it ignores what comes while it is still busy."""

T = TypeVar("T")


class Line:
    """One device at the other end of ``wire``."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    async def send(self, command: Command, *params: int) -> None:
        """Say it."""
        await self.wire.control(0x21, SET_REPORT, OUTPUT, 0, encode_request(command, *params))

    async def ask(self, command: Command, *params: int) -> bytes:
        """What the answer holds; raises BoardRefused with the device's reason, BoardTimeout, BoardLost."""
        for _ in range(TRIES):
            await self.send(command, *params)
            answer = await self._answer(command)
            if answer is None:
                continue
            if answer.failed:
                raise BoardRefused(f"the Go!Link refused {command.name}: {failure(answer.data)}")
            return answer.data
        raise BoardTimeout(f"the Go!Link did not answer {command.name} in {ANSWERS:g} s, {TRIES} times")

    async def learn(self, command: Command, decode: Callable[[bytes], T]) -> T:
        """An answer, read; BoardRefused where it cannot be."""
        try:
            return decode(await self.ask(command))
        except ReportError as error:
            raise BoardRefused(f"this is no Go!Link, or its firmware is unknown: {error}") from error

    async def _answer(self, command: Command) -> Part | None:
        answers = Answers()

        def take(raw: bytes, t_host: int) -> Part | None:
            del t_host
            try:
                packet = decode(raw)
                whole = None if isinstance(packet, Measurement) else answers.feed(packet)
            except ReportError:
                return None
            return whole if whole and whole.command == command else None

        try:
            async with asyncio.timeout(ANSWERS), aclosing(self.wire.packets(take)) as news:
                return await anext(news)
        except (TimeoutError, StopAsyncIteration):
            return None
