"""The scenarios that boards of every kind pass."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from otolith.drivers.batch import Flag
from otolith.drivers.board import Board
from otolith.drivers.errors import BoardLost, BoardNotFound, BoardTimeout
from otolith.drivers.labjack.twin import LabJackTwin
from otolith.drivers.mcc1608.twin import MccTwin
from otolith.drivers.rig.bench import Bench, Plugged
from otolith.drivers.rig.tape import Tape, record
from otolith.service.pipeline import Pipeline
from otolith.service.sections import PipelineConfig

PATIENCE = 30.0
"""Seconds after which a scenario has failed; none depends on how fast this machine is."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of board, and what can be asked of it."""

    board: str
    rev: int
    rate: float
    full: float | None
    """What a saturated cell counts; None where its converter's own calibration says."""
    per_report: int = 1
    """Samples in a report: what a lost one costs."""
    even: bool = True
    """Samples come evenly or numbered, so that lost and repeated ones are found; the moniker sets their interval."""
    asked: bool = False
    """Each report is asked for, so that one that never comes is known."""
    more: tuple[tuple[str, Any], ...] = ()
    """Further options of its moniker."""
    numbered: bool = False
    """Reports are numbered: nothing has to be learnt before a loss is seen."""
    learns: int = 250
    """Samples in which a driver learns whatever has to be."""
    share: float = 1.0
    """Of the time that streams run: boards that number their samples prove as much in less."""
    fastest: int = 1
    """Shortest interval that it takes, milliseconds."""
    nap: tuple[int, float] = (8, 0.2)
    """Interval, and seconds of silence, in which samples are lost: more where a board has a buffer."""

    @property
    def settle(self) -> int:
        """Samples until a loss is seen."""
        return 25 if self.numbered else self.learns

    def plug(
        self, bench: Bench, load: str = "recording:BDS00001", interval: int | None = None, **options: Any
    ) -> Plugged:
        """Plug one in; ``interval`` where it has one."""
        pace = {"interval": max(interval, self.fastest)} if interval and self.even else {}
        return bench.plug(self.board, load, rev=self.rev, **pace, **dict(self.more), **options)

    def __str__(self) -> str:
        return "-".join([f"{self.board}-{self.rev}", *(str(value) for _, value in self.more)])


EVEN = [
    Kind("btracks", 0, 125, 2**24 - 1),
    Kind("btracks", 1, 1000, (2**23 - 1) / 2**23 / 128),
    Kind("ofp", 0, 1000, 2**23 - 1, per_report=2, numbered=True),
    Kind("labjack-u6", 0, 1000, None, numbered=True, nap=(1, 0.4)),
    Kind("golink", 0, 100, 2**15 - 1, numbered=True, share=0.3, fastest=5),
    Kind("mcc", 0, 1000, None, per_report=4),
]
SIX = Kind("ofp", 0, 1000, 2**23 - 1, numbered=True, more=(("outputs", "wrench"),))
"""The same protocol with other contents: at full length only, and once in a stream (test_ofp)."""
TEC_GIHAN = Kind("tecgihan", 0, 1000, 2**15 - 1, per_report=100, even=False, asked=True)
TOLD = [*EVEN, Kind("godirect", 0, 100, 3500.0, per_report=10, learns=80, share=0.3, fastest=10)]
"""Of the last nobody knows how long it slept: it says that values were dropped, and not how many."""
WII = [Kind("wii", rev, 100, 65535, even=False, learns=30) for rev in (0, 1)]
"""Their lost reports are known by what is left of them, not by a clock: there is nothing to be learnt."""
KINDS = [*TOLD, TEC_GIHAN, *WII]

RELATIVES = [
    Kind("labjack-u3", 0, 1000, None, numbered=True),
    Kind("labjack-t7", 0, 1000, None, numbered=True),
]
"""Kinds that share most of their way with one of the others: the scenarios in which they differ are enough."""

_SIX = pytest.param(SIX, marks=pytest.mark.slow)
every_kind = pytest.mark.parametrize("kind", [*KINDS, _SIX], ids=str)
told_kinds = pytest.mark.parametrize("kind", [*TOLD, _SIX], ids=str)
even_kinds = pytest.mark.parametrize("kind", [*EVEN, _SIX], ids=str)
every_kind_and_relative = pytest.mark.parametrize("kind", [*KINDS, *RELATIVES, _SIX], ids=str)


def same(delivered: NDArray[np.float64], sent: NDArray[np.float64]) -> None:
    """Every sample once, in order, bit for bit; the newest may still be on their way."""
    assert 0 < len(delivered) <= len(sent)
    np.testing.assert_array_equal(delivered, sent[: len(delivered)])


def left_out(sent: NDArray[np.float64], delivered: NDArray[np.float64]) -> int:
    """How many samples up to the last delivered one are not among those; each of those was sent, in order."""
    rest = [tuple(row) for row in sent]
    skipped = 0
    for row in delivered:
        at = rest.index(tuple(row))
        skipped += at
        del rest[: at + 1]
    return skipped


def gaps_are_data(board: Board, tape: Tape) -> None:
    """Each batch says how many samples are missing before it; the pipeline says so of its frame, and of one sample."""
    info = board.info
    pipeline = Pipeline(info, info.calibration, PipelineConfig(), info.calibration.zero)
    for batch in tape.batches:
        frame = pipeline(batch)
        assert (frame.seq, frame.missed) == (batch.seq, batch.missed)
        behind = (frame.flags & Flag.AFTER_GAP) != 0
        assert (bool(behind[0]), behind[1:].any()) == (batch.missed > 0, False)


def never(_: Tape) -> bool:
    return False


@dataclass(slots=True)
class Watch:
    """A stream being recorded while the scenario goes on."""

    tape: Tape
    ended: asyncio.Task[Tape]

    async def started(self, samples: int = 25) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.tape.reaches(samples)


def watching(board: Board, enough: Callable[[Tape], bool]) -> Watch:
    tape = Tape()
    return Watch(tape, asyncio.create_task(record(board, enough, PATIENCE, tape)))


@every_kind
async def test_streams_every_sample_once_and_in_order(bench: Bench, kind: Kind, seconds: float) -> None:
    plugged = kind.plug(bench)
    board = await plugged.open()
    tape = await record(board, lambda tape: len(tape) >= seconds * kind.share * kind.rate, seconds + PATIENCE)
    assert tape.misnumbered() == []
    same(tape.counts, plugged.sent(board))
    assert not tape.flags.any()
    seen = board.statistics()
    assert (seen.missed, seen.malformed, seen.overruns) == (0, 0, 0)


@every_kind
@pytest.mark.parametrize("ppm", [200, -200])
async def test_a_skewed_clock_loses_nothing(bench: Bench, kind: Kind, seconds: float, ppm: int) -> None:
    plugged = kind.plug(bench, skew=ppm)
    board = await plugged.open()
    tape = await record(board, lambda tape: len(tape) >= seconds * kind.share * kind.rate, seconds + PATIENCE)
    same(tape.counts, plugged.sent(board))
    assert tape.missed == 0


@every_kind_and_relative
async def test_unplugged_it_is_lost_and_replugged_it_is_back(bench: Bench, kind: Kind) -> None:
    plugged = kind.plug(bench)
    board = await plugged.open()
    watch = watching(board, never)
    await watch.started()
    await plugged.unplug()
    tape = await watch.ended
    assert isinstance(tape.error, BoardLost)
    same(tape.counts, plugged.sent(board))
    with pytest.raises(BoardNotFound, match="exported there: nothing"):
        await plugged.open()
    await board.aclose()
    await plugged.replug()
    again = await plugged.open()
    tape = await record(again, lambda tape: len(tape) >= 25, PATIENCE)
    same(tape.counts, plugged.sent(again))


@every_kind
async def test_a_stalled_endpoint_is_cleared_and_loses_nothing(bench: Bench, kind: Kind) -> None:
    plugged = kind.plug(bench)
    board = await plugged.open()
    watch = watching(board, lambda tape: len(tape) >= 100)
    await watch.started()
    plugged.twin.inject("stall")
    tape = await watch.ended
    same(tape.counts, plugged.sent(board))
    assert tape.missed == 0


@every_kind_and_relative
@pytest.mark.parametrize(("faults", "destroyed"), [(["torn", "short", "drop"], 3), (["garbage", "long"], 0)])
async def test_a_spoilt_report_costs_at_most_itself(
    bench: Bench, kind: Kind, faults: list[str], destroyed: int
) -> None:
    """``destroyed`` samples never arrive; the others may lose at most as many reports as were spoilt.

    At 125 Hz: one loss at 1 kHz is shorter than the delays of a busy computer, and takes the clock longer to prove.
    """
    plugged = kind.plug(bench, seed=3, interval=8)
    board = await plugged.open()
    watch = watching(board, lambda tape: len(tape) >= max(120, 2 * kind.settle + 20))
    await watch.started(kind.settle)
    for fault in faults:
        plugged.twin.inject(fault)
    tape = await watch.ended
    assert tape.misnumbered() == []
    victims = left_out(plugged.sent(board), tape.counts)
    assert victims <= (len(faults) - destroyed) * kind.per_report
    unseen = 0 if kind.even or kind.asked else faults.count("drop")
    assert tape.missed == (destroyed - unseen) * kind.per_report + victims
    assert board.statistics().malformed >= 1
    gaps_are_data(board, tape)


@told_kinds
async def test_a_repeated_report_is_no_sample(bench: Bench, kind: Kind) -> None:
    """At 25 Hz, as a repetition is told from a sample by its content and by coming before its time."""
    plugged = kind.plug(bench, interval=40)
    board = await plugged.open()
    watch = watching(board, lambda tape: len(tape) >= 30)
    await watch.started(15)
    for _ in range(3):
        plugged.twin.inject("repeat")
    tape = await watch.ended
    same(tape.counts, plugged.sent(board))
    assert board.statistics().malformed == 3
    assert tape.missed == 0


@every_kind
async def test_a_frozen_board_is_silent_and_can_be_read_again(bench: Bench, kind: Kind) -> None:
    plugged = kind.plug(bench)
    board = await plugged.open()
    watch = watching(board, never)
    await watch.started()
    plugged.twin.inject("freeze")
    tape = await watch.ended
    assert isinstance(tape.error, BoardTimeout)
    assert "sent nothing" in str(tape.error)
    same(tape.counts, plugged.sent(board))
    plugged.twin.clear()
    tape = await record(board, lambda tape: len(tape) >= 25, PATIENCE)
    assert (tape.error, tape.missed) == (None, 0)


@even_kinds
async def test_what_a_board_slept_through_is_counted(bench: Bench, kind: Kind) -> None:
    interval, seconds = kind.nap
    plugged = kind.plug(bench, interval=interval)
    board = await plugged.open()
    watch = watching(board, lambda tape: tape.missed > 0)
    await watch.started(kind.settle)
    plugged.twin.inject("freeze")
    await asyncio.sleep(seconds)
    plugged.twin.clear()
    tape = await watch.ended
    assert tape.misnumbered() == []
    same(tape.counts, plugged.sent(board))
    skipped = np.diff([sample.index for sample in plugged.twin.sent]) - 1
    assert tape.missed == skipped.sum() > 0


@every_kind
async def test_a_board_that_sends_zeros_is_silent(bench: Bench, kind: Kind) -> None:
    plugged = kind.plug(bench)
    board = await plugged.open()
    watch = watching(board, never)
    await watch.started()
    plugged.twin.inject("zero")
    tape = await watch.ended
    assert isinstance(tape.error, BoardTimeout)
    assert "none that can be used" in str(tape.error)
    assert board.statistics().malformed > 0


@every_kind_and_relative
async def test_saturation_is_flagged_on_every_sample_of_it(bench: Bench, kind: Kind) -> None:
    plugged = kind.plug(bench)
    board = await plugged.open()
    watch = watching(board, lambda tape: bool(tape.flags[-1] & Flag.SATURATED))
    await watch.started()
    plugged.twin.inject("saturate")
    tape = await watch.ended
    full = plugged.twin.full if isinstance(plugged.twin, LabJackTwin | MccTwin) else kind.full
    np.testing.assert_array_equal((tape.flags & Flag.SATURATED) != 0, (tape.counts == full).all(axis=1))


@every_kind
async def test_two_boards_do_not_mix(bench: Bench, kind: Kind) -> None:
    plugs = [kind.plug(bench, f"recording:BDS0000{n}", serial=n) for n in (1, 4)]
    boards = [await plugged.open() for plugged in plugs]
    tapes = await asyncio.gather(
        *(record(board, lambda tape: len(tape) >= 0.4 * kind.rate, PATIENCE) for board in boards)
    )
    assert boards[0].info.id != boards[1].info.id
    for plugged, board, tape in zip(plugs, boards, tapes, strict=True):
        same(tape.counts, plugged.sent(board))
