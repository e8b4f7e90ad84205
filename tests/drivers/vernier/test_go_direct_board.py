"""The Go Direct driver: whom it opens, what it refuses, what it makes of notices."""

import asyncio
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.calibration import Linear
from otolith.drivers.counters import Counters
from otolith.drivers.errors import BoardRefused, BoardTimeout, MonikerError
from otolith.drivers.rig.bench import Bench
from otolith.drivers.rig.tape import Tape, record
from otolith.drivers.vernier.go_direct import line, twin
from otolith.drivers.vernier.go_direct.codec import measurement
from otolith.drivers.vernier.go_direct.codec.measurement import Kind, Values
from otolith.drivers.vernier.go_direct.codec.packet import MEASUREMENT, Assembler, Packet, encode, reports
from otolith.drivers.vernier.go_direct.intake import Intake
from otolith.drivers.vernier.go_direct.twin import SENSORS

MS = 1_000_000


async def test_says_who_it_is(bench: Bench) -> None:
    plugged = bench.plug("godirect", "constant:700", serial=4711, interval=20)
    info = (await plugged.open()).info
    assert (info.family, info.serial, info.id) == ("vernier_go_direct", "4711", "vernier-go-direct-4711")
    assert info.model == "Vernier GDX-FP (Go Direct Force Plate)"
    assert (info.firmware, info.rate, info.unit, info.battery, info.simulated) == ("1.2.345", 50.0, "N", 0.8, True)
    assert info.calibration == Linear((1.0,), (0.0,), "factory")
    assert (info.latency, info.closed_loop, info.has_cop, len(info.cells)) == (0.1, False, False, 1)


async def test_samples_bear_the_time_of_their_number(bench: Bench) -> None:
    plugged = bench.plug("godirect", interval=20)
    tape = await record(await plugged.open(), lambda tape: len(tape) >= 20, 30.0)
    clock = np.concatenate([batch.t_device for batch in tape.batches if batch.t_device is not None])
    np.testing.assert_allclose(clock, np.arange(len(tape)) / 50.0, atol=1e-12)
    assert {len(batch) for batch in tape.batches} == {5}


async def test_it_cannot_blink(bench: Bench) -> None:
    board = await bench.plug("godirect").open()
    with pytest.raises(BoardRefused, match="press on it"):
        await board.identify()


@pytest.mark.parametrize(
    ("options", "error", "reason"),
    [
        ({"interval": 5}, MonikerError, "interval=5: this sensor samples every 10 to "),
        ({"turn": 90}, MonikerError, "measures one vertical force"),
        ({"sensor": 2}, BoardRefused, r"no sensor 2 in newtons; it has: 1 Force \(N\), 2 Temperature"),
    ],
)
async def test_what_it_cannot_do_is_refused(
    bench: Bench, options: dict[str, Any], error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        await bench.plug("godirect", **options).open()


async def test_a_choice_between_sensors_is_asked_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twin, "SENSORS", (SENSORS[0], replace(SENSORS[0], number=5)))
    monkeypatch.setattr(twin, "DEFAULTS", 0x22)
    plugged = bench.plug("godirect")
    with pytest.raises(BoardRefused, match="choose one by sensor="):
        await plugged.open()
    plugged.stance = replace(plugged.stance, sensor=5)
    tape = await record(await plugged.open(), lambda tape: len(tape) >= 10, 30.0)
    assert tape.error is None


async def test_a_silent_device_is_given_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "ANSWERS", 0.05)
    plugged = bench.plug("godirect")
    plugged.twin.inject("freeze")
    with pytest.raises(BoardTimeout, match=r"did not answer INIT in 0\.05 s, 2 times"):
        await plugged.open()


async def test_a_device_that_answers_something_else_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twin, "encode_status", lambda _: b"\0\0\0")
    with pytest.raises(BoardRefused, match="firmware is unknown: a status of 3 bytes where 12 were due"):
        await bench.plug("godirect").open()


async def test_a_device_left_measuring_by_an_earlier_host_is_taken_over(bench: Bench) -> None:
    plugged = bench.plug("godirect")
    first = await plugged.open()
    async for _ in first.batches():
        break
    await first.aclose()
    tape = await record(await plugged.open(), lambda tape: len(tape) >= 20, 30.0)
    assert (tape.error, tape.missed) == (None, 0)


async def test_values_that_the_device_dropped_are_a_gap(bench: Bench) -> None:
    plugged = bench.plug("godirect")
    board = await plugged.open()
    tape = Tape()
    reading = asyncio.create_task(record(board, lambda tape: tape.missed > 0, 30.0, tape))
    async with asyncio.timeout(30.0):
        await tape.reaches(60)
    plugged.twin.inject("freeze")
    await asyncio.sleep(0.15)
    plugged.twin.clear()
    await reading
    assert tape.missed > 0
    assert tape.misnumbered() == []
    (after,) = np.flatnonzero(tape.flags & Flag.AFTER_GAP)
    assert after >= 60


class Reports:
    """A stream fed by hand: packets of a device that numbers them, or not."""

    def __init__(self, *, numbered: bool) -> None:
        self.counters = Counters()
        self.numbered = numbered
        self.at = 0
        assembler = Assembler()
        assembler.feed(reports(encode(Packet(0x58, 0, 0x1A)))[0])
        self.intake = Intake(SENSORS[0], 0.01, assembler, self.counters)

    def raw(self, *values: float, kind: Kind = Kind.REAL) -> bytes:
        self.at += 1
        counter = -self.at % 256 if self.numbered else 0
        packet = measurement.encode(Values(kind, (1,), tuple((value,) for value in values)), counter)
        return reports(encode(packet))[0]

    def notice(self, kind: Kind) -> bytes:
        self.at += 1
        return reports(encode(Packet(MEASUREMENT, -self.at % 256 if self.numbered else 0, kind)))[0]

    def take(self, raw: bytes, t: int = 0) -> list[Batch]:
        return self.intake.take(raw, t)


@pytest.mark.parametrize("numbered", [True, False])
def test_a_report_that_cannot_be_read_is_counted_as_lost(*, numbered: bool) -> None:
    stream = Reports(numbered=numbered)
    for _ in range(6):
        stream.take(stream.raw(1.0, 2.0))
    assert stream.take(stream.raw(3.0, 4.0)[:-1]) == []
    (batch,) = stream.take(stream.raw(5.0, 6.0))
    assert (batch.seq, batch.missed) == (14, 2)
    assert batch.counts.tolist() == [[5.0], [6.0]]
    assert batch.t_device is not None
    assert batch.t_device.tolist() == pytest.approx([0.14, 0.15])
    assert (stream.counters.missed, stream.counters.malformed) == (2, 1)


def test_noise_costs_a_numbered_stream_nothing() -> None:
    stream = Reports(numbered=True)
    for _ in range(6):
        stream.take(stream.raw(1.0, 2.0))
    assert stream.take(b"\x07\x20noise") == []
    (batch,) = stream.take(stream.raw(5.0, 6.0))
    assert batch.missed == 0


@pytest.mark.parametrize(("arrival", "missed"), [(100, 8), (12, 1)])
def test_what_a_device_dropped_is_told_by_the_clock(arrival: int, missed: int) -> None:
    stream = Reports(numbered=True)
    for k in range(6):
        stream.take(stream.raw(1.0, 2.0), k * 20 * MS)
    assert stream.take(stream.notice(Kind.START_TIME), 100 * MS) == []
    assert stream.take(stream.notice(Kind.DROPPED), 100 * MS) == []
    (batch,) = stream.take(stream.raw(5.0), (100 + (arrival - 10 if arrival > 12 else 12)) * MS)
    assert batch.missed == missed


def test_other_kinds_of_values_are_read_and_flagged() -> None:
    stream = Reports(numbered=False)
    (batch,) = stream.take(stream.raw(float("nan"), 3500.0, -800.0, 0.0, kind=Kind.SINGLE_REAL))
    assert batch.flags.tolist() == [Flag.INVALID, Flag.SATURATED, Flag.SATURATED, 0]
    (batch,) = stream.take(stream.raw(712.0, kind=Kind.APERIODIC_WHOLE))
    assert batch.counts.tolist() == [[712.0]]


def test_a_stream_without_a_usable_value_ends() -> None:
    stream = Reports(numbered=False)
    packet = measurement.encode(Values(Kind.REAL, (2,), ((20.0,),)), 0)
    other = reports(encode(packet))[0]
    assert stream.take(other, 0) == []
    with pytest.raises(BoardTimeout, match=r"none that can be used: values of the sensors \(2,\), which nobody asked"):
        stream.take(other, 2_000 * MS)
