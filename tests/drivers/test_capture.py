import asyncio
import gzip
import socket
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.capture.account import account, expected_file, play
from otolith.drivers.capture.file import IN, OUT, Capture, Heading, Transfer, read_capture, write_capture
from otolith.drivers.capture.playback import Playback
from otolith.drivers.capture.reports import ReportPlayback
from otolith.drivers.capture.snoop import Snoop
from otolith.drivers.capture.taking import take_capture, take_reports
from otolith.drivers.errors import BoardLost, BoardRefused, BoardTimeout, MonikerError, RecordingError
from otolith.drivers.families import FAMILIES
from otolith.drivers.hid.channel import Channel
from otolith.drivers.hid.way import ListenWay
from otolith.drivers.monikers import Stance
from otolith.drivers.rig.bench import Bench
from otolith.drivers.rig.tape import record
from otolith.drivers.wii.board import WiiBoard, board_over
from otolith.drivers.wii.twin import DolphinBar, serve_hidraw
from otolith.drivers.wire import Identity

HEADING = Heading(0x06C2, 0x003B, 0x0102, "1", "PhidgetBridge", simulated=True, about="test")
TRANSFERS = st.one_of(
    st.builds(Transfer, st.integers(0, 2**60), st.binary(max_size=64), endpoint=st.integers(0x81, 0x8F)),
    st.builds(
        Transfer,
        st.integers(0, 2**60),
        st.binary(max_size=64),
        st.binary(min_size=8, max_size=8),
        error=st.sampled_from([None, "BoardRefused"]),
    ),
    st.builds(
        Transfer,
        st.integers(0, 2**60),
        st.binary(max_size=64),
        endpoint=st.integers(0x81, 0x8F),
        error=st.sampled_from([None, "BoardTimeout"]),
        asked=st.binary(max_size=64),
    ),
)


@given(st.lists(TRANSFERS))
def test_a_capture_survives_its_file(tmp_path_factory: pytest.TempPathFactory, transfers: list[Transfer]) -> None:
    path = tmp_path_factory.mktemp("capture") / "board.jsonl.gz"
    capture = Capture(HEADING, tuple(transfers))
    write_capture(path, capture)
    assert read_capture(path) == capture
    again = path.read_bytes()
    write_capture(path, capture)
    assert path.read_bytes() == again


@pytest.mark.parametrize(("kind", "rev"), [("btracks", 0), ("btracks", 1), ("wii", 0), ("labjack-u6", 0)])
async def test_what_was_taken_plays_back_to_the_same_samples(tmp_path: Path, kind: str, rev: int) -> None:
    async with Bench() as bench:
        plugged = bench.plug(kind, rev=rev)
        capture = await take_capture(plugged.moniker, 40, "somebody, some day")
        sent = plugged.twin.delivered()
    assert capture.heading.simulated
    path = tmp_path / "board.jsonl.gz"
    write_capture(path, capture)
    head = read_capture(path).heading
    identity = Identity(head.release, head.serial, head.name)
    board = await FAMILIES[head.vendor, head.product].over(Playback(read_capture(path)), identity, "capture", Stance())
    tape = await record(board, lambda _: False, 30.0)
    assert len(tape) >= 40
    np.testing.assert_array_equal(tape.counts, np.array(sent)[: len(tape)])


async def test_questions_are_answered_as_they_once_were() -> None:
    asked = Transfer(1, b"yes", endpoint=0x82, asked=b"there?")
    failed = Transfer(2, b"", endpoint=0x82, error="BoardTimeout", asked=b"well?")
    wire = Playback(Capture(HEADING, (asked, failed, asked)))
    assert await wire.ask(0x01, b"there?", 0x82) == b"yes"
    with pytest.raises(BoardTimeout, match="answered so when it was captured"):
        await wire.ask(0x01, b"well?", 0x82)
    with pytest.raises(RecordingError, match="question 0x82 74686572653f is now 0x82 77686f3f"):
        await wire.ask(0x01, b"who?", 0x82)
    with pytest.raises(BoardLost, match="the capture ends here"):
        await wire.ask(0x01, b"there?", 0x82)
    assert await wire.drain(0x83) == 0


async def test_questions_that_fail_are_kept() -> None:
    class Deaf:
        async def ask(self, out: int, question: bytes, into: int, length: int = 64) -> bytes:
            raise BoardTimeout(f"{out} {question!r} {into} {length}")

    snoop = Snoop(Deaf())  # type: ignore[arg-type]  # the one thing that it is asked for
    with pytest.raises(BoardTimeout):
        await snoop.ask(0x01, b"there?", 0x82)
    assert [(one.asked, one.endpoint, one.error) for one in snoop.transfers] == [(b"there?", 0x82, "BoardTimeout")]


async def test_a_driver_that_says_something_else_is_found_out() -> None:
    setup = bytes.fromhex("2109000200000500")
    playback = Playback(Capture(HEADING, (Transfer(0, b"\x0f\x77\x77\x01\x00", setup),)))
    with pytest.raises(RecordingError, match="the capture's request 2109000200000500 0f77770100 is now"):
        await playback.control(0x21, 0x09, 0x0200, 0, b"\x0f\x77\x77\x02\x00")
    with pytest.raises(BoardLost, match="the capture ends here"):
        await playback.control(0x21, 0x09, 0x0200, 0, b"\x0f\x77\x77\x01\x00")


async def test_a_recorded_refusal_is_a_refusal_again() -> None:
    setup = bytes.fromhex("8106002200000002")
    playback = Playback(Capture(HEADING, (Transfer(0, b"", setup, error="BoardRefused"),)))
    with pytest.raises(BoardRefused, match="when it was captured"):
        await playback.control(0x81, 6, 0x2200, 0, 0x200)


async def test_only_a_device_has_traffic() -> None:
    with pytest.raises(MonikerError, match="only a device has traffic"):
        await take_capture("sim:btracks?load=constant:700", 1)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "line 1"),
        (["{"], "line 1"),
        (["[]"], "line 1: not a JSON object"),
        (['{"capture":2}'], "line 1"),
        (["HEAD", "{}"], "line 2"),
        (["HEAD", '{"t":0,"ep":"81","in":"AAAA"}', '{"t":0,"ep":"81","in":"A"}'], "line 3"),
        (["HEAD", '{"t":0,"setup":"21","out":""}'], "line 2"),
        (["HEAD", '{"t":"x","ep":"81","in":""}'], "line 2"),
    ],
)
def test_broken_files_are_refused_with_the_line(tmp_path: Path, lines: list[str], reason: str) -> None:
    path = tmp_path / "broken.jsonl.gz"
    write_capture(path, Capture(HEADING, ()))
    head = gzip.decompress(path.read_bytes()).decode().strip()
    path.write_bytes(gzip.compress("\n".join(head if line == "HEAD" else line for line in lines).encode()))
    with pytest.raises(RecordingError, match=rf"broken\.jsonl\.gz, {reason}"):
        read_capture(path)


@pytest.mark.parametrize("content", [b"", b"not gzip", gzip.compress(b"{}" * 1000)[:20], gzip.compress(b"\xff\xfe")])
def test_what_is_no_capture_at_all_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"not a capture|line 1"):
        read_capture(path)


def reports_capture(*reports: tuple[int, str]) -> Capture:
    transfers = tuple(Transfer(n, bytes.fromhex(data), endpoint=way) for n, (way, data) in enumerate(reports))
    return Capture(Heading(0x057E, 0x0306, 0, "1", "board", simulated=True, way="hid"), transfers)


def test_reports_out_survive_their_file(tmp_path: Path) -> None:
    path = tmp_path / "wii.jsonl.gz"
    capture = reports_capture((OUT, "1500"), (IN, "20000012000000c6"))
    write_capture(path, capture)
    assert read_capture(path) == capture
    assert '"way":"hid"' in gzip.decompress(path.read_bytes()).decode().splitlines()[0]
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b'"hid"', b'"air"')))
    with pytest.raises(RecordingError, match=r"line 1: .*a way is usb or hid"):
        read_capture(path)


async def test_reports_keep_their_order_with_those_that_were_sent() -> None:
    playback = ReportPlayback(
        reports_capture((OUT, "01"), (IN, "aa"), (IN, "bb"), (OUT, "02"), (IN, "cc"), (OUT, "03"))
    )
    heard: list[str] = []

    def take(report: bytes, t: int) -> bytes:
        heard.append(f"{report.hex()}@{t}")
        return report

    async with aclosing(playback.reports(take)) as news:
        assert [report async for report in news] == []
    await playback.send(b"\x01")
    async with aclosing(playback.reports(take)) as news:
        assert await anext(news) == b"\xaa"
    assert heard == ["aa@1", "bb@2"]
    with pytest.raises(RecordingError, match="the capture's report 02 is now 04"):
        await playback.send(b"\x04")
    async with aclosing(playback.reports(take)) as news:
        assert [report async for report in news] == [b"\xcc"]
    await playback.send(b"\x03")
    with pytest.raises(BoardLost, match="the capture ends here"):
        await playback.send(b"\x03")
    assert playback.statistics().overruns == 0
    await playback.aclose()


async def test_reports_that_were_taken_play_back_to_the_same_samples(tmp_path: Path) -> None:
    async with Bench() as bench:
        twin = bench.plug("wii", serial=7).twin
        assert isinstance(twin, DolphinBar)
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        serving = asyncio.create_task(serve_hidraw(twin, far))
        name = "hidraw (twin)"

        async def opener(listen: ListenWay) -> WiiBoard:
            return await board_over(listen(Channel(near.detach(), name)), name, Stance(), name)

        capture = await take_reports(opener, 40, "somebody, some day")
        await serving
        sent = twin.delivered()
    path = tmp_path / "board.jsonl.gz"
    write_capture(path, capture)
    board, tape = await play(path)
    assert capture.heading.serial == board.info.serial
    assert {"samples": len(tape), "simulated": True, "missed": 0}.items() <= account(board, tape).items()
    assert len(tape) >= 40
    np.testing.assert_array_equal(tape.counts, np.array(sent)[: len(tape)])
    assert expected_file(path).name == "board.expected.json"


async def test_the_kernels_own_node_has_no_reports() -> None:
    with pytest.raises(MonikerError, match="only a device has traffic"):
        await take_capture("wii:/dev/input/event7?via=evdev", 1)
