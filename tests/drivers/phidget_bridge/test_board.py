import threading
from collections.abc import AsyncGenerator, Callable

import numpy as np
import pytest

from otolith.drivers.calibration import Linear
from otolith.drivers.errors import BoardBusy, BoardLost, BoardRefused, MonikerError, ReportError
from otolith.drivers.loading import load_source
from otolith.drivers.monikers import Stance
from otolith.drivers.opening import open_board
from otolith.drivers.phidget_bridge.codec import ZERO, hid, vendor
from otolith.drivers.phidget_bridge.geometry import NOMINAL_SLOPE, btracks_cells, nominal
from otolith.drivers.phidget_bridge.twin import Bridge, HidBridge, VendorBridge
from otolith.drivers.rig.bench import Bench, Plugged
from otolith.drivers.rig.tape import record
from otolith.drivers.usb.gadget import Setup, Stall

CELLS = btracks_cells()
CODES = nominal(NOMINAL_SLOPE / ZERO / 128, float(ZERO))
SOURCE = load_source("recording:BDS00007", CELLS)


def plug(bench: Bench, twin: Bridge, interval: int | None = None) -> Plugged:
    return Plugged(bench, bench.rig.add(twin), Stance(interval=interval))


@pytest.mark.parametrize(
    "twin",
    [
        pytest.param(lambda: HidBridge(SOURCE, CODES, lengths=(32, 8)), id="longer reports"),
        pytest.param(lambda: HidBridge(SOURCE, CODES, lengths=(64, 64)), id="reports that fill a packet"),
        pytest.param(lambda: HidBridge(SOURCE, CODES, bcd_device=0x0163), id="newer firmware"),
        pytest.param(lambda: VendorBridge(SOURCE, CODES, together=False), id="a transfer per channel"),
    ],
)
async def test_every_sample_of_boards_that_differ_a_little(twin: Callable[[], Bridge]) -> None:
    async with Bench() as bench:
        plugged = plug(bench, twin())
        board = await plugged.open()
        tape = await record(board, lambda tape: len(tape) >= 50, 30.0)
        np.testing.assert_array_equal(tape.counts, plugged.sent(board)[: len(tape)])
        assert board.statistics().missed == 0


async def test_gain_bug_units_settle_first_and_keep_channel_0_on() -> None:
    async with Bench() as bench:
        twin = HidBridge(SOURCE, CODES, bcd_device=0x0100)
        board = await plug(bench, twin).open()
        assert board.info.model == "BTrackS (Phidget Bridge 1046_0 (gain bug))"
        tape = await record(board, lambda tape: len(tape) >= 10, 30.0)
        codes = [sample.codes for sample in twin.sent][32:]
        np.testing.assert_array_equal(tape.counts, codes[: len(tape)])
        assert twin.setting == hid.Setting(1)


async def test_every_other_board_is_switched_off_after_the_stream() -> None:
    async with Bench() as bench:
        twins = [HidBridge(SOURCE, CODES), VendorBridge(SOURCE, CODES)]
        for twin in twins:
            board = await plug(bench, twin).open()
            assert not twin.streaming
            await record(board, lambda tape: len(tape) >= 5, 30.0)
            assert not twin.streaming


@pytest.mark.parametrize("rev", [0, 1])
async def test_a_stream_can_follow_a_stream_without_its_leftovers(rev: int) -> None:
    async with Bench() as bench:
        plugged = bench.plug("btracks", rev=rev, interval=8)
        board = await plugged.open()
        await record(board, lambda tape: len(tape) >= 20, 30.0)
        tape = await record(board, lambda tape: len(tape) >= 20, 30.0)
        assert (tape.misnumbered(), tape.missed) == ([], 0)
        sent = plugged.sent(board).tolist()
        first = sent.index(tape.counts[0].tolist())
        assert first <= 8
        assert tape.counts.tolist() == sent[first : first + len(tape)]


async def test_one_reader_at_a_time() -> None:
    async with Bench() as bench:
        board = await bench.plug("btracks").open()
        first = board.batches()
        await anext(first)
        with pytest.raises(BoardBusy, match="one reader at a time"):
            await anext(board.batches())
        await anext(first)
        assert isinstance(first, AsyncGenerator)
        await first.aclose()


async def test_closing_the_board_ends_its_stream() -> None:
    async with Bench() as bench:
        board = await bench.plug("btracks").open()
        stream = board.batches()
        await anext(stream)
        await board.aclose()
        rest = [batch async for batch in stream]
        assert len(rest) < 10
        with pytest.raises(BoardLost):
            await anext(board.batches())


async def test_a_transform_runs_where_the_bytes_arrive() -> None:
    async with Bench() as bench:
        board = await bench.plug("btracks").open()
        stream = board.stream(lambda batch: (threading.current_thread(), len(batch)))
        thread, samples = await anext(stream)
        assert thread is not threading.main_thread()
        assert samples == 1
        assert isinstance(stream, AsyncGenerator)
        await stream.aclose()


async def test_it_has_nothing_to_blink_with() -> None:
    async with Bench() as bench:
        board = await bench.plug("btracks").open()
        with pytest.raises(BoardRefused, match="no light"):
            await board.identify()


async def test_a_device_that_only_looks_like_a_bridge_is_refused() -> None:
    class Mouse(HidBridge):
        async def control(self, setup: Setup, data: bytes) -> bytes:
            mouse = bytes.fromhex("05010902a101950475018102950175058103c0")
            return mouse if setup.request == 6 else await super().control(setup, data)

    async with Bench() as bench:
        with pytest.raises(BoardRefused, match="this is no 1046_0: the board declares reports of"):
            await plug(bench, Mouse(SOURCE, CODES)).open()


async def test_unknown_firmware_is_refused() -> None:
    async with Bench() as bench:
        with pytest.raises(BoardRefused, match="firmware 300; only 100 to 299 are known"):
            await plug(bench, HidBridge(SOURCE, CODES, bcd_device=0x0300)).open()


async def test_a_board_that_takes_another_interval_is_refused() -> None:
    class Slow(VendorBridge):
        def _interval(self, channel: int, data: bytes) -> None:
            super()._interval(channel, data)
            self.intervals[channel] = 8.0

    async with Bench() as bench:
        board = await plug(bench, Slow(SOURCE, CODES)).open()
        with pytest.raises(BoardRefused, match="samples every 8 ms, not every 1 ms"):
            await anext(board.batches())


@pytest.mark.parametrize("interval", [7, 9, 1001])
async def test_intervals_a_1046_0_does_not_have(interval: int) -> None:
    async with Bench() as bench:
        with pytest.raises(MonikerError, match="interval"):
            await bench.plug("btracks", interval=interval).open()


async def test_the_moniker_sets_the_rate() -> None:
    for rev in (0, 1):
        async with Bench() as bench, await open_board(bench.plug("btracks", rev=rev, interval=40).moniker) as board:
            assert board.info.rate == pytest.approx(25.0)


def test_one_count_is_less_than_half_a_millinewton() -> None:
    """And a 700 N person's CoP moves by less than 0.4 um when all four codes are rounded the wrong way."""
    newtons = CODES.gain[0]
    assert newtons == pytest.approx(4.1427e-4, rel=1e-4)
    assert 4 * 0.5 * newtons * 300.0 / 700.0 < 4e-4
    assert Linear((NOMINAL_SLOPE,), (0.0,), "nominal").counts(np.array([[newtons]]))[0, 0] * 2**30 == pytest.approx(1.0)


@pytest.mark.parametrize("rev", [0, 1])
async def test_loads_come_back_within_half_a_count(rev: int) -> None:
    async with Bench() as bench:
        plugged = bench.plug("btracks", "recording:BDS00007", rev=rev)
        board = await plugged.open()
        tape = await record(board, lambda tape: len(tape) >= 40, 30.0)
        index = [sample.index for sample in plugged.twin.sent][1 : 1 + len(tape)]
        loads = board.info.calibration.loads(tape.counts)
        true = SOURCE.loads(np.array(index) / board.info.rate)
        assert np.abs(loads - true).max() <= 0.5001 * CODES.gain[0]


def test_cells_by_turn() -> None:
    assert [(cell.x, cell.y) for cell in btracks_cells(turn=180)] == [(-c.x, -c.y) for c in CELLS]
    assert [(cell.x, cell.y) for cell in btracks_cells(turn=90)] == [(c.y, -c.x) for c in CELLS]
    assert btracks_cells((380.0, 560.0))[0].x == 190.0


def test_vendor_status_is_read() -> None:
    with pytest.raises(ReportError):
        vendor.decode_status(bytes(16))


async def test_twins_refuse_what_the_boards_would() -> None:
    for twin, setup, data in [
        (HidBridge(SOURCE, CODES), Setup(0x21, 9, 0x0200, 0, 3), b"\x0f\x77\x77"),
        (HidBridge(SOURCE, CODES), Setup(0xA1, 1, 0x0100, 0, 18), b""),
        (VendorBridge(SOURCE, CODES), Setup(0x41, 0, 0x1D00, 0, 1), b"\x09"),
        (VendorBridge(SOURCE, CODES), Setup(0x41, 0, 0x1D04, 0, 1), b"\x08"),
        (VendorBridge(SOURCE, CODES), Setup(0x41, 0, 0xFC00, 0, 4), bytes(4)),
        (VendorBridge(SOURCE, CODES), Setup(0xC1, 1, 0x1D00, 0, 1), b""),
    ]:
        with pytest.raises(Stall):
            await twin.control(setup, data)
        with pytest.raises(Stall):
            await twin.read(0x82, 64)
        with pytest.raises(Stall):
            await twin.write(0x01, b"")
    status = await VendorBridge(SOURCE, CODES).control(Setup(0xC1, 3, 0, 0, 17), b"")
    assert vendor.decode_status(status) == vendor.Status(0, (250.0,) * 4)
