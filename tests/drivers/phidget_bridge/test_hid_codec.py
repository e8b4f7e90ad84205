import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.errors import ReportError
from otolith.drivers.phidget_bridge.codec import hid
from otolith.drivers.phidget_bridge.codec.converter import ZERO, Generation, limit, ratio, raw_code
from otolith.drivers.twinning.descriptors import report_descriptor

SETTINGS = st.builds(
    hid.Setting,
    st.integers(0, 15),
    st.tuples(*[st.sampled_from(list(hid.GAINS))] * 4),
    st.integers(1, 125).map(lambda ticks: 8 * ticks),
)
REPORTS = st.builds(
    hid.Report, SETTINGS, st.integers(0, 15), st.integers(0, 15), st.tuples(*[st.integers(0, 0xFFFFFF)] * 4)
)


def test_the_known_output_report() -> None:
    """All on, gain 128, 8 ms (wire facts, derived from the maker's library)."""
    setting = hid.Setting(0x0F, (128,) * 4, 8)
    assert hid.encode_setting(setting) == bytes.fromhex("0F 77 77 01 00")
    assert hid.decode_setting(bytes.fromhex("0F 77 77 01 00")) == setting


def test_the_known_code() -> None:
    """+1 mV/V at gain 128 is 90 62 4D and eight tenths of a count."""
    assert raw_code(1e-3, 128) == 0x90624D + 1
    report = bytes.fromhex("FF 00 77 77 00 01 90624D 800000 000000 FFFFFF")
    decoded = hid.decode(report)
    assert decoded.raw == (0x90624D, 0x800000, 0, 0xFFFFFF)
    assert (decoded.valid, decoded.errors, decoded.setting) == (15, 0, hid.Setting())
    assert ratio(0x90624D, 128) == pytest.approx(1e-3, abs=1.0 / ZERO / 128)


def test_the_slowest_interval_uses_ten_bits() -> None:
    assert hid.encode_setting(hid.Setting(interval=1000))[3:] == bytes([125, 0])
    with pytest.raises(ValueError, match="8 to 1000"):
        hid.Setting(interval=1008)


@given(REPORTS, st.integers(18, 64))
def test_a_report_survives_the_wire(report: hid.Report, length: int) -> None:
    wire = hid.encode(report, length)
    assert len(wire) == length
    assert hid.decode(wire, length) == report


@given(SETTINGS, st.integers(5, 64))
def test_a_setting_survives_the_wire(setting: hid.Setting, length: int) -> None:
    assert hid.decode_setting(hid.encode_setting(setting, length)) == setting


@given(REPORTS, st.binary(max_size=46))
def test_longer_reports_are_read(report: hid.Report, more: bytes) -> None:
    assert hid.decode(hid.encode(report) + more) == report


@given(REPORTS, st.integers(0, 23))
def test_shorter_reports_are_refused(report: hid.Report, length: int) -> None:
    with pytest.raises(ReportError, match="24 were due"):
        hid.decode(hid.encode(report, 24)[:length], 24)


@given(st.binary(max_size=80))
def test_any_bytes_are_a_report_or_a_report_error(noise: bytes) -> None:
    try:
        report = hid.decode(noise)
    except ReportError:
        return
    assert hid.decode(hid.encode(report)) == report


def test_all_zero_is_no_report() -> None:
    with pytest.raises(ReportError, match="every 8 to 1000 ms"):
        hid.decode(bytes(18))


def test_an_unknown_gain_is_refused() -> None:
    with pytest.raises(ReportError, match="gain code 2"):
        hid.decode(bytes.fromhex("FF 00 27 77 00 01") + bytes(12))


@given(st.integers(18, 64), st.integers(5, 64))
def test_lengths_are_read_from_the_report_descriptor(length_in: int, length_out: int) -> None:
    assert hid.report_lengths(report_descriptor(length_in, length_out)) == (length_in, length_out)


@pytest.mark.parametrize(
    ("descriptor", "reason"),
    [
        (report_descriptor(17, 5), "too short"),
        (report_descriptor(18, 5)[:-3], "too short"),
        (report_descriptor(18, 5)[:15], "cut short"),
        (bytes([0x85, 1]) + report_descriptor(18, 5), "numbers its reports"),
        (b"", "too short"),
    ],
)
def test_descriptors_of_something_else_are_refused(descriptor: bytes, reason: str) -> None:
    with pytest.raises(ReportError, match=reason):
        hid.report_lengths(descriptor)


@given(st.integers(0, 0xFFFFFF), st.sampled_from(list(hid.GAINS)))
def test_the_converter_equation_is_exactly_invertible(code: int, gain: int) -> None:
    assert raw_code(ratio(code, gain), gain) == code


def test_limits() -> None:
    assert limit(1) == 1.0
    assert limit(128) == 0.995 / 128


@pytest.mark.parametrize(
    ("bcd", "generation"),
    [
        (0x0100, Generation.GAIN_BUG),
        (0x0101, Generation.GAIN_BUG),
        (0x0102, Generation.HID),
        (0x0200, Generation.VENDOR),
        (0x0263, Generation.VENDOR),
    ],
)
def test_generations(bcd: int, generation: Generation) -> None:
    assert Generation.of(bcd) is generation
