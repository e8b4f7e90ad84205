"""The driver and the twin, over USB/IP where it matters."""

import asyncio
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from otolith.drivers.analogue.file import LIBRARY, read_plates
from otolith.drivers.analogue.standing import standing
from otolith.drivers.calibration import Linear
from otolith.drivers.errors import BoardBusy, BoardRefused, BoardTimeout, MonikerError, PlateError
from otolith.drivers.mcc1608.board import Mcc1608, mcc1608_over
from otolith.drivers.mcc1608.codec.numbers import Option, Request, Status
from otolith.drivers.mcc1608.codec.records import Scan, encode_scan
from otolith.drivers.mcc1608.pattern import verify
from otolith.drivers.mcc1608.twin import MccTwin, factory
from otolith.drivers.mcc1608.twin.converters import Coded
from otolith.drivers.monikers import Stance
from otolith.drivers.opening import open_board
from otolith.drivers.rig.bench import Bench, Plugged
from otolith.drivers.rig.tape import record
from otolith.drivers.usb.gadget import Setup, Stall
from otolith.drivers.wire import Identity

OUT, IN = 0x40, 0xC0


def twin(plate: str | None = None, **options: Any) -> MccTwin:
    wiring = read_plates(plate, simulated=True)
    return MccTwin(standing("constant:700@20,-30", wiring), wiring, **options)


def plug(bench: Bench, twin: MccTwin, **stance: Any) -> Plugged:
    return Plugged(bench, bench.rig.add(twin), Stance(**stance))


async def opened(plugged: Plugged) -> Mcc1608:
    board = await plugged.open()
    assert isinstance(board, Mcc1608)
    return board


async def write(twin: MccTwin, request: int, data: bytes = b"") -> None:
    await twin.control(Setup(OUT, request, 0, 0, len(data)), data)


async def read(twin: MccTwin, request: int, length: int, value: int = 0, index: int = 0) -> bytes:
    return await twin.control(Setup(IN, request, value, index, length), b"")


@pytest.mark.parametrize("plate", ["amti-or6-7", "bertec-4060", "kistler-9286", "four-cells", "vernier-fp-bta"])
async def test_what_stands_on_any_plate_comes_back_within_half_a_code(plate: str) -> None:
    async with await open_board(f"sim:mcc?load=constant:700@20,-30&plate={plate}&rate=2000") as board:
        info = board.info
        tape = await record(board, lambda tape: len(tape) >= 8, 30.0)
    wiring = read_plates(plate, simulated=True)
    true = standing("constant:700@20,-30", wiring).loads(np.zeros(1))
    scale = 10.0 if wiring.inputs[0].span == 10.0 else 5.0
    assert np.abs(tape.counts - wiring.calibration.counts(true)).max() <= 0.503 * scale / 32_768
    assert (info.plates, info.cells, info.calibration) == (wiring.plates, wiring.cells, wiring.calibration)
    assert isinstance(info.calibration, Linear) is (not wiring.plates)
    assert (info.rate, info.unit, info.simulated, info.latency) == (2000.0, "V", True, 0.0015)


async def test_a_turned_board_has_turned_plates() -> None:
    async with await open_board("sim:mcc?load=constant:700&turn=90&plate=four-cells") as board:
        assert [(cell.name, cell.x, cell.y) for cell in board.info.cells][:2] == [("FR", 250, -200), ("BR", -250, -200)]


@pytest.mark.parametrize(
    ("moniker", "error", "reason"),
    [
        ("sim:mcc?load=constant:700&rev=1", MonikerError, "rev= is not of the board mcc"),
        ("sim:mcc?load=constant:700&channels=4", MonikerError, "channels= is not of the board mcc"),
        ("sim:mcc?load=constant:700&cells=400x600", MonikerError, "description says where its cells are"),
        ("sim:mcc?load=constant:700&rate=50000", MonikerError, "this driver takes 1 to 10000"),
        ("sim:mcc?load=constant:700&rate=50&interval=20", MonikerError, "say the same twice"),
        ("sim:mcc?load=constant:700&plate=none.toml", PlateError, "none.toml: No such file"),
        ("sim:mcc?load=constant:700@400,0", MonikerError, "centre lies outside"),
        ("sim:btracks?load=constant:700&plate=amti-or6-7", MonikerError, "plate= is not of the board btracks"),
    ],
)
async def test_what_cannot_be_is_refused(moniker: str, error: type[Exception], reason: str) -> None:
    with pytest.raises(error, match=reason):
        await open_board(moniker)


async def test_other_boards_refuse_a_plate() -> None:
    async with Bench() as bench:
        plugged = bench.plug("btracks")
        plugged.stance = Stance(plate="amti-or6-7")
        with pytest.raises(MonikerError, match="plate= means nothing to this board: BTrackS"):
            await plugged.open()


async def test_a_real_daq_takes_no_example(tmp_path: Path) -> None:
    """Real is what does not say that it is a twin."""
    real = twin()
    real.strings[2] = "USB-1608FS-Plus"
    mine = tmp_path / "mine.toml"
    mine.write_text((LIBRARY / "amti-or6-7.toml").read_text().replace("example = true\n", ""))
    async with Bench() as bench:
        plugged = plug(bench, real)
        with pytest.raises(PlateError, match="measures volts: say with plate="):
            await plugged.open()
        plugged.stance = Stance(plate="amti-or6-7")
        with pytest.raises(PlateError, match="remove the line example = true"):
            await plugged.open()
        plugged.stance = Stance(plate=str(mine))
        assert not (await plugged.open()).info.simulated


@pytest.mark.parametrize(
    ("image", "reason"),
    [(b"\xff" * 768, "calibration memory is blank"), (b"\x55" * 767 + b"\xaa", "input 0 on ±10 V cannot be")],
)
async def test_a_daq_that_forgot_its_calibration_is_refused(image: bytes, reason: str) -> None:
    forgetful = twin()
    forgetful.image = image
    async with Bench() as bench:
        with pytest.raises(BoardRefused, match=f"this DAQ cannot be used: .*{reason}"):
            await plug(bench, forgetful).open()


async def test_a_daq_without_a_serial_number_is_refused() -> None:
    nameless = twin()
    nameless.serial = "\0" * 8
    async with Bench() as bench:
        with pytest.raises(BoardRefused, match="8 letters and digits"):
            await plug(bench, nameless).open()


async def test_ranges_that_are_not_taken_are_refused() -> None:
    class Stubborn(MccTwin):
        def _configure_from(self, data: bytes) -> None:
            super()._configure_from(bytes(len(data)))

    wiring = read_plates("vernier-fp-bta", simulated=True)
    stubborn = Stubborn(standing("constant:700", wiring), wiring)
    async with Bench() as bench:
        board = await plug(bench, stubborn, plate="vernier-fp-bta").open()
        with pytest.raises(BoardRefused, match=r"took the ranges \(0, .*not \(1, 0"):
            await anext(board.batches())


async def test_one_input_can_be_read_while_nothing_streams() -> None:
    async with Bench() as bench:
        plugged = plug(bench, twin())
        board = await opened(plugged)
        (volts,) = read_plates(None, simulated=True).calibration.counts(np.array([[0, 0, 700, -21_000, -14_000, 0]]))
        assert await board.volts(2) == pytest.approx(volts[2], abs=2e-4)
        assert await board.volts(2, 1) == pytest.approx(volts[2], abs=1e-4)
        assert await board.volts(7) == pytest.approx(0.0, abs=0.02)
        with pytest.raises(BoardRefused):
            await board.volts(8)
        stream = board.batches()
        await anext(stream)
        with pytest.raises(BoardRefused):
            await board.volts(2)
        with pytest.raises(BoardBusy):
            await board.prove(0.1)
        with pytest.raises(ValueError, match="mask of inputs"):
            await board.prove(0.1, 0)


async def test_it_blinks_and_counts() -> None:
    async with Bench() as bench:
        plugged = plug(bench, twin())
        board = await opened(plugged)
        await board.identify()
        assert isinstance(plugged.twin, MccTwin)
        assert plugged.twin.blinks == 5
        plugged.twin.events = 123_456
        assert await board.events() == 123_456


async def test_a_scan_that_ended_by_itself_is_started_again_and_its_gap_counted() -> None:
    async with Bench() as bench:
        plugged = plug(bench, twin())
        board = await opened(plugged)
        stopped = False

        def enough(tape: Any) -> bool:
            nonlocal stopped
            if len(tape) >= 200 and not stopped:
                stopped = True
                assert isinstance(plugged.twin, MccTwin)
                plugged.twin.scan, plugged.twin.status = None, Status(0)
            return bool(tape.missed)

        tape = await record(board, enough, 30.0)
    assert tape.error is None
    assert board.restarts == 1
    assert tape.misnumbered() == []
    assert tape.missed == board.statistics().missed > 0


async def test_a_daq_that_does_not_scan_is_given_up() -> None:
    class Dead(MccTwin):
        def _start(self, data: bytes) -> None:
            del data

    wiring = read_plates(None, simulated=True)
    async with Bench() as bench:
        board = await opened(plug(bench, Dead(standing("constant:700", wiring), wiring)))
        tape = await record(board, lambda _: False, 30.0)
    assert isinstance(tape.error, BoardTimeout)
    assert "has sent nothing for" in str(tape.error)


async def test_it_can_be_opened_over_a_wire_that_is_there() -> None:
    class Hollow:
        async def control(self, *_: object) -> bytes:
            return b""

    with pytest.raises(BoardRefused, match="serial number is 8"):
        await mcc1608_over(Hollow(), Identity(0, "", "x (twin)"), "sim:mcc", Stance())  # type: ignore[arg-type]  # a stump


async def packets(twin: MccTwin) -> list[bytes]:
    """All of a finite scan."""
    got = []
    async with asyncio.timeout(10.0):
        while twin.scan or twin._ready:
            got.append(await twin.read(0x81, 64))
    return got


async def test_a_finite_scan_of_whole_packets_ends_with_an_empty_one() -> None:
    device = twin()
    await device.attach()
    await write(device, Request.SCAN_START, encode_scan(Scan(64, 399, 0x15, Option.COUNTING)))
    got = await packets(device)
    assert [len(packet) for packet in got] == [64] * 6 + [0]
    assert verify(got).holds
    assert await read(device, Request.STATUS, 2) == b"\0\0"


async def test_a_finite_scan_ends_with_what_is_left() -> None:
    device = twin()
    await device.attach()
    await write(device, Request.SCAN_START, encode_scan(Scan(13, 399, 0x3F, Option.COUNTING)))
    got = await packets(device)
    assert [len(packet) for packet in got] == [64, 64, 28]
    assert struct.unpack("<78H", b"".join(got)) == tuple(range(78))
    assert [sent.index for sent in device.sent] == list(range(13))


async def test_immediate_packets_hold_a_scan() -> None:
    device = twin()
    await device.attach()
    await write(device, Request.SCAN_START, encode_scan(Scan(5, 399, 0x3F, Option.IMMEDIATE)))
    assert [len(packet) for packet in await packets(device)] == [12] * 5 + [0]


class Watched(MccTwin):
    """Tells when its FIFO has run over."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.over = asyncio.Event()

    def overrun(self) -> None:
        super().overrun()
        self.over.set()


async def drained(twin: MccTwin, into: list[bytes]) -> int:
    """Reads for ever, or until the endpoint halts."""
    try:
        while True:
            into.append(await twin.read(0x81, 64))
    except Stall:
        return 1


@pytest.mark.parametrize(("option", "stalls"), [(Option(0), 1), (Option.NO_STALL, 0)])
async def test_a_fifo_that_runs_over_ends_the_scan(option: Option, stalls: int) -> None:
    """160 samples are room for 20 scans; nobody reads for 50 of them."""
    wiring = read_plates(None, simulated=True)
    device = Watched(standing("constant:700", wiring), wiring, fifo=160)
    await device.attach()
    await write(device, Request.SCAN_START, encode_scan(Scan(0, 399, 0xFF, option)))
    got = [await device.read(0x81, 64)]
    device._schedule._start = device._schedule.at(-50) + (device._schedule._start or 0.0)
    reading = asyncio.create_task(drained(device, got))
    async with asyncio.timeout(10.0):
        await device.over.wait()
        seen = await reading if stalls else 0
    reading.cancel()
    assert (seen, device.status) == (stalls, Status.OVERRUN)
    assert [sent.index for sent in device.sent] == list(range(4 * len(got)))
    assert len(got) >= 5
    await write(device, Request.STATUS)
    assert await read(device, Request.STATUS, 2) == b"\0\0"


@pytest.mark.parametrize(
    ("kind", "request_", "data", "value"),
    [
        (OUT, Request.SCAN_START, bytes(10), 0),
        (OUT, Request.SCAN_START, bytes(9), 0),
        (OUT, Request.SCAN_START, encode_scan(Scan(0, 398, 1, Option(0))), 0),
        (OUT, Request.SCAN_START, encode_scan(Scan(0, 0, 1, Option(0))), 0),
        (OUT, Request.SCAN_START, encode_scan(Scan(0, 399, 1, Option(0), trigger=1)), 0),
        (OUT, Request.SCAN_CONFIG, b"\x08" * 8, 0),
        (OUT, Request.BLINK, b"", 0),
        (OUT, Request.SERIAL, b"12345678", 0),
        (IN, Request.SCAN_START, b"", 0),
        (IN, Request.AIN, b"", 8),
        (IN, Request.MEMORY, b"", 761),
        (IN, 0x50, b"", 0),
        (0x21, Request.STATUS, b"", 0),
    ],
)
async def test_the_twin_refuses_what_the_device_would(kind: int, request_: int, data: bytes, value: int) -> None:
    device = twin()
    await device.attach()
    with pytest.raises(Stall):
        await device.control(Setup(kind, request_, value, 0, 8), data)


async def test_during_a_scan_the_twin_refuses_another() -> None:
    device = twin()
    await device.attach()
    start = encode_scan(Scan(0, 39_999, 0xFF, Option(0)))
    await write(device, Request.SCAN_START, start)
    for request, data in [(Request.SCAN_START, start), (Request.SCAN_CONFIG, bytes(8))]:
        with pytest.raises(Stall):
            await write(device, request, data)
    with pytest.raises(Stall):
        await read(device, Request.AIN, 2)
    await write(device, Request.RESET)
    assert not device.streaming
    assert await read(device, Request.SERIAL, 8) == b"00100001"
    assert await read(device, Request.MEMORY, 8, 64) == device.image[64:72]
    device.events = 7
    await write(device, Request.COUNTER)
    assert await read(device, Request.COUNTER, 4) == bytes(4)


def test_loads_of_codes_are_those_of_their_volts() -> None:
    wiring = read_plates(None, simulated=True)
    converters = tuple(factory(5).converter(number, 0) for number in range(6))
    coded = Coded(wiring.calibration, converters)
    codes = np.arange(6.0)[None] * 9000.0 + 1000.0
    volts = np.array([[one.volts(int(code)) for one, code in zip(converters, codes[0], strict=True)]])
    loads = wiring.calibration.loads(volts)
    np.testing.assert_allclose(coded.loads(codes), loads, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(coded.counts(loads), codes, rtol=1e-9)
    np.testing.assert_allclose(coded.loads(np.array([coded.zero])), np.zeros((1, 6)), atol=1e-6)
    np.testing.assert_allclose(coded.loads(codes, codes[0].tolist()), np.zeros((1, 6)), atol=1e-9)
    assert coded.source == wiring.calibration.source
