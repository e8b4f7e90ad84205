"""The kernel's own node, played by a FIFO and a folder in the form of its sysfs."""

import asyncio
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from otolith.drivers.batch import Flag
from otolith.drivers.calibration import Linear
from otolith.drivers.errors import BoardForbidden, BoardLost, BoardNotFound, BoardRefused, ReportError
from otolith.drivers.hid.evdev import EV_ABS, EV_KEY, EV_SYN, encode
from otolith.drivers.monikers import Wii
from otolith.drivers.rig.tape import Tape, record
from otolith.drivers.wii.evdev import AXES, BUTTON, NODE, EvdevBoard, open_evdev
from otolith.drivers.wii.kernel import Kernel
from otolith.drivers.wii.twin.body import REAL

ADDRESS = "00:1f:c5:12:34:56"
PATIENCE = 30.0
SECOND = 1_000_000_000


class Machine:
    """A kernel: its folders, its node, its answers."""

    def __init__(self, root: Path) -> None:
        self.sysfs, self.dev = root / "sys", root / "dev"
        self.hid = self.sysfs / "event7" / "device" / "device"
        self.axes = [0, 0, 0, 0]
        self.evdev = True
        """Whether the node takes ioctls; a FIFO by itself does not."""
        self._write(self.hid.parent / "name", NODE)
        self._write(self.hid / "uevent", f"HID_NAME=Nintendo RVL-WBC-01 (twin)\nHID_UNIQ={ADDRESS.upper()}\n")
        self._write(self.hid / "bboard_calib", ":".join(f"{count:04x}" for row in REAL for count in row))
        self._write(self.hid / "power_supply" / "wiimote_battery_x" / "capacity", "39")
        self._write(self.hid / "leds" / "0005:057E:0306.0001:blue:p0" / "brightness", "0")
        self.light = self.hid / "leds" / "0005:057E:0306.0001:blue:p0" / "brightness"
        self.dev.mkdir()
        self.path = self.dev / "event7"
        os.mkfifo(self.path)
        self._node = os.open(self.path, os.O_RDWR)

    def _write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")

    def ioctl(self, fd: int, request: int, data: Any) -> int:
        if not self.evdev:
            raise OSError(25, "Inappropriate ioctl for device")
        if request >> 30 == 2:
            struct.pack_into("6i", data, 0, self.axes[(request & 0xFF) - 0x40 - AXES[0]], 0, 65535, 2, 4, 0)
        return fd

    def say(self, *events: tuple[int, int, int], t: int = 0) -> None:
        os.write(self._node, b"".join(encode(*event, t) for event in [*events, (EV_SYN, 0, 0)]))

    def unplug(self) -> None:
        os.close(self._node)
        self._node = -1

    def close(self) -> None:
        if self._node >= 0:
            self.unplug()

    async def open(self, node: str = ADDRESS, **options: Any) -> EvdevBoard:
        return await open_evdev(Wii(node, "evdev", **options), sysfs=self.sysfs, dev=self.dev, ioctl=self.ioctl)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path)
    yield machine
    machine.close()


async def streamed(board: EvdevBoard, samples: int) -> Tape:
    return await record(board, lambda tape: len(tape) >= samples, PATIENCE)


def weigh(*kilograms: float) -> list[tuple[int, int, int]]:
    return [(EV_ABS, axis, round(kg * 100)) for axis, kg in zip(AXES, kilograms, strict=True)]


async def test_says_who_it_is(machine: Machine) -> None:
    async with await machine.open(turn=90, gravity=0.9969) as board:
        info = board.info
    assert (info.family, info.serial, info.unit, info.simulated) == ("wii", "001fc5123456", "0.01 kg", True)
    assert info.moniker == f"wii:{ADDRESS}?via=evdev&turn=90&gravity=0.9969"
    assert info.battery == pytest.approx(39 * 255 / 100 / 200, abs=0.01)
    assert [cell.name for cell in info.cells] == ["TR", "BR", "TL", "BL"]
    assert isinstance(info.calibration, Linear)
    np.testing.assert_allclose(info.calibration.gain, 0.01 * 9.80665 * 0.9969)


async def test_samples_are_the_kernels_with_its_times(machine: Machine) -> None:
    async with await machine.open() as board:
        machine.say(*weigh(10.0, 20.0, 30.0, 40.5), t=3 * SECOND)
        machine.say((EV_ABS, AXES[1], 2001), t=3 * SECOND + 10_000_000)
        tape = await streamed(board, 2)
    np.testing.assert_array_equal(tape.counts, [[1000, 2000, 3000, 4050], [1000, 2001, 3000, 4050]])
    assert [int(batch.t_host[0]) for batch in tape.batches] == [3 * SECOND, 3 * SECOND + 10_000_000]
    loads = board.info.calibration.loads(tape.counts)
    np.testing.assert_allclose(loads[0], np.array([10.0, 20.0, 30.0, 40.5]) * 9.80665)
    assert not tape.flags.any()


async def test_where_the_clock_cannot_be_set_arrival_counts(machine: Machine) -> None:
    machine.evdev = False
    async with await machine.open(str(machine.path)) as board:
        machine.say(*weigh(1, 2, 3, 4), t=3 * SECOND)
        tape = await streamed(board, 1)
    assert tape.batches[0].t_host[0] > 3 * SECOND
    np.testing.assert_array_equal(tape.counts, [[100, 200, 300, 400]])


async def test_what_does_not_change_is_told_all_the_same(machine: Machine) -> None:
    """The kernel says nothing of a board on which nothing moves; its axes can be asked."""
    machine.axes = [5, 6, 7, 8]
    async with await machine.open() as board:
        tape = await streamed(board, 3)
    np.testing.assert_array_equal(tape.counts, [[5, 6, 7, 8]] * 3)
    assert (tape.missed, tape.misnumbered()) == (0, [])


async def test_what_the_kernel_dropped_is_a_gap(machine: Machine) -> None:
    async with await machine.open() as board:
        stream = board.batches()
        machine.say(*weigh(1, 1, 1, 1))
        first = await anext(stream)
        machine.axes = [900, 800, 700, 600]
        machine.say((EV_SYN, 3, 0), (EV_ABS, AXES[0], 5))
        second = await anext(stream)
        machine.say((EV_ABS, AXES[3], 601))
        third = await anext(stream)
    assert (first.seq, second.seq, third.seq, second.missed) == (0, 2, 3, 1)
    np.testing.assert_array_equal(
        np.vstack([second.counts, third.counts]), [[900, 800, 700, 600], [900, 800, 700, 601]]
    )
    assert second.flags[0] == Flag.AFTER_GAP
    assert board.statistics().missed == 1


async def test_the_button_is_no_sample_and_counts_after_ten_seconds(machine: Machine) -> None:
    async with await machine.open() as board:
        machine.say((EV_KEY, BUTTON, 1), t=0)
        machine.say((EV_KEY, BUTTON, 0), t=0)
        for t in (board._settled + 1000, board._settled + SECOND):
            machine.say((EV_KEY, BUTTON, 1), t=t)
            machine.say((EV_KEY, BUTTON, 0), t=t)
        machine.say(*weigh(1, 2, 3, 4), t=board._settled + 2 * SECOND)
        tape = await streamed(board, 1)
        assert board.statistics().presses == 2
    np.testing.assert_array_equal(tape.counts, [[100, 200, 300, 400]])


async def test_the_end_of_the_axes_is_saturation(machine: Machine) -> None:
    async with await machine.open() as board:
        machine.say(*weigh(655.35, 0, 0, 0))
        tape = await streamed(board, 1)
    assert tape.flags[0] == Flag.SATURATED


async def test_a_node_that_goes_away_is_a_board_lost(machine: Machine) -> None:
    async with await machine.open() as board:
        machine.say(*weigh(1, 2, 3, 4))
        tape = Tape()
        reading = asyncio.create_task(record(board, lambda _: False, PATIENCE, tape))
        await tape.reaches(1)
        machine.unplug()
        await reading
    assert isinstance(tape.error, BoardLost)
    assert f"{machine.path} is gone: switched off, or out of range" in str(tape.error)


async def test_it_blinks_where_the_kernel_lets_us(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otolith.drivers.wii.evdev.BLINK", 0.0)
    async with await machine.open() as board:
        await board.identify()
        assert machine.light.read_text() == "1"
        machine.light.unlink()
        machine.light.mkdir()
        with pytest.raises(BoardRefused, match="may not be written by this user"):
            await board.identify()
        machine.light.rmdir()
        with pytest.raises(BoardRefused, match="shows no light"):
            await board.identify()
    async with await machine.open(str(machine.path)) as board:
        assert board.info.serial == "001fc5123456"


async def test_boards_that_are_not_there(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BoardNotFound, match=f"no Wii Balance Board 00:.*it shows: {ADDRESS}.*modprobe hid-wiimote"):
        await machine.open("00:00:00:00:00:01")
    with pytest.raises(BoardNotFound, match=r"cannot be opened.*red SYNC"):
        await machine.open(str(tmp_path / "event99"))

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("otolith.drivers.wii.evdev.os.open", refuse)
    with pytest.raises(BoardForbidden, match="udev --install"):
        await machine.open()


async def test_a_node_that_sysfs_does_not_know_has_no_light(machine: Machine, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "event8")
    async with await machine.open(str(tmp_path / "event8")) as board:
        assert (board.info.serial, board.info.battery, board.info.simulated) == ("event8", None, False)
        with pytest.raises(BoardRefused, match="no light"):
            await board.identify()


def test_the_kernels_calibration_can_be_read(machine: Machine) -> None:
    kernel = Kernel(machine.hid)
    assert kernel.points() == REAL
    assert len(kernel.fingerprint()) == 8
    (machine.hid / "bboard_calib").write_text("07c3:x")
    with pytest.raises(ReportError, match="tells no calibration"):
        kernel.points()
    (machine.hid / "bboard_calib").write_text("07c3:3cf8")
    with pytest.raises(ReportError, match="of 2 numbers, not 12"):
        kernel.points()
    assert kernel.fingerprint() == ""
    (machine.hid / "power_supply" / "wiimote_battery_x" / "capacity").write_text("?")
    assert kernel.battery() is None


async def test_time_does_not_run_back_where_events_waited_longer_than_a_question(machine: Machine) -> None:
    async with await machine.open() as board:
        tape = Tape()
        streaming = asyncio.create_task(record(board, lambda tape: len(tape) >= 3, PATIENCE, tape))
        await tape.reaches(1)  # nothing happened for a while: the axes were asked for, now
        machine.say(*weigh(1, 2, 3, 4), t=SECOND)
        machine.say(*weigh(2, 2, 3, 4), t=2 * SECOND)
        await streaming
    times = np.concatenate([batch.t_host for batch in tape.batches])
    assert (np.diff(times) >= 0).all()
    np.testing.assert_array_equal(tape.counts[-1], [200, 200, 300, 400])


async def test_answers_are_not_mixed_with_older_events(machine: Machine) -> None:
    async with await machine.open() as board:
        machine.say((EV_ABS, AXES[0], 100), t=SECOND)
        machine.say((EV_ABS, AXES[1], 200), t=2 * SECOND)
        machine.axes = [100, 200, 300, 0]  # and a third has happened meanwhile
        machine.say((EV_ABS, AXES[2], 300), t=3 * SECOND)
        tape = await streamed(board, 3)
    np.testing.assert_array_equal(tape.counts, [[100, 0, 0, 0], [100, 200, 0, 0], [100, 200, 300, 0]])
