"""The handshake against the twin's body over wires of every kind; no clock: when nothing moves, time is over."""

from collections import deque
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.errors import BoardRefused, BoardTimeout, ReportError
from otolith.drivers.wii.codec import Handshake, reports
from otolith.drivers.wii.codec.reports import Memory, Sample
from otolith.drivers.wii.twin import Body, Manner, factory_block

FACTORY = factory_block()


class Wire:
    """Carries reports to and fro; ``spoil`` turns a report of the board into what arrives of it."""

    def __init__(self, body: Body, random: Random, troubles: list[str]) -> None:
        self.said: list[bytes] = []
        self._body = body
        self._random = random
        self._troubles = troubles
        self._coming: deque[bytes] = deque()

    def say(self, question: bytes) -> None:
        self.said.append(question)
        for answer in self._body.hear(question):
            self._coming.extend(self._spoilt(answer))

    def hear(self) -> bytes | None:
        return self._coming.popleft() if self._coming else None

    def _spoilt(self, answer: bytes) -> list[bytes]:
        trouble = self._random.choice(self._troubles)
        if trouble == "late" and self._coming:
            return [answer, self._coming.pop()]
        return {
            "lost": [],
            "torn": [answer[: self._random.randrange(len(answer))]],
            "twice": [answer, answer],
            "noise": [self._random.randbytes(22), answer],
            "data": [reports.encode(Sample((1, 2, 3, 4))), answer],
        }.get(trouble, [answer])


def run(wire: Wire, handshake: Handshake) -> None:
    waiting = handshake.begin()
    while not handshake.done:
        for question in waiting:
            wire.say(question)
        waiting = []
        while not (waiting or handshake.done) and (report := wire.hear()) is not None:
            try:
                waiting = handshake.take(reports.decode(report))
            except ReportError:
                continue
        if not (waiting or handshake.done):
            waiting = handshake.expired()


def shake(body: Body, *troubles: str, seed: int = 0, trusting: bool = False) -> tuple[Handshake, Wire]:
    wire = Wire(body, Random(seed), [*troubles] or [""])
    handshake = Handshake(trusting=trusting)
    run(wire, handshake)
    return handshake, wire


def test_the_plain_way() -> None:
    handshake, wire = shake(Body(FACTORY))
    assert handshake.block == FACTORY
    assert handshake.status is not None
    assert handshake.status.battery == 0xC6
    assert [question.hex(" ") for question in wire.said] == [
        "15 00",
        "16 04 a4 00 f0 01 55" + 15 * " 00",
        "16 04 a4 00 fb 01 00" + 15 * " 00",
        "17 04 a4 00 fa 00 06",
        "17 04 a4 00 20 00 20",
        "17 04 a4 00 60 00 02",
    ]


@pytest.mark.parametrize("manner", Manner)
def test_boards_of_every_manner(manner: Manner) -> None:
    body = Body(FACTORY)
    body.manner = manner
    assert shake(body)[0].block == FACTORY


@given(st.integers(0, 2**32), st.sampled_from(["torn", "twice", "lost", "noise", "data", "late"]))
def test_wires_of_every_kind(seed: int, trouble: str) -> None:
    """Half of what the board says is in trouble."""
    assert shake(Body(FACTORY), trouble, "", "", seed=seed)[0].block == FACTORY


def test_the_calibration_is_never_written() -> None:
    body = Body(FACTORY)
    wire = shake(body, "lost", "", seed=3)[1]
    written = {question[2:5].hex() for question in wire.said if question[0] == 0x16}
    assert written == {"a400f0", "a400fb"}
    assert reports.encode(reports.Acknowledgement(0x16, 7)) in body.hear(b"\x16\x04\xa4\x00\x24\x10" + bytes(16))
    assert shake(body)[0].block == FACTORY


def test_a_wrong_checksum() -> None:
    broken = replace(FACTORY, checksum=0x12345678)
    with pytest.raises(BoardRefused, match=r"it says 12345678, its numbers make 5e40e9b6.*crc=ignore"):
        shake(Body(broken))
    assert shake(Body(broken), trusting=True)[0].block == broken


def test_a_block_that_was_read_wrong_once_is_read_again() -> None:
    class Once(Body):
        slips = 1

        def hear(self, report: bytes) -> list[bytes]:
            answers = super().hear(report)
            if report[0] == 0x17 and report[4] == 0x20 and self.slips:
                self.slips -= 1
                answers = [answers[0], reports.encode(Memory(0x30, bytes(16)))]
            return answers

    assert shake(Once(FACTORY))[0].block == FACTORY


@pytest.mark.parametrize("identity", ["FF FF FF FF FF FF", "00 00 A4 20 00 00"])
def test_another_device_is_refused(identity: str) -> None:
    class Remote(Body):
        def _seen(self) -> bytes:
            return bytes(0xFA) + bytes.fromhex(identity)

    with pytest.raises(BoardRefused, match=f"no balance board: its extension says {identity.lower()}"):
        shake(Remote(FACTORY))


def test_registers_that_cannot_be_read() -> None:
    class Closed(Body):
        def _read(self, address: int, size: int) -> list[reports.Report]:
            del size
            return [Memory(address & 0xFFFF, b"", 7)]

    with pytest.raises(BoardRefused, match="does not let itself be read: it says error 7 of address 00fa"):
        shake(Closed(FACTORY))


def test_silence_is_given_up() -> None:
    with pytest.raises(BoardTimeout, match="asked its state, 10 times in 5 s"):
        shake(Body(FACTORY), "lost")


def test_once_done_nothing_more_is_said() -> None:
    handshake, _ = shake(Body(FACTORY))
    assert handshake.expired() == []
    assert handshake.take(reports.Status(1)) == []


def test_a_read_outside_the_registers_is_answered_so() -> None:
    body = Body(FACTORY)
    for address, size in [(0xA400FA, 16), (0xA30000, 1), (0xA40000, 0)]:
        (answer,) = body.hear(reports.read(address, size))
        assert reports.decode(answer) == Memory(address & 0xFFFF, b"", 8)
