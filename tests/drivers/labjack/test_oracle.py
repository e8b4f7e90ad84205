"""The maker's own Python library (LabJackPython, MIT) talks to our twins, and reads what we read."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import u3 as maker_u3
import u6 as maker_u6
from LabJackPython import setChecksum

from otolith.drivers.analogue.file import read_plates
from otolith.drivers.analogue.standing import standing
from otolith.drivers.labjack.codec import packet, u3, u6
from otolith.drivers.labjack.codec.pace import nearest
from otolith.drivers.labjack.codec.packet import Packet
from otolith.drivers.labjack.twin import U3Twin, U6Twin

WIRING = read_plates(None, simulated=True)
SOURCE = standing("constant:700", WIRING)
CODES = np.random.default_rng(3).integers(0, 65536, (25, 6)).astype(np.uint16)


class Connection:
    """A device object of the maker's with one of our twins for a wire."""

    def __init__(self, device: Any, twin: U3Twin | U6Twin) -> None:
        self.device = device
        self.twin = twin
        self.said: list[bytes] = []
        self._answers: list[bytes] = []
        device.write, device.read = self._write, self._read

    def _write(self, command: list[int], **options: bool) -> None:
        self.said.append(bytes(setChecksum(command) if options.get("checksum", True) else command))
        self._answers.append(self.twin.answer(self.said[-1]))

    def _read(self, size: int, **_: bool) -> list[int]:
        answer = list(self._answers.pop(0))
        assert len(answer) == size
        return answer


@pytest.fixture
async def six() -> Connection:
    twin = U6Twin(SOURCE, WIRING, serial=360013841)
    await twin.attach()
    return Connection(maker_u6.U6(autoOpen=False), twin)


@pytest.fixture
async def three() -> Connection:
    twin = U3Twin(SOURCE, WIRING, serial=320035782)
    await twin.attach()
    return Connection(maker_u3.U3(autoOpen=False), twin)


async def test_it_knows_our_u6(six: Connection) -> None:
    said = six.device.configU6()
    assert (said["SerialNumber"], said["FirmwareVersion"], said["DeviceName"]) == (360013841, "1.43", "U6")
    assert said["ProductID"] == 6


async def test_it_knows_our_u3(three: Connection) -> None:
    said = three.device.configU3()
    assert (said["SerialNumber"], said["DeviceName"], said["ProductID"]) == (320035782, "U3-HV", 3)


@pytest.mark.parametrize("gain", range(4))
async def test_it_reads_the_volts_of_a_u6_that_we_read(six: Connection, gain: int) -> None:
    device = six.device
    device.getCalibrationData()
    device.streamConfig(
        NumChannels=6, ChannelNumbers=list(range(6)), ChannelOptions=[gain << 4] * 6, ScanFrequency=1000
    )
    device.streamStart()
    assert six.twin.streaming
    theirs = device.processStreamData(wire(six.twin.encode))
    ours = u6.scale(six.twin.memory, (gain,) * 6).volts(CODES)
    np.testing.assert_allclose(np.column_stack([theirs[f"AIN{n}"] for n in range(6)]), ours, rtol=1e-12, atol=1e-15)
    device.streamStop()
    assert not six.twin.streaming


async def test_it_reads_the_volts_of_a_u3_that_we_read(three: Connection) -> None:
    device = three.device
    device.configU3()
    device.getCalibrationData()
    device.configIO(FIOAnalog=0xFF, EIOAnalog=0)
    pairs = [(0, 31), (1, 31), (2, 31), (3, 31), (4, 31), (6, 7)]
    positive, negative = [p for p, _ in pairs], [n for _, n in pairs]
    device.streamConfig(NumChannels=6, PChannels=positive, NChannels=negative, ScanFrequency=1000, Resolution=1)
    device.streamStart()
    theirs = device.processStreamData(wire(three.twin.encode))
    ours = u3.scale(three.twin.memory, tuple(u3.Input(*pair) for pair in pairs), high=True).volts(CODES)
    np.testing.assert_allclose(np.column_stack([theirs[f"AIN{p}"] for p in positive]), ours, rtol=1e-9, atol=1e-12)
    device.streamStop()


async def test_it_says_what_we_say(six: Connection, three: Connection) -> None:
    six.device.streamConfig(
        NumChannels=3, ChannelNumbers=[0, 2, 5], ChannelOptions=[0, 0x90, 0x20], ScanFrequency=1000, ResolutionIndex=1
    )
    inputs = (u6.Input(0), u6.Input(2, 1, differential=True), u6.Input(5, 2))
    assert six.said == [u6.encode_setup(u6.Setup(inputs, nearest(1000), 25))]
    three.device.configIO(FIOAnalog=0x1F, EIOAnalog=0x80)
    three.device.streamConfig(NumChannels=2, PChannels=[0, 4], NChannels=[31, 31], ScanFrequency=50, Resolution=2)
    expected = u3.Setup((u3.Input(0), u3.Input(4)), nearest(50), 25, 2)
    assert three.said == [u3.encode_pins((0, 1, 2, 3, 4, 15)), u3.encode_setup(expected)]


async def test_it_understands_our_auto_recovery(six: Connection) -> None:
    device = six.device
    device.streamConfig(NumChannels=1, ChannelNumbers=[0], ChannelOptions=[0], ScanFrequency=1000)
    device.streamStart()
    samples = np.zeros(25, dtype=np.uint16)
    raw = b"".join(
        packet.encode(one)
        for one in (Packet(7, samples, 0.5, recovering=True), Packet(8, samples, dropped=70_000), Packet(9, samples))
    )
    device.packetsPerRequest = 3
    device.read = lambda size, **_: raw[:size]
    said = next(device.streamData(convert=False))
    assert (said["numPackets"], said["errors"], said["missed"], said["firstPacket"]) == (3, 2, 70_000, 7)


def wire(encode: Callable[[Packet], bytes]) -> bytes:
    """The codes as six packets of a stream, scans rolling across them."""
    return b"".join(encode(Packet(n, samples)) for n, samples in enumerate(CODES.reshape(6, 25)))
