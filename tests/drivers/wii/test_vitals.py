import numpy as np
import pytest

from otolith.drivers.counters import Counters
from otolith.drivers.errors import BoardTimeout
from otolith.drivers.wii.codec import block, reports
from otolith.drivers.wii.codec.reports import Acknowledgement, Sample, Status
from otolith.drivers.wii.correction import Correction, warmth
from otolith.drivers.wii.intake import Intake
from otolith.drivers.wii.twin import factory_block
from otolith.drivers.wii.vitals import Vitals, level

COUNTS = (4000, 17000, 3000, 12000)
SECOND = 1_000_000_000


def test_the_bars_go_before_the_level_and_a_low_battery_before_both() -> None:
    vitals = Vitals().after(Status(100))
    assert vitals.battery == 0.5
    vitals = vitals.after(Sample(COUNTS, 0x19, 0x7D))
    assert (vitals.battery, vitals.level, vitals.temperature) == (0.75, 0.5, 0x19)
    vitals = vitals.after(Status(80, low=True))
    assert (vitals.battery, vitals.bars, vitals.low) == (0.0, 3, True)
    assert vitals.after(Status(200)).battery == 0.75
    assert Vitals().battery is None
    assert level(0xFF) == 1.0


def test_the_short_form_leaves_what_is_known() -> None:
    vitals = Vitals().after(Sample(COUNTS, 0x19, 0x7D)).after(Sample(COUNTS, button=True))
    assert (vitals.bars, vitals.temperature, vitals.button) == (3, 0x19, True)
    assert vitals.after(Sample(COUNTS, None, 0x7D)).temperature == 0x19


@pytest.mark.parametrize(("temperature", "factor"), [(26, 1.0), (36, 0.993), (12, 1.0098)])
def test_one_percent_per_fourteen_degrees(temperature: int, factor: float) -> None:
    assert warmth(temperature, 26) == pytest.approx(factor)


def test_corrected_counts_make_corrected_loads() -> None:
    calibration = factory_block().calibration()
    found = Correction(calibration, 26).counts(COUNTS, 36)
    expected = calibration.loads(np.array([COUNTS], dtype=float)) * 0.993
    np.testing.assert_allclose(calibration.loads(np.array([found])), expected)


def test_gravity_scales_every_load() -> None:
    factory = factory_block()
    here = factory.calibration(0.9969).loads(np.array([COUNTS], dtype=float))
    np.testing.assert_allclose(here, factory.calibration().loads(np.array([COUNTS], dtype=float)) * 0.9969)


def test_the_reference_temperature_is_signed() -> None:
    assert factory_block().temperature == 0x1A
    assert block.sealed(factory_block().points, bytes(4), b"\xfe\x01").temperature == -2


def press(intake: Intake, t: int, *, down: bool) -> None:
    intake.take(reports.encode(Acknowledgement(0x11, button=down)), t)


def test_the_button_means_nothing_for_ten_seconds() -> None:
    counters = Counters()
    intake = Intake(counters, connected=5 * SECOND)
    intake.take(reports.encode(Sample(COUNTS)), 14 * SECOND)
    press(intake, 14 * SECOND, down=True)
    press(intake, 14 * SECOND + 1, down=False)
    assert counters.presses == 0
    intake.take(reports.encode(Sample(COUNTS, button=True)), 15 * SECOND)
    intake.take(reports.encode(Sample(COUNTS, button=True)), 15 * SECOND + 1)
    assert counters.presses == 1
    press(intake, 15 * SECOND + 2, down=False)
    press(intake, 15 * SECOND + 3, down=True)
    assert counters.presses == 2
    with pytest.raises(BoardTimeout, match="none that can be used"):
        press(intake, 17 * SECOND, down=True)
