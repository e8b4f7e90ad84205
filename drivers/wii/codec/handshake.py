"""How a board is woken and asked who it is: a table of questions, and a memory in which answers find their place.

Answers may come late, twice or in any order: registers are taken by their address whenever they come, and a question
counts as answered once all of its bytes are there. What stays unanswered is asked again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from otolith.drivers.errors import BoardRefused, BoardTimeout
from otolith.drivers.wii.codec import block, reports
from otolith.drivers.wii.codec.reports import Acknowledgement, Memory, Report, Status

TRIES: Final = 10
"""Of each question (wiiuse)."""
ROUNDS: Final = 4
"""Of going back to an earlier question because of an answer that was wrong."""
WAIT: Final = 0.5
"""Seconds to an answer (wiiuse)."""
WHO: Final = range(0xA400FA, 0xA40100)
BALANCE_BOARD: Final = bytes.fromhex("0402")
"""The last two bytes of a board's identity; the first four vary (hid-wiimote checks only these)."""
CALIBRATION: Final = range(block.ADDRESS, block.ADDRESS + block.SIZE)
REFERENCE: Final = range(block.REFERENCE, block.REFERENCE + 2)
WRITE: Final = 0x16
_LOW: Final = 0xFFFF
"""Answers carry the low half of an address."""


@dataclass(frozen=True, slots=True)
class Step:
    """One question."""

    what: str
    """For whoever reads that it was never answered."""
    question: bytes
    registers: range = range(0)
    """Bytes that answer it, where it is a read."""


STATUS: Final = Step("its state", reports.ask_status())
UNLOCK: Final = Step("to be unlocked", reports.write(reports.WAKING[0], b"\x55"))
PLAIN: Final = Step("to speak plainly", reports.write(reports.WAKING[1], b"\x00"))
IDENTITY: Final = Step("what it is", reports.read(WHO.start, len(WHO)), WHO)
COUNTS: Final = Step("its calibration", reports.read(CALIBRATION.start, len(CALIBRATION)), CALIBRATION)
TAIL: Final = Step("the temperature of its calibration", reports.read(REFERENCE.start, len(REFERENCE)), REFERENCE)
STEPS: Final = (STATUS, UNLOCK, PLAIN, IDENTITY, COUNTS, TAIL)


class Handshake:
    """Feed it reports and the passing of time; it says what to send. No clock, no wire.

    ``steps`` may be fewer than all. ``trusting``: a calibration block with a wrong checksum is taken all the same.
    Raises BoardRefused where the other end is no balance board, or its calibration is broken; BoardTimeout where it
    does not answer.
    """

    def __init__(self, steps: Sequence[Step] = STEPS, *, trusting: bool = False) -> None:
        self.status: Status | None = None
        """The newest."""
        self.block: block.Block | None = None
        """The calibration, once all is done."""
        self._steps = steps
        self._trusting = trusting
        self._memory: dict[int, int] = {}
        self._at = 0
        self._asked = 1
        self._rounds = 1
        self._refused = ""

    @property
    def done(self) -> bool:
        """Whether nothing is left to ask."""
        return self._at == len(self._steps)

    def begin(self) -> list[bytes]:
        """The first question."""
        return [self._steps[self._at].question]

    def take(self, report: Report) -> list[bytes]:
        """What to send after this report: mostly nothing."""
        if isinstance(report, Status):
            self.status = report
        if isinstance(report, Memory):
            self._keep(report)
        before = self._at
        while not self.done and self._answered(self._steps[self._at], report):
            if not self._good(self._steps[self._at]):
                return []
            self._at += 1
            report = _NOTHING  # one acknowledgement answers one write
        if self._at == before or self.done:
            return []
        self._asked = 1
        return [self._steps[self._at].question]

    def expired(self) -> list[bytes]:
        """What to send when no answer came for ``WAIT``."""
        if self.done:
            return []
        if self._refused and self._steps[self._at].registers:
            self._again(self._steps.index(UNLOCK), (), f"the board does not let itself be read: {self._refused}")
        if self._asked >= TRIES:
            raise BoardTimeout(
                f"the board did not answer when it was asked {self._steps[self._at].what}, {TRIES} times in "
                f"{TRIES * WAIT:g} s; take its batteries out, put them in, and connect it again"
            )
        self._asked += 1
        return [self._steps[self._at].question]

    def _keep(self, report: Memory) -> None:
        for offset, byte in enumerate(report.data):
            self._memory[report.address + offset & _LOW] = byte
        if report.error:
            self._refused = f"it says error {report.error} of address {report.address:04x}"

    def _answered(self, step: Step, report: Report) -> bool:
        if step.registers:
            return all(address & _LOW in self._memory for address in step.registers)
        if step is STATUS:
            return isinstance(report, Status)
        return isinstance(report, Acknowledgement) and report.report == WRITE and report.error == 0

    def _good(self, step: Step) -> bool:
        """Judge an answer; one that is not good is asked for again when ``WAIT`` is over."""
        if step is IDENTITY and self._bytes(WHO)[-2:] != BALANCE_BOARD:
            said = self._bytes(WHO).hex(" ")
            return self._again(
                self._steps.index(UNLOCK),
                (WHO,),
                f"this is no balance board: its extension says {said}, not 00 00 a4 20 04 02",
            )
        if step is not TAIL:
            return True
        found = block.decode(self._bytes(CALIBRATION), self._bytes(REFERENCE))
        if not found.whole and not self._trusting:
            reason = (
                f"the checksum of the board's calibration is wrong: it says {found.checksum:08x}, its numbers make "
                f"{found.computed:08x}. Its loads cannot be trusted; to use it all the same add crc=ignore to its name"
            )
            return self._again(self._steps.index(COUNTS), (CALIBRATION, REFERENCE), reason)
        self.block = found
        return True

    def _again(self, at: int, forgotten: tuple[range, ...], reason: str) -> bool:
        """False: go on from an earlier question. BoardRefused once that was tried often enough."""
        if self._rounds >= ROUNDS:
            raise BoardRefused(reason)
        self._rounds += 1
        for address in (address for registers in forgotten for address in registers):
            self._memory.pop(address & _LOW, None)
        self._at, self._asked, self._refused = at, 0, ""
        return False

    def _bytes(self, registers: range) -> bytes:
        return bytes(self._memory[address & _LOW] for address in registers)


_NOTHING: Final = reports.Other(0)
