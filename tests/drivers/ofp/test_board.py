from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from otolith.drivers.batch import Flag
from otolith.drivers.board import WrenchPlate
from otolith.drivers.calibration import Linear, Matrix
from otolith.drivers.errors import BoardBusy, BoardRefused, MonikerError
from otolith.drivers.loading import load_source
from otolith.drivers.loads import Constant, LoadSource
from otolith.drivers.monikers import Stance
from otolith.drivers.ofp import asking
from otolith.drivers.ofp.board import OfpBoard
from otolith.drivers.ofp.codec.numbers import Capability, Mode, Quantity, Refusal, Request, Status
from otolith.drivers.ofp.codec.records import decode_state, encode_cal
from otolith.drivers.ofp.codec.unlock import key
from otolith.drivers.ofp.pattern import verify
from otolith.drivers.ofp.twin import PlateTwin
from otolith.drivers.ofp.twin.design import Design, design, ring, six_components
from otolith.drivers.opening import open_board
from otolith.drivers.rig.bench import Bench, Plugged
from otolith.drivers.rig.tape import record
from otolith.drivers.sim import SimBoard
from otolith.drivers.usb.gadget import Setup, Stall

SOURCE = load_source("recording:BDS00007", ring(4))


def plug(bench: Bench, plate: Design, interval: int | None = None, **options: Any) -> Plugged:
    return Plugged(bench, bench.rig.add(PlateTwin(SOURCE, plate, **options)), Stance(interval=interval))


async def opened(plugged: Plugged) -> OfpBoard:
    board = await plugged.open()
    assert isinstance(board, OfpBoard)
    return board


async def test_a_simulated_plate_by_its_name() -> None:
    board = await open_board("sim:ofp?load=constant:700@20,-30&serial=42&rate=500")
    async with board:
        tape = await record(board, lambda tape: len(tape) >= 100, 30.0)
        info = board.info
    assert (info.family, info.serial, info.rate, info.unit, info.simulated) == ("ofp", "42", 500.0, "count", True)
    loads = info.calibration.loads(tape.counts)
    x, y = np.array([[cell.x, cell.y] for cell in info.cells]).T
    np.testing.assert_allclose(loads.sum(axis=1), 700.0, atol=1e-3)
    np.testing.assert_allclose(loads @ x / 700.0, 20.0, atol=1e-3)
    np.testing.assert_allclose(loads @ y / 700.0, -30.0, atol=1e-3)
    clock = np.concatenate([batch.t_device for batch in tape.batches if batch.t_device is not None])
    np.testing.assert_allclose(np.diff(clock), 0.002, atol=2e-6)


async def test_a_simulated_plate_of_six_components_by_its_name() -> None:
    async with await open_board("sim:ofp?load=constant:700@20,-30&outputs=wrench&channels=7&turn=90") as board:
        tape = await record(board, lambda tape: len(tape) >= 20, 30.0)
        loads = board.info.calibration.loads(tape.counts)
        assert board.info.plates[0].turn == 90.0
    fx, fy, fz, mx, my, mz = loads[0]
    np.testing.assert_allclose([fx, fy, fz, mz], [0.0, 0.0, 700.0, 0.0], atol=0.1)
    along_x, along_y = -my / fz, mx / fz  # in the plate's axes, which are turned a quarter
    np.testing.assert_allclose([along_y, -along_x], [20.0, -30.0], atol=0.2)
    with pytest.raises(MonikerError, match="six channels or more"):
        await open_board("sim:ofp?load=constant:700&outputs=wrench&channels=5")


@pytest.mark.parametrize("channels", [3, 5, 6, 10])
async def test_plates_of_other_numbers_of_cells(channels: int) -> None:
    async with await open_board(f"sim:ofp?load=constant:700@20,-30&channels={channels}&rate=200") as board:
        assert isinstance(board, SimBoard)
        tape = await record(board, lambda tape: len(tape) >= 40, 30.0)
        np.testing.assert_array_equal(tape.counts, board.twin.delivered()[: len(tape)])
        loads = board.info.calibration.loads(tape.counts)
        x, y = np.array([[cell.x, cell.y] for cell in board.info.cells]).T
    np.testing.assert_allclose(loads.sum(axis=1), 700.0, atol=2e-3)
    np.testing.assert_allclose(loads @ x / 700.0, 20.0, atol=2e-3)
    np.testing.assert_allclose(loads @ y / 700.0, -30.0, atol=2e-3)


@pytest.mark.parametrize(
    ("moniker", "reason"),
    [
        ("sim:ofp?load=constant:700&rev=1", "rev= and cells= are not of the board ofp"),
        ("sim:ofp?load=constant:700&cells=400x600", "rev= and cells= are not of the board ofp"),
        ("sim:btracks?load=constant:700&rate=500", "rate= is not of the board btracks"),
    ],
)
async def test_options_of_the_other_board(moniker: str, reason: str) -> None:
    with pytest.raises(MonikerError, match=reason):
        await open_board(moniker)


async def test_the_test_pattern_proves_the_stream() -> None:
    async with Bench() as bench:
        plugged = plug(bench, design(1), rate=500_000, seed=3)
        board = await opened(plugged)
        packets: list[bytes] = []
        stream = board.pattern()
        async for packet in stream:
            packets.append(packet)
            if len(packets) == 20:
                plugged.twin.inject("drop")
                plugged.twin.inject("repeat")
            if len(packets) == 60:
                break
        assert isinstance(stream, AsyncGenerator)
        await stream.aclose()
        whole = verify(packets[:20])
        assert whole.holds
        assert whole.rate == pytest.approx((await board.state()).rate / 1e3)
        broken = verify(packets)
        assert (broken.lost, broken.out_of_order, broken.wrong, broken.holds) == (2, 1, 0, False)
        tape = await record(board, lambda tape: len(tape) >= 20, 30.0)
        assert not tape.flags.any()
        assert tape.missed == 0


async def test_each_stream_has_a_tag_of_its_own() -> None:
    async with Bench() as bench:
        plugged = plug(bench, design(1))
        board = await opened(plugged)
        for _ in range(3):
            tape = await record(board, lambda tape: len(tape) >= 20, 30.0)
            assert (tape.misnumbered(), tape.missed) == ([], 0)
            np.testing.assert_array_equal(tape.counts, plugged.sent(board)[: len(tape)])
        assert (await board.state()).tag == 3
        await board.aclose()
        again = await opened(plugged)
        assert (await again.state()).mode == Mode.IDLE


async def test_one_reader_at_a_time() -> None:
    async with Bench() as bench:
        board = await plug(bench, design(1)).open()
        stream = board.batches()
        await anext(stream)
        with pytest.raises(BoardBusy, match="one reader at a time"):
            await anext(board.batches())
        assert isinstance(stream, AsyncGenerator)
        await stream.aclose()


async def test_it_blinks_where_it_can() -> None:
    async with Bench() as bench:
        plugged = plug(bench, design(1))
        await (await plugged.open()).identify()
        assert isinstance(plugged.twin, PlateTwin)
        assert plugged.twin.blinks == 1
        dark = design(2)
        dark = replace(dark, info=replace(dark.info, capabilities=Capability.SIMULATED))
        with pytest.raises(BoardRefused, match="no light"):
            await (await plug(bench, dark).open()).identify()


async def test_the_interval_sets_the_rate() -> None:
    async with Bench() as bench:
        assert (await plug(bench, design(1), interval=4).open()).info.rate == 250.0
        with pytest.raises(MonikerError, match="250 samples a second: this plate takes 100 at best"):
            await plug(bench, design(1, max_rate=100_000), interval=4).open()


async def test_a_plate_that_takes_another_rate_is_refused() -> None:
    class Stubborn(PlateTwin):
        def _set_rate(self, data: bytes) -> None:
            super()._set_rate(data)
            self.rate = 80_000

    async with Bench() as bench:
        plugged = Plugged(bench, bench.rig.add(Stubborn(SOURCE, design(1))), Stance(interval=4))
        with pytest.raises(BoardRefused, match="samples 80 times a second, not 250 times"):
            await plugged.open()


async def test_what_cannot_be_read_yet_is_refused_in_words() -> None:
    plate = design(1)
    dead = ((0.0, 0.0, 0.0, 0.0), *plate.cal.matrix[1:])
    wrench = (replace(plate.places[0], quantity=Quantity.FZ), *plate.places[1:])
    odd = (replace(plate.places[0], quantity=77), *plate.places[1:])
    for other, reason in [
        (replace(plate, cal=replace(plate.cal, matrix=dead)), "a gain of zero"),
        (replace(plate, places=wrench), "output FR of this plate is FZ; a plate that can be read has vertical cells"),
        (replace(plate, places=odd), "output FR of this plate is 77"),
        (replace(plate, info=replace(plate.info, version=0x0200)), r"speaks OFP 2\.0"),
    ]:
        async with Bench() as bench:
            twin = PlateTwin(SOURCE, plate)
            twin.design = other
            with pytest.raises(BoardRefused, match=reason):
                await Plugged(bench, bench.rig.add(twin), Stance()).open()


async def read(plate: Design, source: LoadSource = SOURCE, **stance: Any) -> tuple[OfpBoard, NDArray[np.float64]]:
    """The board of a design as opened, and the loads of its first samples."""
    async with Bench() as bench:
        board = await opened(Plugged(bench, bench.rig.add(PlateTwin(source, plate)), Stance(**stance)))
        tape = await record(board, lambda tape: len(tape) >= 10, 30.0)
        return board, board.info.calibration.loads(tape.counts)


async def test_six_components_are_a_wrench_plate() -> None:
    plate = six_components(7, 8)
    mixed = replace(plate, places=plate.places[::-1], cal=replace(plate.cal, matrix=plate.cal.matrix[::-1]))
    source = Constant((11.0, -12.0, 700.0, 13_000.0, -14_000.0, 500.0))
    for one in (plate, mixed):
        board, loads = await read(one, source, turn=90)
        assert board.info.cells == ()
        assert board.info.plates == (WrenchPlate("1", turn=90, width=450.0, length=550.0),)
        assert board.info.channels == 8
        np.testing.assert_allclose(loads[0], source.newtons, rtol=0, atol=0.5)


async def test_cells_may_feel_one_another() -> None:
    plate = design(1)
    rows = np.array(plate.cal.matrix) + 1e-6 * np.arange(16).reshape(4, 4)
    full = replace(plate.cal, matrix=tuple(map(tuple, rows.astype(np.float32).tolist())))
    board, loads = await read(replace(plate, cal=full))
    assert isinstance(board.info.calibration, Matrix)
    assert [cell.name for cell in board.info.cells] == ["FR", "BR", "BL", "FL"]
    assert loads.shape[1] == 4


async def test_a_plate_keeps_the_matrix_that_it_is_given() -> None:
    async with Bench() as bench:
        twin = PlateTwin(Constant((0.0,) * 6), six_components(9))
        plugged = Plugged(bench, bench.rig.add(twin), Stance())
        board = await opened(plugged)
        cal = replace(twin.design.cal, zeros=(1.0, 2.0, 3.0, 4.0, 5.0, 6.0), date=20270203)
        await board.recalibrate(cal)
        assert twin.design.cal == cal
        await board.aclose()
        assert (await opened(plugged)).info.calibration.zero == cal.zeros
        with pytest.raises(BoardRefused, match="has 6 outputs of 6 channels"):
            await board.recalibrate(replace(cal, zeros=(1.0,)))


async def test_another_device_with_the_test_identity_is_refused() -> None:
    class Mouse(PlateTwin):
        async def control(self, setup: Setup, data: bytes) -> bytes:
            return b"squeak" if setup.request == Request.GET_INFO else await super().control(setup, data)

    async with Bench() as bench:
        with pytest.raises(BoardRefused, match="this is no OFP plate, or its firmware is at fault: INFO has 6 bytes"):
            await Plugged(bench, bench.rig.add(Mouse(SOURCE, design(1))), Stance()).open()


async def test_cells_are_where_the_plate_says() -> None:
    async with Bench() as bench:
        plugged = bench.plug("ofp", turn=90)
        board = await plugged.open()
        assert [(cell.name, cell.x, cell.y) for cell in board.info.cells[:2]] == [
            ("FR", 250.0, -200.0),
            ("BR", -250.0, -200.0),
        ]
        assert board.info.calibration.source == "factory"
        await board.aclose()
        with pytest.raises(MonikerError, match="says itself where its cells are"):
            await open_board(f"{plugged.moniker}&cells=400x600")


async def ask(twin: PlateTwin, request: Request, value: int = 0, data: bytes = b"", kind: int = 0x40) -> bytes:
    return await twin.control(Setup(kind, request, value, 0, 512), data)


async def refusal(twin: PlateTwin, request: int, value: int = 0, data: bytes = b"") -> Refusal:
    with pytest.raises(Stall):
        await twin.control(Setup(0x40, request, value, 0, len(data)), data)
    reason = decode_state(await ask(twin, Request.STATUS, kind=0xC0)).refusal
    assert decode_state(await ask(twin, Request.STATUS, kind=0xC0)).refusal == Refusal.NONE
    return Refusal(reason)


async def test_the_twin_says_why_it_refuses() -> None:
    twin = PlateTwin(SOURCE, design(1))
    hertz = (1_000_000).to_bytes(4, "little")
    assert await refusal(twin, 0x1F) == Refusal.UNKNOWN_REQUEST
    assert await refusal(twin, Request.SET_RATE, data=b"\x01") == Refusal.WRONG_LENGTH
    assert await refusal(twin, Request.SET_RATE, data=bytes(4)) == Refusal.OUT_OF_RANGE
    assert await refusal(twin, Request.START, 0) == Refusal.OUT_OF_RANGE
    assert await refusal(twin, Request.TARE, 2) == Refusal.OUT_OF_RANGE
    await ask(twin, Request.START, Mode.SAMPLES)
    assert await refusal(twin, Request.SET_RATE, data=hertz) == Refusal.BUSY
    await ask(twin, Request.STOP)
    await ask(twin, Request.SET_RATE, data=hertz)
    with pytest.raises(Stall):
        await twin.read(0x82, 64)
    assert await twin.write(0x01, b"anything") == 8


async def test_the_calibration_is_behind_a_lock() -> None:
    twin = PlateTwin(SOURCE, design(4711))
    cal = replace(twin.design.cal, zeros=(5.0, 6.0, 7.0, 8.0), date=20270101)

    async def keyed(record: bytes, error: int = 0) -> bytes:
        challenge = int.from_bytes(await ask(twin, Request.UNLOCK, kind=0xC0), "little")
        return (key(challenge, 4711) ^ error).to_bytes(4, "little") + record

    good = encode_cal(cal)
    assert await refusal(twin, Request.SET_CAL, data=bytes(4) + good) == Refusal.LOCKED
    assert await refusal(twin, Request.SET_CAL, data=await keyed(good, error=1)) == Refusal.LOCKED
    assert await refusal(twin, Request.SET_CAL, data=await keyed(good[:-1])) == Refusal.WRONG_LENGTH
    assert await refusal(twin, Request.SET_CAL, data=await keyed(good[:-1] + b"?")) == Refusal.WRONG_CRC
    right = await keyed(good)
    await ask(twin, Request.SET_CAL, data=right)
    assert twin.design.cal == cal
    assert await refusal(twin, Request.SET_CAL, data=right) == Refusal.LOCKED


async def test_samples_tared_on_the_plate_are_not_to_be_trusted() -> None:
    async with Bench() as bench:
        board = await opened(plug(bench, design(1)))
        await asking.order(board._wire, Request.TARE, 1)
        assert (await board.state()).status & Status.TARED
        tape = await record(board, lambda tape: len(tape) >= 10, 30.0)
        assert (tape.flags & Flag.INVALID).all()


async def test_a_tare_left_behind_is_undone() -> None:
    class Tared(PlateTwin):
        def power_up(self) -> None:
            super().power_up()
            self._tare = (1, 2, 3, 4)

    async with Bench() as bench:
        twin = Tared(SOURCE, design(1))
        board = await opened(Plugged(bench, bench.rig.add(twin), Stance()))
        assert not (await board.state()).status & Status.TARED
        assert isinstance(board.info.calibration, Linear)


async def test_the_clock_is_the_twins() -> None:
    async with Bench() as bench:
        board = await opened(plug(bench, design(1)))
        first = await board.clock()
        assert await board.clock() > first


async def test_refusals_are_told_in_words() -> None:
    async with Bench() as bench:
        board = await opened(plug(bench, design(1)))
        with pytest.raises(BoardRefused, match="the plate refused TARE: out of range"):
            await asking.order(board._wire, Request.TARE, 7)
        assert asking.reason_of(200) == "reason 200"


async def test_descriptors_for_windows_and_browsers() -> None:
    twin = PlateTwin(SOURCE, design(1))
    assert (await twin.control(Setup(0x80, 6, 0x0F00, 0, 5), b"")).hex() == "050f390002"
    assert len(await twin.control(Setup(0xC0, Request.MS_OS_20, 0, 7, 512), b"")) == 162
    assert (await twin.control(Setup(0xC0, Request.WEBUSB, 1, 2, 255), b""))[:3].hex() == "1d0301"
    with pytest.raises(Stall):
        await twin.control(Setup(0xC0, Request.MS_OS_20, 0, 8, 512), b"")
