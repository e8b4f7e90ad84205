"""The same plate over a stream of bytes: a socket pair, and a terminal where the system has one."""

import asyncio
import os
import pty
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from random import Random

import numpy as np
import pytest

from otolith.drivers.batch import Flag
from otolith.drivers.errors import BoardLost, BoardNotFound, BoardRefused, BoardTimeout
from otolith.drivers.loading import load_source
from otolith.drivers.monikers import Stance
from otolith.drivers.ofp.board import OfpBoard, ofp_over
from otolith.drivers.ofp.codec.numbers import Request
from otolith.drivers.ofp.pattern import verify
from otolith.drivers.ofp.serial import SerialWire
from otolith.drivers.ofp.twin import PlateTwin, serve_stream
from otolith.drivers.ofp.twin.design import design, ring
from otolith.drivers.opening import open_board
from otolith.drivers.rig.tape import Tape, record

Noise = Callable[[bytes], list[bytes]]


def plate(rate: int = 500_000) -> PlateTwin:
    return PlateTwin(load_source("recording:BDS00004", ring(4)), design(77), rate=rate)


def untouched(data: bytes) -> list[bytes]:
    return [data]


def byte_by_byte(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


def halves(data: bytes) -> list[bytes]:
    return [data[: len(data) // 2], data[len(data) // 2 :]]


@asynccontextmanager
async def connected(twin: PlateTwin, spoil: Noise = untouched) -> AsyncIterator[SerialWire]:
    """A wire to the twin; ``spoil`` is what happens to each piece on its way to the host."""
    host, through = socket.socketpair()
    relay, device = socket.socketpair()
    for end in (host, through, relay, device):
        end.setblocking(False)
    serving = asyncio.create_task(_serve(twin, device))
    relaying = asyncio.create_task(_relay(through, relay, spoil))
    wire = SerialWire(host, "a socket")
    try:
        yield wire
    finally:
        await wire.aclose()
        relaying.cancel()
        await asyncio.gather(relaying, return_exceptions=True)
        through.close()
        relay.close()
        await serving


async def _serve(twin: PlateTwin, device: socket.socket) -> None:
    reader, writer = await asyncio.open_connection(sock=device)
    await serve_stream(twin, reader, writer)
    with suppress(ConnectionError):
        await writer.wait_closed()


async def _relay(host: socket.socket, device: socket.socket, spoil: Noise) -> None:
    loop = asyncio.get_running_loop()

    async def carry(source: socket.socket, target: socket.socket, spoil: Noise) -> None:
        with suppress(ConnectionError):
            while data := await loop.sock_recv(source, 4096):
                for piece in spoil(data):
                    await loop.sock_sendall(target, piece)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(carry(host, device, untouched))
        tasks.create_task(carry(device, host, spoil))


async def board_on(wire: SerialWire) -> OfpBoard:
    return await ofp_over(wire, None, "serial:test", Stance())


@pytest.mark.parametrize("spoil", [untouched, byte_by_byte, halves])
async def test_every_sample_whatever_the_pieces(spoil: Noise) -> None:
    twin = plate()
    async with connected(twin, spoil) as wire:
        board = await board_on(wire)
        assert (board.info.serial, board.info.rate, board.info.simulated) == ("77", 500.0, True)
        tape = await record(board, lambda tape: len(tape) >= 200, 30.0)
        np.testing.assert_array_equal(tape.counts, twin.delivered()[: len(tape)])
        assert (tape.misnumbered(), tape.missed, tape.error) == ([], 0, None)
        assert (wire.statistics().noise, wire.statistics().overruns) == (0, 0)


async def test_a_repeated_packet_is_no_sample_and_a_saturated_one_is_flagged() -> None:
    twin, tape = plate(), Tape()
    async with connected(twin) as wire:
        board = await board_on(wire)
        reading = asyncio.create_task(record(board, lambda tape: bool(tape.flags[-1] & Flag.SATURATED), 30.0, tape))
        await tape.reaches(20)
        twin.inject("repeat")
        await tape.reaches(len(tape) + 20)
        twin.inject("saturate")
        await reading
        assert board.statistics().malformed == 1
        np.testing.assert_array_equal(tape.counts, twin.delivered()[: len(tape)])
        assert (tape.misnumbered(), tape.missed, tape.error) == ([], 0, None)


async def test_all_zeros_are_no_samples() -> None:
    twin, tape = plate(), Tape()
    async with connected(twin) as wire:
        reading = asyncio.create_task(record(await board_on(wire), lambda _: False, 30.0, tape))
        await tape.reaches(20)
        twin.inject("zero")
        await reading
        assert isinstance(tape.error, BoardTimeout)
        assert "frames that are no packets" in str(tape.error)
        np.testing.assert_array_equal(tape.counts, twin.delivered()[: len(tape)])


async def test_a_lossy_wire_loses_what_it_loses_and_says_so() -> None:
    random, armed = Random(5), asyncio.Event()

    def lossy(data: bytes) -> list[bytes]:
        if not armed.is_set():
            return [data]
        return [bytes([data[0] ^ 1]) + data[1:], b"\x07noise\0"] if random.random() < 0.1 else [data]

    twin = plate()
    async with connected(twin, lossy) as wire:
        board = await board_on(wire)
        tape = Tape()
        recording = asyncio.create_task(record(board, lambda tape: len(tape) >= 400, 30.0, tape))
        async with asyncio.timeout(30.0):
            await tape.reaches(10)
        armed.set()
        await recording
        sent = {tuple(row): at for at, row in enumerate(twin.delivered())}
        arrived = [sent[tuple(row)] for row in tape.counts.tolist()]
        assert arrived == sorted(set(arrived))
        assert tape.misnumbered() == []
        assert tape.missed == arrived[-1] + 1 - len(arrived) > 0
        assert wire.statistics().noise > 0
        armed.clear()


async def test_the_pattern_proves_a_byte_stream_too() -> None:
    async with connected(plate(), halves) as wire:
        board = await board_on(wire)
        packets = []
        async for packet in board.pattern():
            packets.append(packet)
            if len(packets) == 50:
                break
        assert verify(packets).holds


async def test_a_plate_that_hangs_up_is_lost() -> None:
    host, device = socket.socketpair()
    host.setblocking(False)
    wire = SerialWire(host, "a socket")
    device.close()
    with pytest.raises(BoardLost, match="the plate on a socket is gone"):
        await ofp_over(wire, None, "serial:test", Stance())
    with pytest.raises(BoardLost, match="is gone"):
        await anext(wire.packets(lambda packet, _: packet))
    await wire.aclose()


async def test_a_plate_that_hangs_up_ends_the_stream() -> None:
    twin = plate()
    host, device = socket.socketpair()
    host.setblocking(False)
    serving = asyncio.create_task(_serve(twin, device))
    wire = SerialWire(host, "a socket")
    board = await board_on(wire)
    tape = Tape()
    recording = asyncio.create_task(record(board, lambda _: False, 30.0, tape))
    async with asyncio.timeout(30.0):
        await tape.reaches(10)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    await recording
    assert isinstance(tape.error, BoardLost)
    await wire.aclose()


async def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otolith.drivers.ofp.serial.ANSWERS", 0.05)
    host, device = socket.socketpair()
    host.setblocking(False)
    async with SerialWire(host, "a socket") as wire:
        with pytest.raises(BoardTimeout, match="did not answer request 1"):
            await board_on(wire)
        with pytest.raises(BoardTimeout, match="has sent nothing for"):
            await anext(wire.packets(lambda packet, _: packet, silence=0.05))
    with pytest.raises(BoardLost, match="is closed"):
        await wire.control(0xC0, Request.GET_INFO, 0, 0, 512)
    device.close()


async def test_refusals_cross_the_stream() -> None:
    async with connected(plate()) as wire:
        with pytest.raises(BoardRefused, match="OUT_OF_RANGE"):
            await wire.control(0x40, Request.TARE, 9, 0, b"")
        with pytest.raises(BoardRefused, match="UNKNOWN_REQUEST"):
            await wire.control(0x40, 0x1F, 0, 0, b"")


async def test_a_transform_that_fails_ends_its_stream_alone() -> None:
    def fail(packet: bytes, _: int) -> bytes:
        raise ZeroDivisionError(packet[0])

    async with connected(plate()) as wire:
        board = await board_on(wire)
        await wire.control(0x40, Request.START, 0x0101, 0, b"")
        with pytest.raises(ZeroDivisionError):
            await anext(wire.packets(fail))
        assert len(await record(board, lambda tape: len(tape) >= 10, 30.0)) >= 10


async def test_a_serial_port_by_its_path() -> None:
    """A pseudo-terminal: what is written to the master comes out of the port, as of a CDC device."""
    master, port = pty.openpty()
    path = os.ttyname(port)
    os.close(port)
    os.set_blocking(master, False)
    twin = plate()
    loop = asyncio.get_running_loop()
    far, near = socket.socketpair()
    near.setblocking(False)
    serving = asyncio.create_task(_serve(twin, far))
    loop.add_reader(near, lambda: os.write(master, near.recv(4096)))
    keep = os.open(path, os.O_RDWR | os.O_NOCTTY)
    loop.add_reader(master, lambda: near.send(os.read(master, 4096)))
    try:
        async with await open_board(f"serial:{path}?turn=180") as board:
            assert (board.info.moniker, board.info.serial) == (f"serial:{path}?turn=180", "77")
            tape = await record(board, lambda tape: len(tape) >= 100, 30.0)
            np.testing.assert_array_equal(tape.counts, twin.delivered()[: len(tape)])
    finally:
        loop.remove_reader(near)
        loop.remove_reader(master)
        near.close()
        await serving
        os.close(master)
        os.close(keep)


async def test_ports_that_are_none() -> None:
    with pytest.raises(BoardNotFound, match="cannot be opened: No such file"):
        await open_board("serial:/dev/ttyNOWHERE")
    with pytest.raises(BoardNotFound, match="is no serial port"):
        await open_board("serial:/dev/null")


async def test_packets_that_come_before_their_listener_are_kept() -> None:
    async with connected(plate()) as wire:
        await wire.control(0x40, Request.START, 0x0102, 0, b"")
        async with asyncio.timeout(30.0):
            while len(wire._early) < 3:
                await wire.control(0xC0, Request.TIMESYNC, 0, 0, 512)
        packets = []
        async for packet in wire.packets(lambda packet, _: packet):
            packets.append(packet)
            if len(packets) == 10:
                break
        assert verify(packets).holds
        assert packets[0][4:8] == bytes(4)
