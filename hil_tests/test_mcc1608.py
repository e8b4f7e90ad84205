"""What only a USB-1608FS-Plus does; the rest is in the scenarios."""

import asyncio

import numpy as np
import pytest

from otolith.drivers.batch import Flag
from otolith.drivers.mcc1608.board import Mcc1608
from otolith.drivers.mcc1608.twin import MccTwin
from otolith.drivers.rig.bench import Bench, Plugged
from otolith.drivers.rig.tape import Tape, record

PATIENCE = 30.0


async def opened(plugged: Plugged) -> tuple[Mcc1608, MccTwin]:
    board, twin = await plugged.open(), plugged.twin
    assert isinstance(board, Mcc1608)
    assert isinstance(twin, MccTwin)
    return board, twin


async def test_says_who_it_is(bench: Bench) -> None:
    plugged = bench.plug("mcc", serial=4711, turn=90, rate=300)
    info = (await opened(plugged))[0].info
    assert (info.family, info.serial, info.id, info.firmware) == ("mcc1608", "00004711", "mcc1608-00004711", "1.01")
    assert (info.rate, info.unit, info.simulated) == (40e6 / 133_333, "V", True)
    assert info.model == "MCC USB-1608FS-Plus with AMTI OR6-7 EXAMPLE"
    assert [(plate.name, plate.turn) for plate in info.plates] == [("plate", 90.0)]
    assert info.cells == ()
    assert info.calibration.source.startswith("file:")
    assert info.moniker == plugged.moniker


@pytest.mark.parametrize("mask", [0xFF, 0x3F, 0x01])
async def test_the_counter_pattern_proves_loss_and_order(bench: Bench, mask: int) -> None:
    """Of 6 inputs, 32 samples a packet are no whole number of scans: they roll on."""
    board, _ = await opened(bench.plug("mcc", skew=200, rate=4000))
    proof = await board.prove(0.25, mask)
    assert proof.holds
    assert proof.samples == 1024 * mask.bit_count()


async def test_an_overrun_is_counted_and_the_scan_started_again(bench: Bench) -> None:
    plugged = bench.plug("mcc")
    board, twin = await opened(plugged)
    tape = Tape()
    reading = asyncio.create_task(record(board, lambda tape: len(tape) >= 1200, PATIENCE, tape))
    async with asyncio.timeout(PATIENCE):
        await tape.reaches(500)
        before = plugged.sent(board)
        twin.overrun()
        await reading
    assert tape.error is None
    assert tape.misnumbered() == []
    assert board.restarts == 1
    assert tape.missed == board.statistics().missed > 0
    (gap,) = [index for index, batch in enumerate(tape.batches) if batch.missed]
    assert tape.batches[gap].flags[0] == Flag.AFTER_GAP
    first = np.concatenate([batch.counts for batch in tape.batches[:gap]])
    again = np.concatenate([batch.counts for batch in tape.batches[gap:]])
    np.testing.assert_array_equal(first, before[: len(first)])
    np.testing.assert_array_equal(again, plugged.sent(board)[: len(again)])


async def test_slow_scans_leave_at_once(bench: Bench) -> None:
    plugged = bench.plug("mcc", rate=50, plate="kistler-9286")
    board, _ = await opened(plugged)
    assert board.info.latency == 0.0
    tape = await record(board, lambda tape: len(tape) >= 20, PATIENCE)
    assert {len(batch) for batch in tape.batches} == {1}
    np.testing.assert_array_equal(tape.counts, plugged.sent(board)[: len(tape)])
    assert board.statistics().reports >= 20  # one each; the next may be on its way
