"""Captures of boards that are reached by reports, as over Bluetooth: a way listened to, and a way played back."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from typing import TypeVar

from otolith.drivers.capture.file import IN, OUT, Capture, Transfer
from otolith.drivers.capture.playback import NoOverruns
from otolith.drivers.errors import BoardLost, RecordingError
from otolith.drivers.hid.way import Way
from otolith.drivers.wire import Overruns

T = TypeVar("T")


class ReportSnoop:
    """Passes every report through to ``way`` and from it, and keeps it in ``transfers``."""

    def __init__(self, way: Way) -> None:
        self.transfers: list[Transfer] = []
        self._way = way
        self._began = time.monotonic_ns()

    async def send(self, report: bytes) -> None:
        """See ``Way``."""
        # Kept before it is sent: its answer may be here before the sender goes on.
        self.transfers.append(Transfer(time.monotonic_ns() - self._began, report, endpoint=OUT))
        await self._way.send(report)

    async def reports(
        self, transform: Callable[[bytes, int], T | None], *, silence: float | None = None
    ) -> AsyncGenerator[T, None]:
        """See ``Way``."""

        def listen(report: bytes, t_host: int) -> T | None:
            self.transfers.append(Transfer(t_host - self._began, report, endpoint=IN))
            return transform(report, t_host)

        async with aclosing(self._way.reports(listen, silence=silence)) as news:
            async for item in news:
                yield item

    def statistics(self) -> Overruns:
        """See ``Way``."""
        return self._way.statistics()

    async def aclose(self) -> None:
        """See ``Way``."""
        await self._way.aclose()


class ReportPlayback:
    """A capture of reports as a ``Way``: the driver must say the recorded reports; see ``Playback``.

    Reports in and out keep their order. A stream ends with the capture, or where the recorded driver spoke and this
    one has not.
    """

    def __init__(self, capture: Capture) -> None:
        self._transfers = capture.transfers
        self._at = 0
        self._out = (i for i, transfer in enumerate(capture.transfers) if transfer.endpoint == OUT)
        self._sent = -1
        """The last report that was sent again."""

    async def send(self, report: bytes) -> None:
        """See ``Way``; RecordingError where it is another report than the recorded one, BoardLost after the end."""
        self._sent = next(self._out, len(self._transfers))
        if self._sent == len(self._transfers):
            raise BoardLost("the capture ends here")
        then = self._transfers[self._sent].data
        if then != report:
            raise RecordingError(f"the capture's report {then.hex()} is now {report.hex()}")

    async def reports(
        self, transform: Callable[[bytes, int], T | None], *, silence: float | None = None
    ) -> AsyncGenerator[T, None]:
        """See ``Way``."""
        del silence  # the recorded times tell nothing about now
        try:
            for transfer in self._due():
                item = transform(transfer.data, transfer.t)
                if item is not None:
                    yield item
                await asyncio.sleep(0)
        except GeneratorExit:  # what the recorded driver had heard when it spoke next, this one has heard too
            for transfer in self._due():
                transform(transfer.data, transfer.t)
            raise

    def _due(self) -> Iterator[Transfer]:
        while self._at < len(self._transfers) and (self._transfers[self._at].endpoint == IN or self._at <= self._sent):
            transfer = self._transfers[self._at]
            self._at += 1
            if transfer.endpoint == IN:
                yield transfer

    def statistics(self) -> NoOverruns:
        """See ``Way``."""
        return NoOverruns()

    async def aclose(self) -> None:
        """See ``Way``."""
