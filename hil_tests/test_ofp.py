"""What only an OFP plate does; the rest is in the scenarios."""

from collections.abc import AsyncGenerator

import numpy as np
import pytest

from otolith.drivers.ofp.board import OfpBoard
from otolith.drivers.ofp.pattern import verify
from otolith.drivers.rig.bench import Bench
from otolith.drivers.rig.tape import record


async def test_says_who_it_is(bench: Bench) -> None:
    plugged = bench.plug("ofp", serial=4711, turn=90)
    info = (await plugged.open()).info
    assert (info.family, info.serial, info.id, info.firmware) == ("ofp", "4711", "ofp-4711", "1.00")
    assert (info.rate, info.unit, info.simulated) == (1000.0, "count", True)
    assert [(cell.name, cell.x, cell.y) for cell in info.cells] == [
        ("FR", 250.0, -200.0),
        ("BR", -250.0, -200.0),
        ("BL", -250.0, 200.0),
        ("FL", 250.0, 200.0),
    ]
    assert info.calibration.source == "factory"
    assert info.moniker == plugged.moniker


async def test_the_test_pattern_proves_loss_order_and_rate(bench: Bench, seconds: float) -> None:
    board = await bench.plug("ofp", skew=200).open()
    assert isinstance(board, OfpBoard)
    packets: list[bytes] = []
    stream = board.pattern()
    async for packet in stream:
        packets.append(packet)
        if len(packets) * 2 >= seconds * board.info.rate:
            break
    assert isinstance(stream, AsyncGenerator)
    await stream.aclose()
    proof = verify(packets)
    assert proof.holds
    assert proof.rate == pytest.approx((await board.state()).rate / 1e3, rel=1e-6)


async def test_the_plates_clock_keeps_step_with_its_samples(bench: Bench) -> None:
    plugged = bench.plug("ofp", rate=400)
    board = await plugged.open()
    tape = await record(board, lambda tape: len(tape) >= 400, 30.0)
    clock = np.concatenate([batch.t_device for batch in tape.batches if batch.t_device is not None])
    np.testing.assert_allclose(clock - clock[0], np.arange(len(tape)) / 400.0, rtol=0, atol=2e-6)


async def test_six_components_lose_nothing_and_come_in_order(bench: Bench) -> None:
    plugged = bench.plug("ofp", outputs="wrench", channels=8)
    board = await plugged.open()
    tape = await record(board, lambda tape: len(tape) >= 500, 30.0)
    assert tape.misnumbered() == []
    np.testing.assert_array_equal(tape.counts, plugged.sent(board)[: len(tape)])
    assert board.info.calibration.loads(tape.counts)[0, 2] > 300.0
