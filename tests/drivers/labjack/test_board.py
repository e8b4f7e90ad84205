"""The driver over a wire, with twins at its other end."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from otolith.drivers.analogue.file import LIBRARY, plates_of, read_plates
from otolith.drivers.analogue.standing import standing
from otolith.drivers.errors import BoardBusy, BoardNotFound, BoardRefused, MonikerError, PlateError
from otolith.drivers.labjack.board import LabJack, serial_of
from otolith.drivers.labjack.codec import commands, packet, t7, u3
from otolith.drivers.labjack.codec.packet import Packet
from otolith.drivers.labjack.models import T7, U3, U6
from otolith.drivers.labjack.twin import LabJackTwin, T7Twin, U3Twin, U6Twin
from otolith.drivers.labjack.way import PLAUSIBLE
from otolith.drivers.monikers import Stance
from otolith.drivers.opening import open_board
from otolith.drivers.rig.bench import Bench, Plugged
from otolith.drivers.rig.tape import Tape, record
from otolith.drivers.usb import backends
from otolith.drivers.usb.seen import find

AMTI = read_plates(None, simulated=True)
CELLS = read_plates("four-cells", simulated=True)
PATIENCE = 30.0


def plug(bench: Bench, twin: LabJackTwin, **stance: Any) -> Plugged:
    return Plugged(bench, bench.rig.add(twin), Stance(**stance))


def six(**options: Any) -> U6Twin:
    return U6Twin(standing("recording:BDS00007", AMTI), AMTI, **options)


def three(**options: Any) -> U3Twin:
    return U3Twin(standing("recording:BDS00007", CELLS), CELLS, **options)


def seven(**options: Any) -> T7Twin:
    return T7Twin(standing("recording:BDS00007", AMTI), AMTI, **options)


async def opened(plugged: Plugged) -> LabJack:
    board = await plugged.open()
    assert isinstance(board, LabJack)
    return board


@pytest.mark.parametrize(
    ("name", "model", "serial", "rate"),
    [
        ("sim:labjack-u6?load=constant:700@20,-10&serial=360&rate=300", "LabJack U6 with AMTI", "360", 4e6 / 13333),
        (
            "sim:labjack-u3?load=constant:700@20,-10&serial=320&rate=300",
            "LabJack U3-HV with own make",
            "320",
            4e6 / 13333,
        ),
        ("sim:labjack-t7?load=constant:700@20,-10&serial=470&rate=300", "LabJack T7 with AMTI", "470", 1e7 / 33333),
    ],
)
async def test_a_simulated_plate_by_its_name(name: str, model: str, serial: str, rate: float) -> None:
    async with await open_board(name) as board:
        info = board.info
        assert info.model.startswith(model)
        assert (info.family, info.serial, info.id, info.unit) == ("labjack", serial, f"labjack-{serial}", "V")
        assert info.simulated
        assert info.rate == pytest.approx(rate, rel=1e-7)
        assert (info.moniker, info.closed_loop) == (name, True)
        tape = await record(board, lambda tape: len(tape) >= 40, PATIENCE)
        loads = info.calibration.loads(tape.counts)
        with pytest.raises(BoardRefused, match="press on the plate"):
            await board.identify()
    if info.plates:
        force, mx, my = loads[:, 2], loads[:, 3], loads[:, 4]
    else:
        x, y = np.array([[cell.x, cell.y] for cell in info.cells]).T
        force, mx, my = loads.sum(axis=1), loads @ y, loads @ -x
    np.testing.assert_allclose(force, 700.0, atol=0.2)
    np.testing.assert_allclose(-my / force, 20.0, atol=0.1)
    np.testing.assert_allclose(mx / force, -10.0, atol=0.1)


async def test_the_whole_board_can_be_turned() -> None:
    async with await open_board("sim:labjack-u3?load=constant:700&turn=90") as board:
        first = board.info.cells[0]
    assert (first.name, first.x, first.y) == ("FR", 250.0, -200.0)


@pytest.mark.parametrize("make", [six, three, seven])
async def test_one_stream_after_another(make: Any) -> None:
    async with Bench() as bench:
        plugged = plug(bench, make())
        board = await opened(plugged)
        for _ in range(3):
            tape = await record(board, lambda tape: len(tape) >= 25, PATIENCE)
            assert (tape.error, tape.missed, tape.misnumbered()) == (None, 0, [])
            np.testing.assert_array_equal(tape.counts, plugged.sent(board)[: len(tape)])
        assert 0.0 <= board.backlog < 1.0
        await board.aclose()
        again = await opened(plugged)
        assert not plugged.twin.streaming
        assert (await record(again, lambda tape: len(tape) >= 5, PATIENCE)).error is None


async def test_one_reader_at_a_time() -> None:
    async with Bench() as bench:
        board = await opened(plug(bench, six()))
        stream = board.batches()
        await anext(stream)
        with pytest.raises(BoardBusy, match="one reader at a time"):
            await anext(board.batches())
        assert isinstance(stream, AsyncGenerator)
        await stream.aclose()


async def test_what_does_not_fit_is_read_many_packets_at_a_time() -> None:
    """8 kHz and six channels: nine full packets in a transfer of 5 ms."""
    async with Bench() as bench:
        plugged = plug(bench, six(), rate=8000)
        board = await opened(plugged)
        assert board._packing.transfer(8000.0) == 9 * 64
        tape = await record(board, lambda tape: len(tape) >= 2000, PATIENCE)
        np.testing.assert_array_equal(tape.counts, plugged.sent(board)[: len(tape)])
        assert (tape.missed, tape.misnumbered()) == (0, [])


async def test_a_device_that_gives_up_says_why() -> None:
    class Overlapping(U6Twin):
        def encode(self, one: Packet) -> bytes:
            return packet.encode(replace(one, error=55 if one.number == 9 else 0))

    async with Bench() as bench:
        board = await opened(plug(bench, Overlapping(standing("constant:700", AMTI), AMTI)))
        tape = await record(board, lambda tape: len(tape) >= 1000, PATIENCE)
    assert isinstance(tape.error, BoardRefused)
    assert "a scan began before the last one was complete: ask for a lower rate=" in str(tape.error)
    assert len(tape) == 9 * 25 // 6


async def test_a_t7_that_runs_over_counts_exactly() -> None:
    """At 4 kHz its 32 KiB hold 2730 scans of six channels, 0.68 s."""
    async with Bench() as bench:
        plugged = plug(bench, seven(), rate=4000)
        board = await opened(plugged)
        tape = Tape()
        reading = asyncio.create_task(record(board, lambda tape: tape.missed > 0, PATIENCE, tape))
        await tape.reaches(100)
        plugged.twin.inject("freeze")
        await asyncio.sleep(0.8)
        plugged.twin.clear()
        await reading
    assert tape.error is None
    skipped = np.diff([sample.index for sample in plugged.twin.sent]) - 1
    assert tape.missed == skipped.sum() > 0
    np.testing.assert_array_equal(tape.counts, plugged.sent(board)[: len(tape)])
    assert board.backlog > 0.9


@pytest.mark.parametrize(
    ("name", "error", "why"),
    [
        ("sim:labjack-u6?load=constant:700&rate=9000", MonikerError, "a U6 samples 6 channels 8333.33 times a second"),
        ("sim:labjack-u6?load=constant:700&cells=400x500", MonikerError, "leave out cells="),
        ("sim:labjack-u6?load=constant:700&rev=1", MonikerError, "rev= is not of the board labjack-u6"),
        ("sim:labjack-u6?load=constant:700&rate=0.2", MonikerError, "0.238 times a second at least"),
        ("sim:labjack-u6?load=constant:700&plate=nothing", PlateError, "neither a .toml file nor an example"),
        (
            "sim:labjack-u3?load=constant:700&plate=amti-or6-7",
            BoardRefused,
            "input 4 of the U3-HV takes 2.44 V at most",
        ),
    ],
)
async def test_what_cannot_be_is_refused_in_words(name: str, error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why):
        await open_board(name)


class Direct:
    """A wire without a wire: questions go straight to the twin; nothing is streamed."""

    def __init__(self, twin: LabJackTwin) -> None:
        self.twin = twin

    async def ask(self, out: int, question: bytes, into: int, length: int = 64) -> bytes:
        assert (out, into) == (0x01, 0x82)
        answer = self.twin.answer(question)
        assert len(answer) <= length
        return answer

    async def drain(self, endpoint: int) -> int:
        assert endpoint == 0x83
        return 0


def wired(text: str) -> Any:
    return plates_of(text.encode(), "test.toml").inputs


CELL = """format = "otolith-plates/1"
[[plate]]
kind = "vertical"
name = "a"
maker = "m"
model = "m"
serial = "1"
span_v = {span}
gauge = {{ input = {input}, newtons_per_volt = 1.0 }}
"""


async def met(model: Any, twin: LabJackTwin, inputs: Any, rate: float = 1000.0) -> Any:
    await twin.attach()
    return await model.meet(Direct(twin), inputs, rate, len(inputs))


@pytest.mark.parametrize(("model", "make"), [(U6, six), (U3, three), (T7, seven)])
async def test_a_stream_that_an_earlier_program_left_running_is_stopped(model: Any, make: Any) -> None:
    twin = make()
    way = await met(model, twin, CELLS.inputs)
    await way.start(Direct(twin))
    assert twin.streaming
    await model.meet(Direct(twin), CELLS.inputs, 500.0, 4)
    assert not twin.streaming
    await way.stop(Direct(twin))


@pytest.mark.parametrize(("model", "make"), [(U6, six), (U3, three), (T7, seven)])
async def test_a_twins_codes_and_newtons_are_inverse(model: Any, make: Any) -> None:
    twin = make()
    inputs = twin.wired.wiring.inputs
    await (await met(model, twin, inputs)).start(Direct(twin))  # which says what is streamed
    newtons = twin.wired.wiring.calibration.loads(np.zeros((1, len(inputs)))).shape[1]
    loads = np.random.default_rng(1).uniform(-100.0, 300.0, (2, newtons))
    np.testing.assert_allclose(twin.wired.loads(twin.wired.counts(loads)), loads, rtol=0, atol=1e-6)
    zero = twin.wired.counts(loads[1:])[0].tolist()
    np.testing.assert_allclose(twin.wired.loads(twin.wired.counts(loads), zero)[1], 0.0, rtol=0, atol=1e-6)


async def test_a_stream_that_runs_is_not_started_again() -> None:
    twin = six()
    way = await met(U6, twin, CELLS.inputs)
    await way.start(Direct(twin))
    with pytest.raises(BoardRefused, match="its stream is running already"):
        await way.start(Direct(twin))


@pytest.mark.parametrize(
    ("model", "make", "span", "wire", "why"),
    [
        (U6, six, 11, "0", "takes 10 V at most, and the plate's outputs reach 11 V"),
        (U6, six, 10, "14", "has analogue inputs 0 to 13, and no 14"),
        (U6, six, 10, "{ number = 1, minus = 2 }", "pairs such as 0 and 1, 2 and 3, not 1 and 2"),
        (T7, seven, 10, "{ number = 0, minus = 2 }", "of the T7 are pairs"),
        (U3, three, 2, "16", "the U3-HV has analogue inputs 0 to 15, and no 16"),
        (U3, three, 2, "{ number = 0, minus = 1 }", "inputs 0 to 3 of the U3-HV are against ground"),
        (U3, three, 5, "6", "input 6 of the U3-HV takes 2.44 V at most"),
    ],
)
async def test_inputs_that_are_not_there(model: Any, make: Any, span: int, wire: str, why: str) -> None:
    with pytest.raises(BoardRefused, match=why):
        await met(model, make(), wired(CELL.format(span=span, input=wire)))


@pytest.mark.parametrize(
    ("span", "wire", "top"),
    [
        (10, "0", 10.1),
        (1, "0", 1.01),
        (0.5, "2", 1.01),
        (0.1, "3", 0.101),
        (0.005, "{ number = 4, minus = 5 }", 0.0101),
    ],
)
async def test_the_finest_range_that_holds_the_plate(span: float, wire: str, top: float) -> None:
    inputs = wired(CELL.format(span=span, input=wire))
    for model, twin in ((U6, six()), (T7, seven())):
        way = await met(model, twin, inputs)
        full = way.scale.volts(np.array([[0xFFFF]], dtype=np.uint16))[0, 0]
        assert full == pytest.approx(top, rel=0.02)


async def test_low_voltage_inputs_of_a_u3() -> None:
    twin = three()
    way = await met(U3, twin, wired(CELL.format(span=2.4, input="{ number = 6, minus = 7 }")))
    assert twin.analogue == 0x00CF
    volts = way.scale.volts(np.array([[0], [0xFFFF]], dtype=np.uint16))[:, 0]
    np.testing.assert_allclose(volts, [-2.44, 2.44], rtol=0.02)


async def test_a_u3_without_high_voltage_inputs() -> None:
    class Low(U3Twin):
        variant = 2

    twin = Low(standing("constant:0", CELLS), CELLS)
    twin.memory = twin.memory[: u3.BLOCKS_LOW]
    way = await met(U3, twin, wired(CELL.format(span=2.4, input="0")))
    assert way.who.model == "U3-LV"
    assert way.scale.volts(np.array([[0xFFFF]], dtype=np.uint16))[0, 0] == pytest.approx(2.44, rel=0.02)
    with pytest.raises(BoardRefused, match=r"input 0 of the U3-LV takes 2\.44 V"):
        await met(U3, twin, wired(CELL.format(span=10, input="0")))


async def test_a_u3_whose_lines_stay_digital_is_refused() -> None:
    class Digital(U3Twin):
        def obey(self, number: int, command: bytes, content: bytes) -> bytes:
            return u3.encode_pins_set(0x0F) if number == u3.CONFIG_IO else super().obey(number, command, content)

    with pytest.raises(BoardRefused, match="did not make these inputs analogue: 6"):
        await met(U3, Digital(standing("constant:0", CELLS), CELLS), wired(CELL.format(span=2, input="6")))


async def test_an_erased_calibration_is_refused() -> None:
    erased, wrong = six(), seven()
    erased.memory = ((0.0,) * 4,) * 4
    wrong.flash = t7.SET.pack(*(value * (1.0 + 2.0 * PLAUSIBLE) for value in t7.NOMINAL)) * 4
    with pytest.raises(BoardRefused, match="memory is erased or damaged"):
        await met(U6, erased, AMTI.inputs)
    with pytest.raises(BoardRefused, match="memory is erased or damaged"):
        await met(T7, wrong, AMTI.inputs)


async def test_another_model_with_the_same_face_is_refused() -> None:
    twin = six()
    twin.config = replace(twin.config, product=9)
    with pytest.raises(BoardRefused, match="says that it is no U6 but product 9"):
        await met(U6, twin, AMTI.inputs)
    with pytest.raises(BoardRefused, match="says that it is no U3 but product 6"):
        await met(U3, six(), CELLS.inputs)
    with pytest.raises(BoardRefused, match="this is no T7, or it is not in order"):
        await met(T7, six(), AMTI.inputs)
    with pytest.raises(BoardRefused, match="this is no U3 or U6, or its firmware is at fault: 4 bytes"):
        await met(U6, seven(), AMTI.inputs)


async def test_what_a_device_answers_to_damaged_commands() -> None:
    twin = six()
    await twin.attach()
    assert twin.answer(b"\x0c" + commands.ASK_CONFIG[1:]) == bytes.fromhex("B8 B8")
    assert twin.answer(b"") == bytes.fromhex("B8 B8")
    assert commands.decode_done(twin.answer(commands.START), commands.STARTED) == 50
    assert commands.decode_done(twin.answer(commands.STOP), commands.STOPPED) == 52


async def test_several_are_told_apart_by_asking_them(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Bench() as bench:
        plugs = [plug(bench, six(serial=serial)) for serial in (360000001, 360000002)]
        backend = backends.usbip(bench.rig.host, bench.rig.port)
        seen = await asyncio.to_thread(find, backend)
        assert [one.serial for one in seen] == ["", ""]
        assert [await serial_of(U6, one) for one in seen] == ["360000001", "360000002"]
        monkeypatch.setattr("otolith.drivers.opening.libusb", lambda: backend)
        name = "usb:0cd5:0006?serial=360000002&plate=amti-or6-7"
        board = await open_board(name)
        assert (board.info.serial, board.info.moniker) == ("360000002", name)
        with pytest.raises(BoardNotFound, match="could be several boards"):
            await open_board("usb:0cd5:0006")
        other = await open_board("usb:0cd5:0006?serial=360000001")
        assert other.info.serial == "360000001"
        for one in (board, other):
            await one.aclose()
        assert not any(plugged.twin.streaming for plugged in plugs)


async def test_a_real_one_needs_its_plate(tmp_path: Path) -> None:
    twin = six()
    twin.strings[2] = "LabJack U6"
    async with Bench() as bench:
        plugged = plug(bench, twin)
        with pytest.raises(PlateError, match=r"say with plate=FILE\.toml which plate hangs on it"):
            await plugged.open()
        plugged.stance = Stance(plate="amti-or6-7")
        with pytest.raises(PlateError, match="are an example's"):
            await plugged.open()
        own = tmp_path / "own.toml"
        own.write_text((LIBRARY / "amti-or6-7.toml").read_text().replace("example = true", ""))
        plugged.stance = Stance(plate=str(own))
        assert not (await opened(plugged)).info.simulated
