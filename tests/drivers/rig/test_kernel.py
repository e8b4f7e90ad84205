"""The kernel bench as far as it can be told without a kernel."""

import asyncio
import struct
from pathlib import Path

import pytest

from otolith.drivers.errors import BoardNotFound, BoardRefused
from otolith.drivers.monikers import Sim, parse
from otolith.drivers.rig import Rig
from otolith.drivers.rig.kernel import NoKernel, kernel_image, uhid
from otolith.drivers.rig.kernel.vhci import attach, free_port
from otolith.drivers.twins import make_twin

# As Linux 6.1 writes it (drivers/usb/usbip/vhci_sysfs.c): 4 is free, 6 is used; "ss" are the ports of SuperSpeed.
STATUS = """\
hub port sta spd dev      sockfd local_busid
hs  0000 006 002 00010002 000003 1-1
hs  0001 004 000 00000000 000000 0-0
ss  0008 004 000 00000000 000000 0-0
"""


def test_the_first_free_port_of_the_right_hub_is_taken() -> None:
    assert free_port(STATUS) == 1
    with pytest.raises(BoardRefused, match="taken"):
        free_port(STATUS.replace("hs  0001 004", "hs  0001 006"))


async def test_the_kernel_is_given_a_connection_with_the_device_on_it(tmp_path: Path) -> None:
    (tmp_path / "status").write_text(STATUS)
    moniker = parse("sim:btracks?load=recording:BDS00001")
    assert isinstance(moniker, Sim)
    async with Rig() as rig:
        busid = rig.add(make_twin(moniker))
        assert await asyncio.to_thread(attach, rig.host, rig.port, busid, tmp_path) == 1
        port, fd, devid, speed = map(int, (tmp_path / "attach").read_text().split())
        assert (port, devid, speed) == (1, 0x10002, 2)
        assert fd > 2
        with pytest.raises(BoardNotFound, match="1-9"):
            await asyncio.to_thread(attach, rig.host, rig.port, "1-9", tmp_path)


def test_uhid_events_have_the_kernels_layout() -> None:
    created = uhid.encode_create("Nintendo RVL-WBC-01", "00:1f:c5:00:00:07")
    assert len(created) == 4376
    assert created[4:132].rstrip(b"\0") == b"Nintendo RVL-WBC-01"
    assert struct.unpack_from("<HHII", created, 260) == (217, 5, 0x057E, 0x0306)
    assert uhid.encode_input(b"\x30\0\0")[:9] == struct.pack("<IH3s", 12, 3, b"\x30\0\0")
    said = struct.pack("<I4096sHB", 6, b"\x15\x00", 2, 1).ljust(4376, b"\0")
    assert uhid.decode_output(said) == b"\x15\x00"
    assert uhid.refuse(said) is None


@pytest.mark.parametrize(("asked", "answered", "size"), [(9, 10, 12), (13, 14, 10)])
def test_reports_that_a_board_does_not_have_are_refused(asked: int, answered: int, size: int) -> None:
    event = struct.pack("<IIBB", asked, 77, 5, 0).ljust(4376, b"\0")
    assert uhid.decode_output(event) is None
    answer = uhid.refuse(event)
    assert answer is not None
    assert len(answer) == size
    assert struct.unpack_from("<IIH", answer) == (answered, 77, 5)


def test_a_machine_without_the_tools_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(NoKernel, match=r"no qemu-system-x86_64 .*: apt-get install .*busybox-static"):
        kernel_image(tmp_path)
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    with pytest.raises(NoKernel, match="aarch64"):
        kernel_image(tmp_path)
