"""``python hil_tests/matrix.py > docs/reference/scenarios.md``: which test shows which scenario for which family.

The kinds of board are read from the tests themselves: from their parameters, and from the files in which they stand. A
test that is named here and does not exist, and a cell with neither a test nor a reason, are errors.
"""

import ast
import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]
COMMON = "hil_tests/test_scenarios.py"
WII, WAYS = "hil_tests/test_wii.py", "tests/drivers/wii/test_ways.py"
EVDEV, EVENTS = "tests/drivers/wii/test_evdev.py", "tests/drivers/hid/test_evdev.py"
SERIAL, FRAMES = "tests/drivers/ofp/test_serial.py", "tests/drivers/ofp/test_frames.py"
TARE = "tests/service/test_pipeline.py::test_a_tare_is_the_mean_of_a_second_and_applies_from_the_next_sample"
GATE = "tests/service/test_pipeline.py::test_a_tare_that_would_be_wrong_is_refused"
INTERVAL = "tests/drivers/test_interval.py::test_jitter_and_a_skewed_clock_lose_nothing"
TIMING = "tests/service/test_timing.py"
FUZZ = "tests/drivers/test_fuzz.py::test_any_bytes_are_read_or_refused"

USB = {
    "btracks": "Phidget Bridge",
    "wii": "Wii, DolphinBar",
    "ofp": "OFP, USB",
    "tecgihan": "Tec Gihan",
    "mcc": "MCC 1608",
    "labjack-u6": "LabJack U6",
    "labjack-u3": "LabJack U3",
    "labjack-t7": "LabJack T7",
    "godirect": "Go Direct",
    "golink": "Go!Link",
}
"""By the board's name in a ``sim:`` moniker, which is what the scenarios are parametrised with."""
BYTES = {"ofp-serial": "OFP, serial", "hidraw": "Wii, hidraw", "l2cap": "Wii, L2CAP", "evdev": "Wii, evdev"}
FAMILIES = USB | BYTES
BOTH = ("hidraw", "l2cap")
LIKE_U6 = "as the U6: one driver, other codecs, which have their own tests"
MESSAGES = "a bus and a kernel that deliver whole reports"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A line of the table."""

    title: str
    common: tuple[str, ...] = ()
    """Tests of ``test_scenarios.py``; their parameters say for which families."""
    more: tuple[tuple[tuple[str, ...], str], ...] = ()
    """Families, and a test of theirs: ``file::function``."""
    reasons: tuple[tuple[tuple[str, ...], str], ...] = ()
    """Why there is none for these families."""


RELATIVES = (("labjack-u3", "labjack-t7"), LIKE_U6)
NOT_EVDEV = (("evdev",), "the kernel's own driver speaks with the board")
NO_BATTERY = (tuple(name for name in FAMILIES if name not in {"wii", "godirect", *BOTH}), "no battery that it tells of")
NO_HANDSHAKE = (tuple(name for name in FAMILIES if name not in {"wii", *BOTH}), "no handshake of unasked answers")
NO_CRC = tuple(name for name in FAMILIES if name not in {"wii", *BOTH, "ofp", "ofp-serial"})

SCENARIOS = (
    Scenario(
        "plug, identify, stream: every sample once, in order",
        ("test_streams_every_sample_once_and_in_order", "test_unplugged_it_is_lost_and_replugged_it_is_back"),
        (
            (("ofp-serial",), f"{SERIAL}::test_every_sample_whatever_the_pieces"),
            (BOTH, f"{WAYS}::test_every_sample_once_and_in_order"),
            (("evdev",), f"{EVDEV}::test_samples_are_the_kernels_with_its_times"),
        ),
    ),
    Scenario(
        "unplug and replug while it streams",
        ("test_unplugged_it_is_lost_and_replugged_it_is_back",),
        (
            (("ofp-serial",), f"{SERIAL}::test_a_plate_that_hangs_up_ends_the_stream"),
            (BOTH, f"{WAYS}::test_pulled_out_it_is_lost"),
            (("evdev",), f"{EVDEV}::test_a_node_that_goes_away_is_a_board_lost"),
        ),
    ),
    Scenario(
        "stall and clear",
        ("test_a_stalled_endpoint_is_cleared_and_loses_nothing",),
        reasons=(RELATIVES, (tuple(BYTES), "no endpoint that can halt")),
    ),
    Scenario(
        "short, long, torn, garbage",
        ("test_a_spoilt_report_costs_at_most_itself",),
        (
            (("ofp-serial",), f"{FRAMES}::test_noise_costs_at_most_the_record_it_runs_into"),
            (BOTH, f"{WAYS}::test_a_spoilt_report_costs_at_most_itself"),
            (("evdev",), FUZZ),
        ),
    ),
    Scenario(
        "repeated",
        ("test_a_repeated_report_is_no_sample",),
        (
            (
                ("ofp-serial",),
                f"{SERIAL}::test_a_repeated_packet_is_no_sample_and_a_saturated_one_is_flagged",
            ),
        ),
        reasons=(
            (("tecgihan",), "blocks are asked for one by one and have no number"),
            (("wii", *BOTH, "evdev"), "samples have no number: alike ones are samples that are alike"),
            RELATIVES,
        ),
    ),
    Scenario(
        "one byte at a time",
        more=(
            (("ofp-serial",), f"{SERIAL}::test_every_sample_whatever_the_pieces"),
            (("evdev",), f"{EVENTS}::test_any_pieces_say_the_same"),
            (("tecgihan",), "tests/drivers/tec_gihan/test_intake.py::test_a_block_in_any_pieces"),
            (
                ("labjack-u6", "labjack-u3", "labjack-t7"),
                "tests/drivers/labjack/test_intake.py::test_any_grouping_into_transfers_gives_the_same",
            ),
        ),
        reasons=((("btracks", "wii", "ofp", "mcc", "godirect", "golink", *BOTH), MESSAGES),),
    ),
    Scenario(
        "samples that never come (sequence or time jumps)",
        ("test_what_a_board_slept_through_is_counted", "test_a_spoilt_report_costs_at_most_itself"),
        (
            (("ofp-serial",), f"{SERIAL}::test_a_lossy_wire_loses_what_it_loses_and_says_so"),
            (("evdev",), f"{EVDEV}::test_what_the_kernel_dropped_is_a_gap"),
            (BOTH, f"{WAYS}::test_a_spoilt_report_costs_at_most_itself"),
        ),
    ),
    Scenario(
        "a gap is data: its batch tells how many are missing, and the first sample behind it is flagged",
        ("test_a_spoilt_report_costs_at_most_itself",),
        (
            (("ofp-serial",), f"{SERIAL}::test_a_lossy_wire_loses_what_it_loses_and_says_so"),
            (("evdev",), f"{EVDEV}::test_what_the_kernel_dropped_is_a_gap"),
            (BOTH, f"{WAYS}::test_a_spoilt_report_costs_at_most_itself"),
        ),
    ),
    Scenario(
        "silent: connected, no data",
        ("test_a_frozen_board_is_silent_and_can_be_read_again",),
        (
            (("ofp-serial",), f"{SERIAL}::test_nobody_answers"),
            (BOTH, f"{WAYS}::test_silence_is_asked_ten_times_and_given_up"),
        ),
        (RELATIVES, (("evdev",), "the kernel tells nothing while nothing changes: silence is no fault there")),
    ),
    Scenario(
        "all zeros",
        ("test_a_board_that_sends_zeros_is_silent",),
        (
            (("ofp-serial",), f"{SERIAL}::test_all_zeros_are_no_samples"),
            (BOTH, f"{WAYS}::test_all_zeros_are_no_samples"),
        ),
        reasons=(
            RELATIVES,
            (("evdev",), "zeros are events without a meaning, and stepped over"),
        ),
    ),
    Scenario(
        "saturation",
        ("test_saturation_is_flagged_on_every_sample_of_it",),
        (
            (("evdev",), f"{EVDEV}::test_the_end_of_the_axes_is_saturation"),
            (
                ("ofp-serial",),
                f"{SERIAL}::test_a_repeated_packet_is_no_sample_and_a_saturated_one_is_flagged",
            ),
            (BOTH, f"{WAYS}::test_a_saturated_cell_is_flagged"),
        ),
    ),
    Scenario(
        "clock off by 200 ppm either way",
        ("test_a_skewed_clock_loses_nothing",),
        reasons=(RELATIVES, (tuple(BYTES), "the way has no part in it: times are judged behind it, as over USB")),
    ),
    Scenario(
        "jitter of arrivals",
        more=(
            (("btracks", "mcc"), INTERVAL),
            (("wii", *BOTH, "evdev"), f"{TIMING}::test_a_board_that_samples_when_it_likes_keeps_its_arrivals"),
            (
                tuple(name for name in FAMILIES if name not in {"wii", *BOTH, "evdev"}),
                f"{TIMING}::test_a_drifting_clock_behind_jitter_is_measured",
            ),
        ),
    ),
    Scenario(
        "battery falling",
        more=(
            (("wii",), f"{WII}::test_a_low_battery_is_told_while_it_streams"),
            (BOTH, f"{WAYS}::test_a_falling_battery_shows_while_it_streams"),
        ),
        reasons=(NO_BATTERY, (("godirect",), "asked once, when it is opened: the stream does not tell")),
    ),
    Scenario(
        "tare while streaming (in the pipeline, above the drivers)",
        more=(
            (tuple(USB), "hil_tests/test_tare.py::test_tare_while_streaming"),
            (tuple(FAMILIES), TARE),
        ),
    ),
    Scenario(
        "somebody who moves is no zero",
        more=(
            (
                tuple(name for name in USB if name not in {"labjack-u3", "labjack-t7"}),
                "hil_tests/test_tare.py::test_somebody_who_moves_is_no_zero",
            ),
            (tuple(FAMILIES), GATE),
        ),
    ),
    Scenario(
        "two boards of one kind",
        ("test_two_boards_do_not_mix",),
        reasons=(RELATIVES, (tuple(BYTES), "one open board shares nothing with another")),
    ),
    Scenario(
        "power-save disconnect",
        more=(
            (("wii",), f"{WII}::test_a_board_that_saves_power_is_lost_and_comes_back_by_its_button"),
            (BOTH, f"{WAYS}::test_a_board_that_saves_power_is_lost_and_comes_back"),
            (("evdev",), f"{EVDEV}::test_a_node_that_goes_away_is_a_board_lost"),
        ),
        reasons=(
            (("godirect",), "nothing is published on when it does: as unplugged"),
            (
                tuple(name for name in FAMILIES if name not in {"wii", "godirect", *BOTH, "evdev"}),
                "powered by its cable",
            ),
        ),
    ),
    Scenario(
        "calibration with a wrong checksum",
        more=(
            (("wii",), f"{WII}::test_a_wrong_checksum_is_refused_unless_it_is_to_be_ignored"),
            (BOTH, f"{WAYS}::test_a_wrong_checksum_is_refused_unless_it_is_to_be_ignored"),
            (("ofp", "ofp-serial"), "tests/drivers/ofp/test_records.py::test_noise_is_refused_in_words"),
        ),
        reasons=((NO_CRC, "its calibration has no checksum that the driver could look at"),),
    ),
    Scenario(
        "handshake late, twice, in disorder",
        more=(
            (("wii",), f"{WII}::test_boards_of_every_manner_are_woken_and_read"),
            (BOTH, f"{WAYS}::test_answers_may_come_late_twice_in_disorder_or_not_at_once"),
        ),
        reasons=(NO_HANDSHAKE,),
    ),
    Scenario("any bytes are read or refused", more=((tuple(FAMILIES), FUZZ),)),
)

INTRODUCTION = """# Scenarios by family

Written by

    python hil_tests/matrix.py > docs/reference/scenarios.md

from the tests; a test compares it. USB families pass the common scenarios of `hil_tests/test_scenarios.py` over USB/IP
against their twins; the last four columns are the ways that are bytes or kernel records. **No board of any family has
been tried as hardware here.** A number is the test below the table; a letter, why there is none.

"""


def kinds(test: str) -> set[str]:
    """Boards for which a common scenario runs always, from its parameters."""
    found: set[str] = set()
    for mark in getattr(getattr(_common(), test), "pytestmark", ()):
        if mark.name == "parametrize" and mark.args[0] == "kind":
            found |= {kind.board for kind in mark.args[1] if hasattr(kind, "board")}
    return found


def cell(scenario: Scenario, family: str) -> tuple[list[str], list[str]]:
    """Tests, and reasons why there are none."""
    tests = [f"{COMMON}::{test}" for test in scenario.common if family in kinds(test)]
    tests += [test for families, test in scenario.more if family in families]
    reasons = [why for families, why in scenario.reasons if family in families]
    if not tests and not reasons:
        raise LookupError(f"{scenario.title!r}: neither a test nor a reason for {family}")
    return tests, [] if tests else reasons


def exists(test: str) -> bool:
    """Whether the function is in its file."""
    path, _, name = test.partition("::")
    return name in _functions(path)


def page() -> str:
    """The table and what its signs mean."""
    tests: list[str] = []
    reasons: list[str] = []
    lines = [("scenario", *FAMILIES.values()), ("---",) * (len(FAMILIES) + 1)]
    for scenario in SCENARIOS:
        marks = []
        for family in FAMILIES:
            shown, why = cell(scenario, family)
            signs = [str(_place(tests, test)) for test in shown] or [
                f"n/a {_letter(_place(reasons, one))}" for one in why
            ]
            marks.append(" ".join(signs))
        lines.append((scenario.title, *marks))
    if missing := [test for test in tests if not exists(test)]:
        raise LookupError(f"no such test: {', '.join(missing)}")
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return f"{INTRODUCTION}{table}\n{_list(tests)}\n## Not applicable\n\n{_reasons(reasons)}"


def _place(known: list[str], one: str) -> int:
    if one not in known:
        known.append(one)
    return known.index(one) + 1


def _letter(place: int) -> str:
    return chr(ord("a") + place - 1)


def _list(tests: Iterable[str]) -> str:
    return "".join(f"{number}. `{test}`\n" for number, test in enumerate(tests, 1))


def _reasons(reasons: Iterable[str]) -> str:
    return "".join(f"* {_letter(place)}: {reason}\n" for place, reason in enumerate(reasons, 1))


@cache
def _functions(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@cache
def _common() -> ModuleType:
    spec = importlib.util.spec_from_file_location("otolith_scenarios", ROOT / COMMON)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["otolith_scenarios"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.stdout.write(page())
