"""The Go!Link driver: whom it opens, what it refuses, what it makes of the device's own account of losses."""

import asyncio
from typing import Any

import numpy as np
import pytest

from otolith.drivers.batch import Flag
from otolith.drivers.counters import Counters
from otolith.drivers.errors import BoardRefused, MonikerError
from otolith.drivers.rig.bench import Bench
from otolith.drivers.rig.tape import Tape, record
from otolith.drivers.vernier.go_link import board as driver
from otolith.drivers.vernier.go_link.codec.packet import Command, Measurement, Part, encode
from otolith.drivers.vernier.go_link.codec.records import State, Status, encode_status
from otolith.drivers.vernier.go_link.intake import Intake
from otolith.drivers.vernier.go_link.twin import GoLinkTwin


async def test_says_who_it_is(bench: Bench) -> None:
    info = (await bench.plug("golink", "constant:700", serial=4711, range=800).open()).info
    assert (info.family, info.serial, info.firmware) == ("vernier_go_link", "2614-4711", "1.61")
    assert info.model == "Vernier Go!Link with FP-BTA, range to 800 N"
    assert (info.rate, info.unit, info.simulated, info.has_cop) == (100.0, "count", True, False)
    assert info.calibration.source == "nominal"
    assert info.latency == pytest.approx(0.02)


@pytest.mark.parametrize("span", [3500, 800])
async def test_the_newtons_are_those_that_stand_on_it(bench: Bench, span: int) -> None:
    board = await bench.plug("golink", "constant:700@50,-20", range=span).open()
    tape = await record(board, lambda tape: len(tape) >= 5, 30.0)
    step = board.info.calibration.loads(np.array([[1.0]])) - board.info.calibration.loads(np.array([[0.0]]))
    np.testing.assert_allclose(board.info.calibration.loads(tape.counts), 700.0, atol=step.item() / 2)


async def test_fast_packets_hold_three_samples(bench: Bench) -> None:
    plugged = bench.plug("golink", interval=5)
    board = await plugged.open()
    tape = await record(board, lambda tape: len(tape) >= 60, 30.0)
    assert {len(batch) for batch in tape.batches} == {3}
    np.testing.assert_array_equal(tape.counts, plugged.sent(board)[: len(tape)])
    clock = np.concatenate([batch.t_device for batch in tape.batches if batch.t_device is not None])
    np.testing.assert_allclose(clock, np.arange(len(tape)) / 200.0, atol=1e-12)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"interval": 4}, "every 5 ms at best"),
        ({"cells": "400x300"}, "one vertical force"),
        ({"range": "6kN"}, "has the ranges 3500, 800"),
    ],
)
async def test_what_it_cannot_do_is_refused(bench: Bench, options: dict[str, Any], reason: str) -> None:
    with pytest.raises(MonikerError, match=reason):
        await bench.plug("golink", **options).open()


async def test_a_refusal_has_the_devices_reason(bench: Bench) -> None:
    board = await bench.plug("golink").open()
    assert isinstance(board, driver.GoLinkBoard)
    line = board._line
    with pytest.raises(BoardRefused, match="refused SET_PERIOD: invalid parameter"):
        await line.ask(Command.SET_PERIOD, 1)
    await line.ask(Command.START)
    with pytest.raises(BoardRefused, match="refused SET_PERIOD: period while collecting"):
        await line.ask(Command.SET_PERIOD, 10)
    assert await line.ask(Command.SENSOR) == bytes(4)
    assert await line.ask(Command.READ_LOCAL, 0, 20) == bytes(20)


async def test_it_blinks(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "BLINK", 0.0)
    plugged = bench.plug("golink")
    assert isinstance(plugged.twin, GoLinkTwin)
    await (await plugged.open()).identify()
    assert plugged.twin.lights == [(0x00, 0x04), (0x80, 0x10)] * 5


async def test_conversions_that_the_device_lost_are_a_gap(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "LOOK", 0.05)
    plugged = bench.plug("golink")
    assert isinstance(plugged.twin, GoLinkTwin)
    board = await plugged.open()
    tape = Tape()
    reading = asyncio.create_task(record(board, lambda tape: tape.missed > 0 and len(tape) > 40, 30.0, tape))
    async with asyncio.timeout(30.0):
        await tape.reaches(10)
    plugged.twin.state |= State.CONVERSION_LOST
    await reading
    assert tape.missed == 1
    assert np.count_nonzero(tape.flags & Flag.AFTER_GAP) == 1
    assert tape.misnumbered() == []


def test_a_fault_is_counted_once_and_only_where_it_costs_samples() -> None:
    counters = Counters()
    intake = Intake(0.01, counters)

    def status(state: State) -> None:
        assert intake.take(encode(Part(encode_status(Status(state, 0, 1)), Command.STATUS)), 0) == []

    def sample(counter: int) -> int:
        (batch,) = intake.take(encode(Measurement(counter, (5,))), 0)
        return batch.missed

    status(State.IGNORED)
    assert sample(0) == 0
    status(State.FIFO_OVERFLOW)
    assert sample(1) == 1
    status(State.FIFO_OVERFLOW | State.IGNORED)
    assert sample(2) == 0
    status(State.FIFO_OVERFLOW | State.CONVERSION_LOST)
    assert sample(5) == 3
    assert counters.missed == 4
