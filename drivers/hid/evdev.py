"""What an evdev node says: bytes to states of its axes, and the questions it can be asked. No node is opened here.

``struct input_event`` and ioctl numbers: Linux ``input.h``; SYN_DROPPED: ``Documentation/input/event-codes.rst``.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

EVENT: Final = struct.Struct("@llHHi")
"""Seconds, microseconds, type, code, value."""
EV_SYN, EV_KEY, EV_ABS = 0x00, 0x01, 0x03
SYN_REPORT, SYN_DROPPED = 0, 3
ABSOLUTE: Final = struct.Struct("@6i")
"""``struct input_absinfo``: value first, then its range, fuzz, flat, resolution."""
MONOTONIC: Final = 1
"""``CLOCK_MONOTONIC``."""

Ioctl = Callable[[int, int, Any], Any]
"""``fcntl.ioctl`` or a twin of it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What stood at a SYN_REPORT."""

    values: tuple[int, ...]
    """Of the axes, in the order in which they were asked for."""
    pressed: bool
    """The key is down."""
    t: int
    """Nanoseconds, by the clock that the node was set to."""
    moved: bool
    """An axis has a new value; else only the key."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """The kernel threw events away, as nobody read them in time: the axes have to be asked for."""

    t: int


class Decoder:
    """Events in any pieces to moments. The kernel tells an axis only where it changes, so the others are remembered."""

    def __init__(self, axes: Sequence[int], key: int) -> None:
        self._axes = tuple(axes)
        self._key = key
        self._values = dict.fromkeys(self._axes, 0)
        self._pressed = False
        self._moved = False
        self._dropping = False
        self._rest = b""

    @property
    def values(self) -> tuple[int, ...]:
        """The axes as they are now."""
        return tuple(self._values[axis] for axis in self._axes)

    @values.setter
    def values(self, values: Sequence[int]) -> None:
        self._values = dict(zip(self._axes, values, strict=True))

    def feed(self, data: bytes) -> list[Moment | Dropped]:
        """What ``data`` completes; the end of an event that is cut is waited for."""
        data = self._rest + data
        whole = len(data) - len(data) % EVENT.size
        self._rest = data[whole:]
        return [news for event in EVENT.iter_unpack(data[:whole]) for news in self._read(*event)]

    def _read(self, seconds: int, micros: int, kind: int, code: int, value: int) -> Iterator[Moment | Dropped]:
        if (kind, code) == (EV_SYN, SYN_REPORT):
            t = seconds * 1_000_000_000 + micros * 1000
            if self._dropping:
                yield Dropped(t)
            else:
                yield Moment(self.values, self._pressed, t, self._moved)
            self._dropping = self._moved = False
        elif (kind, code) == (EV_SYN, SYN_DROPPED):
            self._dropping, self._pressed = True, False
        elif self._dropping:
            return  # torn from what belonged to it
        elif kind == EV_ABS and code in self._values:
            self._values[code], self._moved = value, True
        elif (kind, code) == (EV_KEY, self._key):
            self._pressed = value != 0


def encode(kind: int, code: int, value: int, t: int = 0) -> bytes:
    """One event as the kernel writes it, at ``t`` ns."""
    return EVENT.pack(t // 1_000_000_000, t % 1_000_000_000 // 1000, kind, code, value)


def ask_axis(axis: int) -> int:
    """EVIOCGABS: what an axis is now."""
    return _number(2, 0x40 + axis, ABSOLUTE.size)


def set_clock() -> int:
    """EVIOCSCLOCKID: the clock of the events' times."""
    return _number(1, 0xA0, struct.calcsize("i"))


def axes_now(fd: int, axes: Sequence[int], ioctl: Ioctl) -> tuple[int, ...]:
    """Ask the kernel for every axis; raises OSError."""
    return tuple(_axis_now(fd, axis, ioctl) for axis in axes)


def use_monotonic(fd: int, ioctl: Ioctl) -> bool:
    """Have the kernel stamp events by ``CLOCK_MONOTONIC``; False where this is no evdev node."""
    try:
        ioctl(fd, set_clock(), struct.pack("i", MONOTONIC))
    except OSError:
        return False
    return True


def _axis_now(fd: int, axis: int, ioctl: Ioctl) -> int:
    room = bytearray(ABSOLUTE.size)
    ioctl(fd, ask_axis(axis), room)
    return int(ABSOLUTE.unpack(room)[0])


def _number(direction: int, code: int, size: int) -> int:
    """``_IOC``, as most architectures have it: 1 writes to the kernel, 2 reads from it."""
    return direction << 30 | size << 16 | ord("E") << 8 | code
