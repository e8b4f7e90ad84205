import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.errors import ReportError
from otolith.drivers.wii.codec import REPORT_DESCRIPTOR, reports
from otolith.drivers.wii.codec.descriptor import IN, OUT
from otolith.drivers.wii.codec.reports import Acknowledgement, Memory, Other, Report, Sample, Status
from otolith.drivers.wii.twin.dolphinbar import CONFIGURATION, DEVICE

BYTE = st.integers(0, 255)
COUNT = st.integers(0, 0xFFFF)
COUNTS = st.tuples(COUNT, COUNT, COUNT, COUNT)
REPORTS: st.SearchStrategy[Report] = st.one_of(
    st.builds(Status, BYTE, BYTE.map(lambda byte: byte & 0xF0), st.booleans(), st.booleans(), st.booleans()),
    st.builds(Memory, COUNT, st.binary(min_size=1, max_size=16), button=st.booleans()),
    st.builds(Memory, COUNT, st.just(b""), st.sampled_from([7, 8])),
    st.builds(Acknowledgement, BYTE, BYTE, st.booleans()),
    st.builds(Sample, COUNTS, button=st.booleans()),
    st.builds(Sample, COUNTS, st.none() | st.integers(-127, 126), BYTE, st.booleans()),
    st.builds(Other, st.sampled_from([0x30, 0x31, 0x33, 0x35, 0x36, 0x37, 0x3D, 0x3E, 0x3F]), st.booleans()),
)


@given(REPORTS)
def test_what_is_encoded_is_decoded(report: Report) -> None:
    wire = reports.encode(report)
    assert len(wire) == 1 + IN[wire[0]]
    assert reports.decode(wire) == report


@given(REPORTS, st.binary(max_size=42))
def test_padding_changes_nothing(report: Report, padding: bytes) -> None:
    assert reports.decode(reports.encode(report) + padding) == report


@given(st.one_of(st.builds(Sample, COUNTS), st.builds(Sample, COUNTS, st.just(20), BYTE)), st.data())
def test_a_torn_sample_is_never_a_sample(sample: Sample, data: st.DataObject) -> None:
    wire = reports.encode(sample)
    with pytest.raises(ReportError, match=r"bytes where \d+ were due|begins with nothing"):
        reports.decode(wire[: data.draw(st.integers(0, len(wire) - 1))])


@given(st.binary(max_size=64))
def test_any_bytes_are_a_report_or_refused(wire: bytes) -> None:
    try:
        report = reports.decode(wire)
    except ReportError:
        return
    assert isinstance(report, Report)


@pytest.mark.parametrize(
    ("wire", "golden"),
    [
        (reports.light(on=True), "11 10"),
        (reports.light(on=False), "11 00"),
        (reports.mode(0x34), "12 04 34"),
        (reports.mode(0x32), "12 04 32"),
        (reports.mode(0x30, continuous=False), "12 00 30"),
        (reports.ask_status(), "15 00"),
        (reports.write(0xA400F0, b"\x55"), "16 04 A4 00 F0 01 55" + 15 * " 00"),
        (reports.write(0xA400FB, b"\x00"), "16 04 A4 00 FB 01 00" + 15 * " 00"),
        (reports.read(0xA400FA, 6), "17 04 A4 00 FA 00 06"),
        (reports.read(0xA40024, 12), "17 04 A4 00 24 00 0C"),
    ],
)
def test_what_a_host_says(wire: bytes, golden: str) -> None:
    assert wire == bytes.fromhex(golden)
    assert len(wire) == 1 + OUT[wire[0]]


@pytest.mark.parametrize(
    ("golden", "report"),
    [
        ("20 00 00 12 00 00 C6", Status(0xC6, 0x10)),
        ("20 00 08 01 00 00 40", Status(0x40, 0, low=True, extension=False, button=True)),
        ("21 00 00 50 00 FA 00 00 A4 20 04 02" + 10 * " 00", Memory(0x00FA, bytes.fromhex("0000A4200402"))),
        ("21 00 00 50 00 FA 00 00 A4 20 04 02", Memory(0x00FA, bytes.fromhex("0000A4200402"))),
        ("21 00 00 F7 00 20" + 16 * " 00", Memory(0x0020, b"", 7)),
        ("22 00 00 16 00", Acknowledgement(0x16)),
        ("32 00 08 0E D2 43 84 0B 3A 30 69", Sample((0x0ED2, 0x4384, 0x0B3A, 0x3069), button=True)),
        (
            "34 00 00 0E D2 43 84 0B 3A 30 69 19 00 9E" + 8 * " 00",
            Sample((0x0ED2, 0x4384, 0x0B3A, 0x3069), 0x19, 0x9E),
        ),
        ("34 00 00 0E D2 43 84 0B 3A 30 69 FE 00 9E" + 8 * " 00", Sample((0x0ED2, 0x4384, 0x0B3A, 0x3069), -2, 0x9E)),
        ("34 00 00 0E D2 43 84 0B 3A 30 69 7F 00 9E" + 8 * " 00", Sample((0x0ED2, 0x4384, 0x0B3A, 0x3069), None, 0x9E)),
        ("30 00 08", Other(0x30, button=True)),
    ],
)
def test_what_a_board_says(golden: str, report: Report) -> None:
    assert reports.decode(bytes.fromhex(golden)) == report


@pytest.mark.parametrize("wire", ["", "00", "A1 34", "10 00", "20 00 00 12 00 00", "21 00 00 50 00 FA 00 00", "30 00"])
def test_what_no_board_says(wire: str) -> None:
    with pytest.raises(ReportError):
        reports.decode(bytes.fromhex(wire))


@pytest.mark.parametrize(
    ("battery", "bars"),
    [(0xFF, 4), (0x82, 4), (0x81, 3), (0x7D, 3), (0x7C, 2), (0x78, 2), (0x6A, 1), (0x69, 0)],
)
def test_bars_of_the_battery(battery: int, bars: int) -> None:
    assert reports.bars(battery) == bars


def test_a_write_has_room_for_sixteen_bytes() -> None:
    for data in (b"", bytes(17)):
        with pytest.raises(ValueError, match="1 to 16 bytes"):
            reports.write(0xA400F0, data)


@given(st.integers(0, 0xFFFFFF).filter(lambda address: address not in reports.WAKING))
def test_no_other_register_can_be_written(address: int) -> None:
    with pytest.raises(ValueError, match="is not ours to write"):
        reports.write(address, b"\x00")


def test_the_report_descriptor_is_the_real_one() -> None:
    """Its length is that in every HID descriptor of the bar; its pattern is the dump's."""
    assert len(REPORT_DESCRIPTOR) == 217
    assert REPORT_DESCRIPTOR.startswith(bytes.fromhex("05 01 09 05 A1 01 85 10 15 00 26 FF 00 75 08 95 01 06 00 FF"))
    assert bytes.fromhex("85 20 95 06 09 01 81 00") in REPORT_DESCRIPTOR
    assert REPORT_DESCRIPTOR[-1] == 0xC0


def test_the_bar_s_descriptors_are_the_real_ones() -> None:
    assert bytes.fromhex("12 01 00 02 00 00 00 40 7E 05 06 03 00 01 01 02 00 01") == DEVICE
    assert len(CONFIGURATION) == 0x6D
    assert CONFIGURATION.startswith(bytes.fromhex("09 02 6D 00 04 01 00 80 FA 09 04 00 00 01 03 00 00 00"))
    assert CONFIGURATION.endswith(bytes.fromhex("00 09 21 11 01 00 01 22 D9 00 07 05 84 03 40 00 01"))
