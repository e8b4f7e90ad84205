"""What the U3 and the U6 are asked, and how they answer."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.errors import ReportError
from otolith.drivers.labjack.codec import commands, u3, u6
from otolith.drivers.labjack.codec.commands import Config
from otolith.drivers.labjack.codec.frame import extended
from otolith.drivers.labjack.codec.pace import Pace, nearest
from otolith.drivers.labjack.codec.reasons import reason

VERSIONS = st.tuples(st.integers(0, 255), st.integers(0, 255))
CONFIGS = st.builds(
    Config,
    VERSIONS,
    VERSIONS,
    VERSIONS,
    st.integers(0, 2**32 - 1),
    st.integers(0, 65535),
    st.integers(0, 255),
    st.binary(min_size=16, max_size=16),
)
PACES = st.builds(Pace, st.sampled_from([4e6, 48e6]), st.booleans(), st.integers(1, 65535))
U6_SETUPS = st.builds(
    u6.Setup,
    st.lists(st.builds(u6.Input, st.integers(0, 13), st.integers(0, 3), st.booleans()), max_size=14).map(tuple),
    PACES,
    st.integers(1, 25),
    st.integers(0, 8),
    st.integers(0, 9),
)
U3_SETUPS = st.builds(
    u3.Setup,
    st.lists(st.builds(u3.Input, st.integers(0, 15), st.integers(0, 31)), max_size=16).map(tuple),
    PACES,
    st.integers(1, 25),
    st.integers(0, 3),
)


def test_the_known_stream_configuration_of_a_u6() -> None:
    """Six channels, 25 samples a packet, 1 kHz (derived by hand from the datasheet, 5.2.12)."""
    setup = u6.Setup(tuple(u6.Input(channel) for channel in range(6)), Pace(4e6, False, 4000), 25)
    command = bytes.fromhex("F2 F8 0A 11 DE 00 06 01 19 00 00 00 A0 0F 00 00 01 00 02 00 03 00 04 00 05 00")
    assert u6.encode_setup(setup) == command
    assert u6.decode_setup(command) == setup


def test_the_answer_of_a_u6_to_who_it_is() -> None:
    raw = commands.encode_config(Config((1, 43), (6, 15), (2, 0), 360013841, 6, 1, bytes(15) + b"\x0c"))
    assert (len(raw), raw[1:4].hex(), raw[9:11].hex(), raw[37]) == (38, "f81008", "2b01", u6.PRO)
    assert int.from_bytes(raw[15:19], "little") == 360013841
    config = commands.decode_config(raw)
    assert (commands.version(config.firmware), config.serial, config.product) == ("1.43", 360013841, 6)


def test_a_block_is_of_fixed_point_numbers() -> None:
    """Fraction first, then the whole number, each little-endian; negative numbers count up from the one below."""
    raw = commands.encode_block((1.5, -0.25, 33523.0, -1.0))
    assert raw[8:].hex(" ", 8) == "0000008001000000 000000c0ffffffff 00000000f3820000 00000000ffffffff"
    assert commands.decode_block(raw) == (1.5, -0.25, 33523.0, -1.0)


@given(st.tuples(*[st.floats(-1e6, 1e6)] * 4))
def test_blocks_survive_the_wire(values: tuple[float, ...]) -> None:
    assert commands.decode_block(commands.encode_block(values)) == pytest.approx(values, abs=2**-32, rel=1e-15)


@given(CONFIGS)
def test_configurations_survive_the_wire(config: Config) -> None:
    assert commands.decode_config(commands.encode_config(config)) == config


@given(U6_SETUPS)
def test_stream_configurations_of_a_u6_survive_the_wire(setup: u6.Setup) -> None:
    assert u6.decode_setup(u6.encode_setup(setup)) == setup


@given(U3_SETUPS)
def test_stream_configurations_of_a_u3_survive_the_wire(setup: u3.Setup) -> None:
    assert u3.decode_setup(u3.encode_setup(setup)) == setup


@given(st.lists(st.integers(0, 15), max_size=16))
def test_analogue_lines_survive_the_wire(pins: list[int]) -> None:
    lines = sum(1 << pin for pin in set(pins))
    assert u3.decode_pins(u3.encode_pins(tuple(pins))) == lines
    assert u3.decode_pins(u3.encode_pins_set(lines)) == lines


@given(st.integers(0, 255), st.binary(max_size=60))
def test_frames_of_anything_are_read_or_are_report_errors(number: int, noise: bytes) -> None:
    words = noise[: len(noise) // 2 * 2]
    for read in (
        commands.decode_config,
        commands.decode_block,
        u3.decode_setup,
        u3.decode_pins,
        u6.decode_setup,
        lambda raw: commands.decode_error(raw, number),
        lambda raw: commands.decode_done(raw, number),
    ):
        for raw in (noise, *(extended(one, words) for one in (0x08, 0x2D, 0x11, 0x0B, number))):
            with suppress(ReportError):
                assert read(raw) is not None


@pytest.mark.parametrize(
    ("raw", "read", "why"),
    [
        (extended(0x08, bytes([7]) + bytes(31)), commands.decode_config, "refused to say who it is"),
        (commands.encode_block((0.0,) * 4, 26), commands.decode_block, "does not let its calibration be read"),
        (extended(0x2D, bytes(2)), commands.decode_block, "a block of 4 numbers was due"),
        (extended(0x11, b""), lambda raw: commands.decode_error(raw, 0x11), "without an error code"),
        (bytes.fromhex("A9 A9 00 00"), lambda raw: commands.decode_done(raw, 0xB1), "an answer b1 was due, not a9"),
    ],
)
def test_refusals_are_said(raw: bytes, read: object, why: str) -> None:
    assert callable(read)
    with pytest.raises(ReportError, match=why):
        read(raw)


@pytest.mark.parametrize(
    ("rate", "pace"),
    [
        (1000.0, Pace(48e6, False, 48000)),
        (732.5, Pace(48e6, False, 65529)),
        (700.0, Pace(4e6, False, 5714)),
        (61.1, Pace(4e6, False, 65466)),
        (60.0, Pace(48e6, True, 3125)),
        (2.0, Pace(4e6, True, 7812)),
        (1e9, Pace(48e6, False, 1)),
    ],
)
def test_the_finest_clock_that_is_slow_enough(rate: float, pace: Pace) -> None:
    assert nearest(rate) == pace


@given(st.floats(0.25, 50_000.0))
def test_rates_are_met_within_half_a_tick(rate: float) -> None:
    found = nearest(rate)
    assert 1 <= found.interval <= 65535
    assert abs(found.rate / rate - 1.0) <= 0.51 / found.interval


def test_a_rate_that_is_too_slow() -> None:
    with pytest.raises(ValueError, match=r"0\.238 times a second at least, not 0\.1"):
        nearest(0.1)


def test_reasons_are_said_in_words() -> None:
    assert reason(55) == (
        "a scan began before the last one was complete: ask for a lower rate= or connect fewer channels"
        " (LabJack error 55)"
    )
    assert reason(52) == "its stream is not running (LabJack error 52)"
    assert reason(200) == "its maker's list of errors has more on it (LabJack error 200)"


@pytest.mark.parametrize(("samples", "index"), [(500.0, 0), (2500.0, 0), (6000.0, 1), (10_001.0, 2), (40_000.0, 3)])
def test_a_u3_takes_the_finest_resolution_that_is_fast_enough(samples: float, index: int) -> None:
    assert u3.resolution(samples) == index
