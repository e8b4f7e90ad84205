"""Driver and controller over USB/IP: what is said before a stream, where the CoP is, and what is refused."""

import asyncio
from typing import Any

import numpy as np
import pytest

from otolith.drivers.errors import BoardBusy, BoardNotFound, BoardRefused, BoardTimeout, MonikerError
from otolith.drivers.monikers import Stance
from otolith.drivers.opening import open_board
from otolith.drivers.rig.bench import Bench, Plugged
from otolith.drivers.rig.tape import record
from otolith.drivers.tec_gihan import asking, board
from otolith.drivers.tec_gihan.board import TecGihanBoard
from otolith.drivers.tec_gihan.codec.numbers import NOMINAL
from otolith.drivers.tec_gihan.plates import REACTION
from otolith.drivers.tec_gihan.twin import Controller
from otolith.drivers.usb.backends import usbip
from otolith.drivers.usb.seen import find
from otolith.drivers.wire import Identity
from otolith.dsp.plates.levers import plate_levers

GREETING = ["STOP", "STATE", "SERIAL", "VER", "SPS", "RANGE", "FPCOUNT"]
PLATE = ["FPSERIAL_0", "FP_0142_GET_AZ0", "FP_0142_GETFS"]


async def opened(plugged: Plugged) -> tuple[TecGihanBoard, Controller]:
    found = await plugged.open()
    assert isinstance(found, TecGihanBoard)
    assert isinstance(plugged.twin, Controller)
    return found, plugged.twin


async def test_what_is_said_before_and_during_a_stream() -> None:
    async with Bench() as bench:
        found, twin = await opened(bench.plug("tecgihan", "constant:700", serial=42))
        assert twin.heard == [*GREETING, *PLATE]
        chip = twin.chip
        assert (chip.divisor, chip.data, chip.flow, chip.modem, chip.latency) == (3, 8, 0x100, 0x03, 0.002)
        info = found.info
        assert (info.id, info.firmware, info.rate, info.unit, info.simulated) == (
            "tec-gihan-42",
            "1.0.0",
            1000.0,
            "count",
            True,
        )
        assert info.latency == pytest.approx(0.1 + 0.012)
        assert not info.closed_loop
        assert info.plates[0].name == "142"
        assert info.plates[0].top == pytest.approx(42.5)
        twin.heard.clear()
        tape = await record(found, lambda tape: len(tape) >= 300, 30.0)
        assert tape.misnumbered() == []
        assert twin.heard == ["START", "DT", "DT", "DT", "STOP"]


async def test_the_cop_is_where_the_person_stands_on_several_turned_plates() -> None:
    moniker = "sim:tecgihan?load=constant:700@60,-30&places=-250,0:260,20,90&rate=120&range=6kN"
    async with await open_board(moniker) as found:
        tape = await record(found, lambda tape: len(tape) >= 24, 30.0)
        info = found.info
    assert [(plate.x, plate.y, plate.turn) for plate in info.plates] == [(-250, 0, 0), (260, 20, 90)]
    assert "range 6kN" in info.model
    empty = np.tile((12, -7, 35, -4, 9, 2), 2)  # what a plate shows that has not taken its zero
    loads = info.calibration.loads(tape.counts, tuple(map(float, empty)))
    levers = np.hstack([plate_levers(plate.x, plate.y, plate.turn, plate.top) for plate in info.plates])
    _, _, fz, mx, my, _ = (loads @ levers.T)[0]
    assert fz == pytest.approx(700.0, abs=0.5)
    np.testing.assert_allclose([-my / fz, mx / fz], [60.0, -30.0], atol=0.2)


def test_the_centre_is_that_of_the_makers_formulas() -> None:
    """Mx' = Mx - Fy az, My' = My + Fx az, x = -My'/Fz, y = Mx'/Fz, in its axes; our y runs the other way."""
    raw = np.array([120.0, -340.0, 7000.0, 900.0, -1100.0, 50.0])
    scale, az = np.array(NOMINAL[0]), 0.0425
    fx, fy, fz, mx, my, _ = raw * scale / 30_000
    theirs = np.array([-(my + fx * az) / fz, (mx - fy * az) / fz]) * 1e3
    ours = raw * scale / 30_000 * REACTION * np.repeat([1.0, 1e3], 3)
    wrench = plate_levers(0.0, 0.0, 0.0, 1e3 * az) @ ours
    np.testing.assert_allclose([-wrench[4] / wrench[2], wrench[3] / wrench[2]], theirs * [1.0, -1.0], atol=1e-9)


async def test_a_controller_that_sleeps_is_woken() -> None:
    async with Bench() as bench:
        _, twin = await opened(bench.plug("tecgihan", "constant:700", serial=42, rev=1))
        assert twin.heard[:3] == ["STOP", "STATE", "WAKE"]
        assert twin.heard[-len(GREETING) - 1 :] == [*GREETING[2:], *PLATE]
        assert set(twin.heard[3 : -len(GREETING) - 1]) == {"STATE"}


async def test_the_plates_take_their_zero_while_nobody_reads() -> None:
    async with Bench() as bench:
        found, _ = await opened(bench.plug("tecgihan", "constant:0"))
        before = await record(found, lambda tape: len(tape) >= 100, 30.0)
        assert before.counts[0].tolist() == [12, -7, 35, -4, 9, 2]
        stream = found.batches()
        await anext(stream)
        with pytest.raises(BoardBusy, match="only while they are idle"):
            await found.zero()
        await stream.aclose()  # type: ignore[attr-defined]  # an async generator
        await found.zero()
        after = await record(found, lambda tape: len(tape) >= 100, 30.0)
        assert not after.counts.any()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"rate": 300}, "samples 10000, 5000, 2500, 1000, 500, 250, 240, 120 times a second"),
        ({"interval": 3}, "samples 10000"),
        ({"rate": 10000}, "more than its line of 1000000 Bd carries"),
        ({"cells": "400x600"}, "has no cells"),
        ({"places": "0,0:300,0"}, "has 2 places, and this controller has 1 plates"),
        ({"plate": "lab.toml"}, "plate= means nothing to this board"),
    ],
)
async def test_options_that_do_not_fit_are_refused(options: dict[str, Any], complaint: str) -> None:
    async with Bench() as bench:
        plugged = bench.plug("tecgihan", "constant:700")
        query = "&".join(f"{name}={value}" for name, value in options.items())
        with pytest.raises(MonikerError, match=complaint):
            await open_board(f"{plugged.moniker}?{query}")


async def test_other_ftdi_devices_are_left_alone() -> None:
    async with Bench() as bench:
        plugged = bench.plug("tecgihan", "constant:700")
        assert isinstance(plugged.twin, Controller)
        plugged.twin.strings[2] = "FT232R USB UART"
        with pytest.raises(BoardNotFound, match=r"exported there: 1-1 \(0403:6001 FT232R USB UART\)"):
            await plugged.open()
        (seen,) = await asyncio.to_thread(find, usbip(bench.rig.host, bench.rig.port))
        with pytest.raises(BoardRefused, match="belongs to something else, and is left alone"):
            await board.open_tec_gihan(seen, "usb:0403:6001", Stance())
        with pytest.raises(BoardRefused, match="left alone"):
            await board.tec_gihan_over(Untouched(), Identity(0, "", "FT232R USB UART"), "usb:0403:6001", Stance())
        assert plugged.twin.heard == []


class Untouched:
    """A wire on which nothing may be said."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


async def test_a_controller_in_trouble_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "REPLY", 0.2)
    async with Bench() as bench:
        plugged = bench.plug("tecgihan", "constant:700")
        twin = plugged.twin
        assert isinstance(twin, Controller)
        answer = twin._answer
        monkeypatch.setattr(twin, "_answer", lambda text: answer("AMP_ERR" if text == "IDLE" else text))
        with pytest.raises(BoardRefused, match="after STOP the force plate controller says AMP_ERR"):
            await plugged.open()
        monkeypatch.setattr(twin, "_answer", lambda _: answer("PARDON?"))
        with pytest.raises(BoardTimeout, match="does not answer STATE"):
            await plugged.open()
