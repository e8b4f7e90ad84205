"""Captures: their file, what they say when a driver says something else, and that they are what was."""

import asyncio
import gzip
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.batch import Batch
from otolith.drivers.board import BoardInfo
from otolith.drivers.capture.file import IN, OUT, Capture, Heading, Transfer, is_capture, read_capture, write_capture
from otolith.drivers.capture.masking import MASKED, masked, telling
from otolith.drivers.capture.playback import Playback
from otolith.drivers.capture.playing import play_capture
from otolith.drivers.capture.snoop import Snoop
from otolith.drivers.capture.taking import Taken, take, take_capture, take_records, take_reports
from otolith.drivers.errors import BoardLost, BoardRefused, DriverError, MonikerError, RecordingError
from otolith.drivers.hid.channel import Channel
from otolith.drivers.hid.way import ListenWay
from otolith.drivers.monikers import Stance
from otolith.drivers.ofp.board import OfpBoard, ofp_over
from otolith.drivers.ofp.serial import ListenSerial, SerialWire
from otolith.drivers.ofp.twin import PlateTwin, serve_stream
from otolith.drivers.opening import open_board
from otolith.drivers.rig.bench import Bench
from otolith.drivers.rig.tape import record
from otolith.drivers.wii.board import WiiBoard, board_over
from otolith.drivers.wii.twin import DolphinBar, serve_hidraw

HEADING = Heading(0x06C2, 0x003B, 0x0102, "1", "PhidgetBridge", simulated=True, about="test", options="interval=40")
TIMES = st.integers(0, 2**60)
DATA = st.binary(max_size=64)
ERRORS = st.sampled_from([None, "BoardRefused"])
TRANSFERS = st.one_of(
    st.builds(Transfer, TIMES, listen=st.just(True)),
    st.builds(Transfer, TIMES, DATA, endpoint=st.integers(0x81, 0x8F) | st.integers(0x01, 0x0F)),
    st.builds(Transfer, TIMES, DATA, st.binary(min_size=8, max_size=8), error=ERRORS),
    st.builds(Transfer, TIMES, DATA, endpoint=st.integers(0x81, 0x8F), error=ERRORS, asked=DATA),
)
SAMPLES = 40
BOARDS = [
    "btracks?rev=0",
    "btracks?rev=1",
    "wii?rev=0",
    "wii?rev=1&slot=3",
    "ofp?channels=6",
    "labjack-u3",
    "labjack-u6",
    "labjack-t7",
    "tecgihan",
    "mcc",
    "godirect?interval=20",
    "golink?interval=5",
]


def capture_of(*transfers: Transfer, heading: Heading = HEADING) -> Capture:
    return Capture(heading, transfers)


@given(st.lists(TRANSFERS), st.sampled_from(["usb", "hid", "serial"]))
def test_a_capture_survives_its_file(
    tmp_path_factory: pytest.TempPathFactory, transfers: list[Transfer], way: str
) -> None:
    path = tmp_path_factory.mktemp("capture") / "board.jsonl.gz"
    heading = Heading(1, 2, 3, "1", "n", simulated=False, way=way)  # type: ignore[arg-type]  # one of the three
    capture = capture_of(*transfers, heading=heading)
    write_capture(path, capture)
    assert read_capture(path) == capture
    again = path.read_bytes()
    path.unlink()
    write_capture(path, capture)
    assert path.read_bytes() == again


def test_no_file_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "board.jsonl.gz"
    path.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        write_capture(path, capture_of())
    assert path.read_bytes() == b"mine"


@dataclass(slots=True)
class Batches:
    """Enough are a few samples; remembers them."""

    made: list[Batch] = field(default_factory=list)

    def __call__(self, _: BoardInfo, batch: Batch) -> bool:
        self.made.append(batch)
        return sum(map(len, self.made)) >= SAMPLES


async def replays(path: Path, taken: Taken, made: list[Batch]) -> None:
    """The capture, through a file, gives the same board and the same batches, in all their numbers and times."""
    write_capture(path, taken.capture)
    again = await play_capture(read_capture(path))
    before, now = taken.info, again.info
    assert (now.serial, now.rate, now.cells, now.calibration) == (
        before.serial,
        before.rate,
        before.cells,
        before.calibration,
    )
    tape = await record(again, lambda _: False, 30.0)
    assert len(tape) >= sum(map(len, made)) >= SAMPLES
    for one, other in zip(made, tape.batches, strict=False):
        assert (one.seq, one.missed, one.t_device is None) == (other.seq, other.missed, other.t_device is None)
        np.testing.assert_array_equal(one.counts, other.counts)
        np.testing.assert_array_equal(one.flags, other.flags)
        np.testing.assert_array_equal(one.t_host - taken.began, other.t_host)
        np.testing.assert_array_equal(np.asarray(one.t_device), np.asarray(other.t_device))


@pytest.mark.parametrize("board", BOARDS)
async def test_what_was_taken_plays_back_to_the_same_batches(tmp_path: Path, board: str) -> None:
    kind, _, query = board.partition("?")
    options = dict(pair.split("=", 1) for pair in query.split("&") if pair)
    batches = Batches()
    async with Bench() as bench:
        taken = await take(bench.plug(kind, **options).moniker, batches)
    await replays(tmp_path / "board.jsonl.gz", taken, batches.made)


async def test_so_do_reports(tmp_path: Path) -> None:
    """Of a hidraw node; L2CAP channels are read by the same code."""
    batches = Batches()
    async with Bench() as bench:
        twin = bench.plug("wii", serial=7).twin
        assert isinstance(twin, DolphinBar)
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        serving = asyncio.create_task(serve_hidraw(twin, far))

        async def opener(listen: ListenWay) -> WiiBoard:
            return await board_over(listen(Channel(near.detach(), "a twin (twin)")), "twin", Stance(), "a twin (twin)")

        taken = await take_reports(opener, batches)
        await serving
    assert taken.capture.heading.simulated
    await replays(tmp_path / "board.jsonl.gz", taken, batches.made)


async def test_so_do_records_of_a_byte_stream(tmp_path: Path) -> None:
    batches = Batches()
    async with Bench() as bench:
        twin = bench.plug("ofp", channels=3, rate=200).twin
        assert isinstance(twin, PlateTwin)
        near, far = socket.socketpair()
        near.setblocking(False)
        serving = asyncio.create_task(serve_stream(twin, *await asyncio.open_connection(sock=far)))

        async def opener(listen: ListenSerial) -> OfpBoard:
            return await ofp_over(listen(SerialWire(near, "a twin")), None, "twin", Stance())

        taken = await take_records(opener, batches)
        await serving
    await replays(tmp_path / "board.jsonl.gz", taken, batches.made)


async def test_a_simulated_board_is_taken_by_its_name() -> None:
    capture = await take_capture("sim:golink?load=constant:700&serial=4711&range=800", 5, "some day")
    assert (capture.heading.vendor, capture.heading.options) == (0x08F7, "range=800")
    assert (capture.heading.about, capture.heading.simulated) == ("some day", True)
    assert "4711" not in capture.heading.options


async def test_a_board_that_goes_away_leaves_what_came_before() -> None:
    async with Bench() as bench:
        plugged = bench.plug("btracks", fault="unplug@0.5")
        taken = await take(plugged.moniker, lambda *_: False)
    assert isinstance(taken.lost, BoardLost)
    assert taken.samples > 0
    tape = await record(await play_capture(taken.capture), lambda _: False, 30.0)
    assert len(tape) >= taken.samples


async def test_a_capture_is_a_board_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "board.jsonl.gz"
    write_capture(path, await take_capture("sim:btracks?load=constant:700", 30))
    assert is_capture(path)
    async with await open_board(f"replay:{path}?speed=100") as board:
        assert board.info.simulated
        assert board.info.model == "BTrackS (Phidget Bridge 1046_0), from a capture"
        tape = await record(board, lambda _: False, 30.0)
        assert len(tape) >= 30
        assert board.statistics().samples >= 30
        with pytest.raises(RecordingError, match="nothing but what it once did"):
            await board.identify()
    times = np.concatenate([batch.t_host for batch in tape.batches])
    once = await record(await play_capture(read_capture(path)), lambda _: False, 30.0)
    then = np.concatenate([batch.t_host for batch in once.batches])
    np.testing.assert_allclose(times - times[0], (then - then[0]) / 100, atol=1)
    with pytest.raises(MonikerError, match="columns= is of tables"):
        await open_board(f"replay:{path}?columns=t=t")


async def test_a_capture_of_an_unknown_device_is_refused() -> None:
    strange = Heading(0x1234, 0x5678, 0, "", "", simulated=False)
    with pytest.raises(RecordingError, match="of a 1234:5678, for which there is no driver"):
        await play_capture(capture_of(heading=strange))
    with pytest.raises(RecordingError, match="options of the capture cannot be read"):
        await play_capture(capture_of(heading=Heading(1, 2, 3, "", "", simulated=False, options="colour=red")))


async def test_a_driver_that_says_something_else_is_found_out() -> None:
    setup = bytes.fromhex("2109000200000500")
    playback = Playback(
        capture_of(Transfer(0, b"\x0f\x77\x77\x01\x00", setup), Transfer(1, b"\x02", endpoint=0x82, asked=b"\x01"))
    )
    with pytest.raises(RecordingError, match="the capture's request 2109000200000500 0f77770100 is now"):
        await playback.control(0x21, 0x09, 0x0200, 0, b"\x0f\x77\x77\x02\x00")
    with pytest.raises(RecordingError, match="the capture's question 0x82 01 is now 0x82 03"):
        await playback.ask(0x01, b"\x03", 0x82)
    assert await playback.drain(0x82) == 0
    with pytest.raises(BoardLost, match="the capture ends here"):
        await playback.control(0x21, 0x09, 0x0200, 0, b"\x0f\x77\x77\x01\x00")


async def test_recorded_refusals_are_refusals_again() -> None:
    setup = bytes.fromhex("8106002200000002")
    playback = Playback(
        capture_of(
            Transfer(0, b"", setup, error="BoardRefused"),
            Transfer(0, b"", endpoint=0x82, error="BoardLost", asked=b"\x01"),
            Transfer(0, b"", setup, error="exec"),
        )
    )
    with pytest.raises(BoardRefused, match="when it was captured"):
        await playback.control(0x81, 6, 0x2200, 0, 0x200)
    with pytest.raises(BoardLost, match="when it was captured"):
        await playback.ask(0x01, b"\x01", 0x82)
    with pytest.raises(DriverError, match="exec"):
        await playback.control(0x81, 6, 0x2200, 0, 0x200)


def heard(*reports: str) -> list[Transfer]:
    return [Transfer(n, bytes.fromhex(data), endpoint=IN) for n, data in enumerate(reports)]


async def test_each_listener_hears_what_the_recorded_one_heard() -> None:
    """Whatever is said meanwhile, and although it turns away early."""
    listen = Transfer(0, listen=True)
    said = Transfer(0, b"\x01", endpoint=OUT)
    playback = Playback(capture_of(said, listen, *heard("aa", "bb"), said, *heard("cc"), listen, *heard("dd"), listen))
    seen: list[str] = []

    def take_report(report: bytes, t: int) -> bytes:
        seen.append(f"{report.hex()}@{t}")
        return report

    await playback.send(b"\x01")
    async with aclosing(playback.reports(take_report)) as news:
        assert await anext(news) == b"\xaa"
    assert seen == ["aa@0", "bb@1", "cc@0"]
    with pytest.raises(RecordingError, match="the capture's report 01 is now 04"):
        await playback.send(b"\x04")
    for expected in ([b"\xdd"], [], []):
        async with aclosing(playback.reports(take_report)) as news:
            assert [report async for report in news] == expected
    with pytest.raises(BoardLost):
        await playback.send(b"\x01")
    assert playback.statistics().overruns == 0
    await playback.aclose()


def test_a_packet_that_nobody_listened_for_is_no_capture() -> None:
    with pytest.raises(RecordingError, match="nobody listened for"):
        Playback(capture_of(*heard("aa")))


@pytest.mark.parametrize("moniker", ["replay:trial.csv?columns=t=t,ml=x,ap=y", "wii:00:1f:c5:12:34:56?via=evdev"])
async def test_only_a_device_has_traffic(moniker: str) -> None:
    with pytest.raises(MonikerError, match="only a device has traffic"):
        await take_capture(moniker, 1)


class Failing:
    """A wire on which everything goes wrong."""

    async def control(self, *_: object) -> bytes:
        raise BoardRefused("no")

    async def ask(self, *_: object) -> bytes:
        raise BoardLost("gone")

    async def drain(self, _: int) -> int:
        return 3

    async def packets(
        self, transform: Callable[[bytes, int], object], *, silence: float | None = None, length: int = 0
    ) -> AsyncGenerator[object, None]:
        del silence, length
        yield transform(b"x", 0)

    def statistics(self) -> object:
        return self

    async def aclose(self) -> None:
        return


async def test_what_goes_wrong_is_kept_too() -> None:
    snoop = Snoop()
    wire = snoop.usb(Failing())  # type: ignore[arg-type]  # a wire as far as this test goes
    with pytest.raises(BoardRefused):
        await wire.control(0x81, 6, 0x2200, 0, 4)
    with pytest.raises(BoardLost):
        await wire.ask(0x01, b"\x07", 0x82)
    assert await wire.drain(0x82) == 3
    assert [(kept.error, kept.asked) for kept in snoop.transfers] == [("BoardRefused", None), ("BoardLost", b"\x07")]
    snoop.wire(wire)
    assert snoop.transfers == []


def test_a_serial_number_is_masked_or_told_of() -> None:
    setup = bytes.fromhex("c001000000000800")
    silent, ascii_, number = b"nothing", b"no. 4711x", (4711).to_bytes(4, "little")
    head = Heading(1, 2, 3, "4711", "GDX-FP 4711", simulated=False)
    capture = capture_of(
        Transfer(0, silent, setup), Transfer(1, ascii_, setup), Transfer(2, number, setup), heading=head
    )
    assert telling(capture, "4711") == 2
    assert telling(capture, "471") == 0
    hidden = masked(capture)
    assert (hidden.heading.serial, hidden.heading.name) == (MASKED, f"GDX-FP {MASKED}")
    assert hidden.transfers == capture.transfers


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "line 1"),
        (["{"], "line 1"),
        (["[]"], "line 1: not a JSON object"),
        (['{"capture":1}'], "line 1"),
        (["AIR"], "line 1: .*a way is one of usb, hid, serial, not 'air'"),
        (["HEAD", "{}"], "line 2"),
        (["HEAD", '{"t":0,"ep":"81","in":"AAAA"}', '{"t":0,"ep":"81","in":"A"}'], "line 3"),
        (["HEAD", '{"t":0,"setup":"21","out":""}'], "line 2"),
        (["HEAD", '{"t":"x","ep":"81","in":""}'], "line 2"),
        (["HEAD", '{"t":"x","listen":true}'], "line 2"),
    ],
)
def test_broken_files_are_refused_with_the_line(tmp_path: Path, lines: list[str], reason: str) -> None:
    path = tmp_path / "broken.jsonl.gz"
    write_capture(path, capture_of())
    head = gzip.decompress(path.read_bytes()).decode().strip()
    known = {"HEAD": head, "AIR": head.replace('"usb"', '"air"')}
    path.write_bytes(gzip.compress("\n".join(known.get(line, line) for line in lines).encode()))
    with pytest.raises(RecordingError, match=rf"broken\.jsonl\.gz, {reason}"):
        read_capture(path)


@pytest.mark.parametrize(
    "content", [b"", b"not gzip", gzip.compress(b"{}" * 1000, mtime=0)[:20], gzip.compress(b"\xff\xfe", mtime=0)]
)
def test_what_is_no_capture_at_all_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"not a capture|line 1"):
        read_capture(path)
