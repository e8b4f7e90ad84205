"""What a real Linux kernel makes of our twins, and our drivers of it: one machine is booted, and told what it saw.

Our drivers' own way there: libusb, hidraw, evdev, and the kernel's own driver of Wii Balance Boards, which knows
nothing of us: where it and we agree on a twin, neither twin nor driver can be wrong in the same way by habit.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from otolith.drivers.rig.kernel import NoKernel, Run, kernel_image, run_in_kernel

SECONDS = 420.0
"""After which the machine is switched off; it takes about one and a half minutes on a quiet computer."""
pytestmark = pytest.mark.timeout(SECONDS + 300)


@pytest.fixture(scope="module")
def run(request: pytest.FixtureRequest) -> Run:
    """The one boot of all."""
    if "kernel" not in request.getfixturevalue("benches"):
        pytest.skip("a real kernel is booted with --bench kernel")
    try:
        image = kernel_image()
    except NoKernel as error:
        pytest.skip(str(error))
    return run_in_kernel(image, Path(__file__).with_name("guest.py"), SECONDS)


Told = Mapping[str, Any]


def told(run: Run, name: str) -> Told:
    """The facts of one examination; the machine's own words where there are none."""
    for facts in run.facts:
        if facts["examination"] == name:
            assert "traceback" not in facts, facts["traceback"]
            return facts
    ended = "ended" if run.ended else "was switched off"
    pytest.fail(f"the machine {ended} and told nothing of {name}; its console: {run.console[-4000:]}")


@pytest.mark.parametrize(
    ("board", "vendor", "product"), [("btracks", "06c2", "003b"), ("ofp", "1209", "0001")], ids=["btracks", "ofp"]
)
def test_the_kernel_enumerates_a_twin_and_libusb_reads_every_sample(
    run: Run, board: str, vendor: str, product: str
) -> None:
    facts = told(run, board)
    kernel, stream = facts["kernel"], facts["stream"]
    assert (kernel["idVendor"], kernel["idProduct"], kernel["serial"]) == (vendor, product, "4711")
    assert "(twin)" in kernel["product"]
    assert len([name for name in facts["listed"] if name.startswith(f"usb:{vendor}:{product}")]) == 1
    assert facts["info"] == {"serial": "4711", "simulated": True}
    assert (stream["differing"], stream["error"], stream["misnumbered"]) == (0, "", [])
    assert stream["samples"] >= 150
    assert stream["distinct"] > 1
    assert facts["unplugged"] == "BoardLost"


def test_the_kernels_own_driver_takes_the_wii_twin_for_a_board(run: Run) -> None:
    facts = told(run, "handshake")
    assert (facts["driver"], facts["devtype"]) == ("wiimote", "balanceboard")
    # What hid-wiimote asks before it says what it has found (Linux drivers/hid/hid-wiimote-core.c).
    asked = facts["heard"]
    wanted = ["15", "1604a400f0", "1604a400fb", "1704a400fa0006", "1704a40024000c", "1704a40030000c"]
    found = [next((at for at, report in enumerate(asked) if report.startswith(part)), -1) for part in wanted]
    assert -1 not in found, asked
    assert found == sorted(found), asked


def test_the_kernel_reads_the_calibration_that_we_read(run: Run) -> None:
    facts = told(run, "handshake")
    assert facts["points"] == facts["factory"]
    assert facts["battery"] is not None


def test_our_driver_reads_the_board_beside_the_kernels(run: Run) -> None:
    facts = told(run, "hidraw")
    assert (facts["differing"], facts["missed"], facts["error"]) == (0, 0, "")
    assert facts["samples"] >= 150
    assert facts["distinct"] > 1
    assert facts["simulated"]


def test_the_kernels_axes_are_read_by_their_real_ioctls(run: Run) -> None:
    facts = told(run, "evdev")
    assert facts["samples"] >= 150
    assert facts["clock"]
    assert facts["mode"] in {0x32, 0x34}
    assert facts["kg"] > 20
    assert sum(facts["now"]) / 100 == pytest.approx(facts["kg"], abs=2.0)


def test_the_kernels_kilograms_are_ours_sample_by_sample(run: Run) -> None:
    facts = told(run, "both")
    assert facts["matching"] >= 100, facts
    assert facts["widest"] < 1.0, "the kernel cuts hundredths of a kilogram off, and nothing more"


def test_a_board_that_switches_itself_off_is_lost_by_both_ways(run: Run) -> None:
    assert told(run, "asleep")["ended"] == ["BoardLost", "BoardLost"]
