"""A Wii Balance Board from inside: registers, light and mode. Reports in, reports out; no clock, no wire."""

from enum import Enum
from random import Random
from typing import Final

from otolith.drivers.wii.codec import block, reports
from otolith.drivers.wii.codec.block import Block
from otolith.drivers.wii.codec.handshake import BALANCE_BOARD, WHO
from otolith.drivers.wii.codec.reports import Acknowledgement, Memory, Report, Sample, Status

BASE: Final = 0xA40000
UNLOCK: Final = 0xA400F0
PLAIN: Final = 0xA400FB
LOCKED: Final = 7
NOWHERE: Final = 8
REAL: Final = (
    (0x07C3, 0x3CF8, 0x048C, 0x296B),
    (0x0ED2, 0x4384, 0x0B3A, 0x3069),
    (0x15E9, 0x4A10, 0x11EF, 0x376E),
)
"""Counts at 0, 17 and 34 kg of a real board (WiiBrew)."""
HEAD: Final = bytes.fromhex("10690000")
REFERENCE: Final = bytes.fromhex("1A01")
TEMPERATURE: Final = 0x19
BATTERY: Final = 0x9E
FRESH: Final = 0xC6
"""The two batteries that Dolphin's notes show side by side: of a sample, and of a status."""


class Manner(Enum):
    """How a board answers."""

    PROMPT = "prompt"
    LATE = "late"
    """Every answer comes with the answer to the next question."""
    TWICE = "twice"
    DISORDERLY = "disorderly"
    """Answers that belong together come in the wrong order, and an old one after them."""
    DEAF = "deaf"
    """Every second question is not heard."""


def factory_block(serial: int | None = None) -> Block:
    """The block of a real board; with a serial, of one of its sisters, so that every twin has a name of its own."""
    random = Random(serial)  # noqa: S311 - not a secret
    shifts = [0 if serial is None else random.randrange(-500, 500) for _ in range(4)]
    points = tuple(tuple(count + shift for count, shift in zip(row, shifts, strict=True)) for row in REAL)
    return block.sealed(points, HEAD, REFERENCE)


class Body:
    """Answers what a board answers. ``only``: the one data report that a clone knows, whatever it is told."""

    def __init__(self, factory: Block, *, only: int | None = None) -> None:
        self.manner = Manner.PROMPT
        self.battery = FRESH
        """Of a status ..."""
        self.charge = BATTERY
        """... and of a sample."""
        self.temperature: int | None = TEMPERATURE
        self.button = False
        self.leds = 0
        self.mode: int | None = None
        """Data report in use; None where data have stopped."""
        self._only = only
        self._unlocked = False
        self._plain = False
        self._registers = bytearray(0x100)
        self._held: list[bytes] = []
        self._old: list[bytes] = []
        self._heard = 0
        self.engrave(factory)

    def engrave(self, factory: Block) -> None:
        """Give it another calibration; no report can do that."""
        points, reference = factory.encode()
        self._registers[0x20:0x40] = points
        self._registers[0x60:0x62] = reference

    @property
    def streaming(self) -> bool:
        """Whether it sends samples."""
        return self.mode in (reports.SENSORS, reports.EXTENDED)

    def reset(self) -> None:
        """Switched off and on."""
        self.leds = 0
        self.mode = None
        self._unlocked = self._plain = False
        self._held, self._old = [], []

    def sample(self, counts: tuple[int, ...]) -> bytes:
        """A data report in the mode in use."""
        tr, br, tl, bl = counts
        if self.mode == reports.SENSORS:
            return reports.encode(Sample((tr, br, tl, bl), button=self.button))
        return reports.encode(Sample((tr, br, tl, bl), self.temperature, self.charge, self.button))

    def hear(self, report: bytes) -> list[bytes]:
        """What it sends in answer to an output report; nothing to one that it does not know."""
        self._heard += 1
        if self.manner is Manner.DEAF and self._heard % 2:
            return []
        return self._mannered([reports.encode(answer) for answer in self._answers(report)])

    def _answers(self, report: bytes) -> list[Report]:
        match report[0]:
            case 0x11:
                self.leds = report[1] & 0xF0
            case 0x12:
                self._set_mode(report[2])
            case 0x15:
                return [self._status()]
            case 0x16:
                return [self._write(report)]
            case 0x17:
                return self._read(int.from_bytes(report[1:5], "big"), int.from_bytes(report[5:7], "big"))
        return [Acknowledgement(report[0])] if report[1] & reports.ACKNOWLEDGE else []

    def _set_mode(self, number: int) -> None:
        knows = number if self._only in (None, number) or number == reports.BUTTONS else self._only
        self.mode = knows

    def interrupt(self) -> bytes:
        """A status that nobody asked for; data stop with it."""
        return reports.encode(self._status())

    def _status(self) -> Report:
        self.mode = None
        low = self.charge <= self._registers[0x21]
        return Status(self.battery, self.leds, low=low, extension=True, button=self.button)

    def _write(self, report: bytes) -> Report:
        address, data = int.from_bytes(report[2:5], "big"), report[6 : 6 + report[5]]
        if (address, data) == (UNLOCK, b"\x55"):
            self._unlocked = True
        elif (address, data) == (PLAIN, b"\x00"):
            self._plain = self._unlocked
        else:  # a twin's calibration cannot be written over any more than a driver may try to
            return Acknowledgement(0x16, LOCKED)
        return Acknowledgement(0x16)

    def _read(self, address: int, size: int) -> list[Report]:
        space, start = address >> 24, address & 0xFFFFFF
        if not space & reports.REGISTERS or not BASE <= start <= BASE + 0x100 - size or not size:
            return [Memory(address & 0xFFFF, b"", NOWHERE)]
        data = self._seen()[start - BASE : start - BASE + size]
        pieces = range(0, size, reports.CHUNK)
        return [Memory(start + at & 0xFFFF, data[at : at + reports.CHUNK]) for at in pieces]

    def _seen(self) -> bytes:
        """The registers as they can be read now: the extension has to be woken first."""
        if not self._plain:
            return b"\xff" * 0x100
        registers = bytearray(self._registers)
        registers[WHO.start - BASE : WHO.stop - BASE] = bytes.fromhex("0000A420") + BALANCE_BOARD
        return bytes(registers)

    def _mannered(self, answers: list[bytes]) -> list[bytes]:
        match self.manner:
            case Manner.LATE:
                answers, self._held = self._held, answers
            case Manner.TWICE:
                answers = [answer for answer in answers for _ in range(2)]
            case Manner.DISORDERLY if answers:
                answers, self._old = answers[::-1] + self._old, answers
        return answers
