"""Laws of transfers against a gadget, whatever the host does and whenever."""

import asyncio

from hypothesis import example, given, settings
from hypothesis import strategies as st

from otolith.drivers.usb.loopback import SOURCE, Loopback
from otolith.drivers.usb.usbip.chapter9 import Chapter9
from otolith.drivers.usb.usbip.session import Session
from otolith.drivers.usb.usbip.wire import (
    HEADER,
    Status,
    Submit,
    Submitted,
    Unlink,
    Unlinked,
    decode_reply,
)

DEVID = 0x10002
STATUS = bytes.fromhex("80 00 00 00 00 00 02 00")

Plan = list[tuple[str, int, int]]  # what, how much or which, and turns of the loop afterwards
turns = st.integers(0, 4)
plans = st.lists(
    st.one_of(
        st.tuples(st.just("emit"), st.sampled_from([0, 5, 64, 64]), turns),
        st.tuples(st.just("submit"), st.sampled_from([64, 128, 4096]), turns),
        st.tuples(st.just("status"), st.just(2), turns),
        st.tuples(st.just("unlink"), st.integers(0, 3), turns),
    ),
    max_size=60,
)
IN_THE_MIDDLE: Plan = [("submit", 4096, 1), ("emit", 64, 4), ("unlink", 0, 0)]


class Trial:
    def __init__(self) -> None:
        self.gadget = Loopback()
        self.ended: list[Submitted | Unlinked] = []
        self.session = Session(Chapter9(self.gadget), DEVID, self._receive)
        self.submitted: list[int] = []
        self.asked: list[int] = []
        self.unlinked: dict[int, int] = {}
        self.emitted: list[bytes] = []
        self._seqnum = 0
        self._arrived = asyncio.Event()

    def _receive(self, raw: bytes) -> None:
        found = decode_reply(raw, lambda _: len(raw) - HEADER)
        assert found
        self.ended.append(found[0])
        self._arrived.set()

    def _next(self) -> int:
        self._seqnum += 1
        return self._seqnum

    def do(self, what: str, amount: int) -> None:
        match what:
            case "emit":
                self.emitted.append(len(self.emitted).to_bytes(2, "big").ljust(amount, b"."))
                self.gadget.emit(self.emitted[-1])
            case "submit" | "status":
                self.submitted.append(self._next())
                if what == "status":
                    self.asked.append(self._seqnum)
                endpoint = SOURCE if what == "submit" else 0x80
                self.session.handle(Submit(self._seqnum, DEVID, endpoint, amount, setup=STATUS))
            case "unlink":
                number = self._next()
                victim = self.submitted[-1 - amount % len(self.submitted)] if self.submitted else amount
                self.unlinked[number] = victim
                self.session.handle(Unlink(number, DEVID, victim))

    async def fetch_the_rest(self) -> None:
        """Ends what waits, by an empty packet each, and takes what is still there."""
        for _ in range(len(self.submitted) + 1):
            self.gadget.emit(b"")
        while not self.gadget._queues[SOURCE].empty():
            self.do("submit", 1 << 16)
            while self._seqnum not in {reply.seqnum for reply in self.ended}:
                self._arrived.clear()
                await self._arrived.wait()
        await self.session.aclose()

    def received(self) -> bytes:
        """All that came from the interrupt endpoint."""
        return b"".join(
            reply.data for reply in self.ended if isinstance(reply, Submitted) and reply.seqnum not in self.asked
        )


async def _run(plan: Plan) -> Trial:
    trial = Trial()
    for what, amount, wait in plan:
        trial.do(what, amount)
        for _ in range(wait):
            await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await trial.fetch_the_rest()
    return trial


@settings(max_examples=150, deadline=None)
@given(plans)
@example(IN_THE_MIDDLE)
def test_no_packet_is_lost_repeated_or_reordered_by_unlinking(plan: Plan) -> None:
    trial = asyncio.run(_run(plan))
    assert trial.received() == b"".join(trial.emitted)
    assert {reply.status for reply in trial.ended} <= {Status.OK, Status.UNLINKED}


@settings(max_examples=150, deadline=None)
@given(plans)
@example(IN_THE_MIDDLE)
def test_every_transfer_ends_exactly_once(plan: Plan) -> None:
    trial = asyncio.run(_run(plan))
    completed = [reply.seqnum for reply in trial.ended if isinstance(reply, Submitted)]
    answers = {reply.seqnum: reply.status for reply in trial.ended if isinstance(reply, Unlinked)}
    assert answers.keys() == trial.unlinked.keys()
    cancelled = {trial.unlinked[number] for number, status in answers.items() if status == Status.UNLINKED}
    assert sorted([*completed, *cancelled]) == trial.submitted
