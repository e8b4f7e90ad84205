"""A Wii Balance Board as the kernel's own driver (hid-wiimote) shows it: calibrated already, by an evdev node."""

import asyncio
import fcntl
import os
import select
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Final, TypeVar

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.batching import Batcher
from otolith.drivers.board import TWIN, BoardInfo, StreamStatistics
from otolith.drivers.calibration import Linear
from otolith.drivers.counters import Counters
from otolith.drivers.errors import BoardNotFound, BoardRefused, BoardTimeout
from otolith.drivers.hid.channel import Channel
from otolith.drivers.hid.evdev import Decoder, Dropped, Ioctl, Moment, axes_now, use_monotonic
from otolith.drivers.hid.inputs import DEV, SYSFS, Input, inputs
from otolith.drivers.hid.nodes import forbidden
from otolith.drivers.monikers import Wii, form
from otolith.drivers.reading import OneReader
from otolith.drivers.wii.board import BLINK, BLINKS, FAMILY
from otolith.drivers.wii.codec.block import GRAVITY
from otolith.drivers.wii.geometry import SPAN, wii_cells
from otolith.drivers.wii.intake import PERIOD
from otolith.drivers.wii.kernel import Kernel
from otolith.drivers.wii.pairing import PAIRING
from otolith.drivers.wii.vitals import SETTLED

NODE: Final = "Nintendo Wii Remote Balance Board"
"""What the kernel calls it."""
AXES: Final = (0x10, 0x11, 0x12, 0x13)
"""ABS_HAT0X, HAT0Y, HAT1X, HAT1Y: the cells TR, BR, TL, BL."""
BUTTON: Final = 0x130
"""BTN_A."""
UNIT: Final = 0.01
"""kg."""
FULL: Final = 65535
"""End of the axes."""
HOLD: Final = 0.1
"""Seconds without an event after which the axes are asked for: the kernel tells changes alone."""

T = TypeVar("T")


class EvdevBoard(OneReader):
    """An open node; see ``Board`` for the contract. ``counts`` are hundredths of a kilogram on TR, BR, TL, BL.

    The kernel cuts negative loads off, smooths changes below 0.04 kg (fuzz 2) and does not repeat what has not
    changed. So lost samples cannot be known, and whether a value is fresh neither; what it was last is told ten times
    a second. Not for measuring: for that there are the other ways.
    """

    def __init__(self, channel: Channel, fd: int, info: BoardInfo, kernel: Kernel | None, ioctl: Ioctl) -> None:
        super().__init__(info)
        self._channel = channel
        self._fd = fd
        self._kernel = kernel
        self._ioctl = ioctl
        self._counters = Counters()
        self._decoder = Decoder(AXES, BUTTON)
        self._batcher = Batcher(1)
        self._pressed = False
        self._latest = 0
        self._settled = time.monotonic_ns() + SETTLED
        self._stamped = use_monotonic(fd, ioctl)
        self._decoder.values = self._now()

    def statistics(self) -> StreamStatistics:
        """Read the counters; ``missed`` counts the times that the kernel threw samples away, at least one each."""
        now, overruns = self._counters, self._channel.statistics().overruns
        return StreamStatistics(now.reports, now.samples, now.missed, 0, overruns, now.presses)

    async def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        """Every batch through ``transform``, which runs where the events arrive."""
        self._claim()
        try:
            self._batcher = Batcher(1)
            if not self._late():
                self._decoder.values = self._now()
            while True:
                try:
                    async with aclosing(self._events(transform)) as news:
                        async for item in news:
                            yield item
                except BoardTimeout:
                    if self._late():
                        continue
                    self._decoder.values = self._now()
                    for batch in self._sample(self._decoder.values, time.monotonic_ns()):
                        yield transform(batch)
                else:
                    return
        finally:
            self._streaming = False

    async def identify(self) -> None:
        """Blink with the light of the front button; BoardRefused where the kernel does not let us."""
        if self._kernel is None:
            raise BoardRefused(f"{self.info.moniker} has no light that the kernel knows of")
        for _ in range(BLINKS):
            for on in (False, True):
                await asyncio.to_thread(self._kernel.light, on=on)
                await asyncio.sleep(BLINK)

    async def aclose(self) -> None:
        """Let go; the system's Bluetooth still holds the board. Safe to call twice."""
        await self._channel.aclose()

    async def _events(self, transform: Callable[[Batch], T]) -> AsyncGenerator[T, None]:
        def take(data: bytes, t_host: int) -> list[T] | None:
            return [transform(batch) for batch in self._batches(data, t_host)] or None

        async with aclosing(self._channel.reports(take, silence=HOLD)) as news:
            async for items in news:
                for item in items:
                    yield item

    def _batches(self, data: bytes, t_host: int) -> list[Batch]:
        batches: list[Batch] = []
        for news in self._decoder.feed(data):
            self._counters.reports += 1
            t = news.t if self._stamped else t_host
            match news:
                case Dropped():
                    self._decoder.values = self._now()
                    self._counters.missed += 1
                    batches += self._sample(self._decoder.values, t, missed=1)
                case Moment(values, pressed, _, moved):
                    self._press(t, pressed=pressed)
                    batches += self._sample(values, t) if moved else []
        return batches

    def _sample(self, values: tuple[int, ...], t: int, missed: int = 0) -> list[Batch]:
        self._counters.samples += 1
        full = any(value >= FULL for value in values)
        self._latest = max(t, self._latest)  # events may be older than an answer that was asked for while they waited
        return self._batcher.add(values, self._latest, Flag.SATURATED * full, missed)

    def _press(self, t: int, *, pressed: bool) -> None:
        self._counters.presses += pressed and not self._pressed and t >= self._settled
        self._pressed = pressed

    def _late(self) -> bool:
        """Whether events wait: what the kernel would answer now is newer than they, and must not be mixed with them."""
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        return bool(poll.poll(0))

    def _now(self) -> tuple[int, ...]:
        """The axes; what was heard last where the kernel does not answer: the next read says why."""
        try:
            return axes_now(self._fd, AXES, self._ioctl)
        except OSError:
            return self._decoder.values


async def open_evdev(moniker: Wii, *, sysfs: Path = SYSFS, dev: Path = DEV, ioctl: Ioctl = fcntl.ioctl) -> EvdevBoard:
    """Open the node; raises BoardForbidden, BoardNotFound."""
    node, path = await asyncio.to_thread(_found, moniker.node, sysfs, dev)
    kernel = Kernel(node.folder) if node else None
    battery = await asyncio.to_thread(kernel.battery) if kernel else None
    serial = await asyncio.to_thread(_serial, node, kernel, path)
    fd = await asyncio.to_thread(_opened, path)
    info = BoardInfo(
        moniker=form(moniker),
        family=FAMILY,
        model="Wii Balance Board (kernel driver)",
        serial=serial,
        firmware="",
        unit="0.01 kg",
        rate=1.0 / PERIOD,
        cells=wii_cells(moniker.cells or SPAN, moniker.turn),
        calibration=Linear((UNIT * GRAVITY * moniker.gravity,) * 4, (0.0,) * 4, "factory"),
        simulated=TWIN in (node.device if node else path),
        battery=battery,
        irregular=True,
    )
    return EvdevBoard(Channel(fd, path), fd, info, kernel, ioctl)


def _found(subject: str, sysfs: Path, dev: Path) -> tuple[Input | None, str]:
    """The node by path or address; one that sysfs does not know is taken by its path all the same."""
    found = inputs(NODE, sysfs, dev)
    for node in found:
        if subject in (node.path, node.address):
            return node, node.path
    if subject.startswith("/"):
        return None, subject
    listed = ", ".join(node.address or node.path for node in found) or "none"
    raise BoardNotFound(
        f"the kernel's driver shows no Wii Balance Board {subject}; it shows: {listed}. It is the module hid-wiimote "
        f"('modprobe hid-wiimote'); {PAIRING}"
    )


def _serial(node: Input | None, kernel: Kernel | None, path: str) -> str:
    """The address, since the kernel does not tell what the checksum of the calibration is made of."""
    if node and node.address:
        return node.address.replace(":", "")
    return (kernel and kernel.fingerprint()) or Path(path).name


def _opened(path: str) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except PermissionError as error:
        raise forbidden(path) from error
    except OSError as error:
        raise BoardNotFound(f"{path} cannot be opened ({error.strerror}); {PAIRING}") from error
