from itertools import accumulate, chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.batch import Flag
from otolith.drivers.errors import ReportError
from otolith.drivers.phidget_bridge.codec import hid, vendor
from otolith.drivers.phidget_bridge.codec.vendor import Fault, Packet
from otolith.drivers.phidget_bridge.scans import HidScanner, Scan, VendorScanner

ON = hid.Setting()
OFF = hid.Setting(0, (1,) * 4, 8)


def report(
    raw: tuple[int, ...] = (0x800000,) * 4, *, setting: hid.Setting = ON, valid: int = 15, err: int = 0
) -> bytes:
    return hid.encode(hid.Report(setting, valid, err, raw))


def read(scanner: HidScanner | VendorScanner, *packets: bytes) -> list[Scan]:
    return list(chain.from_iterable(scanner.scans(packet) for packet in packets))


def test_the_first_sample_after_enabling_is_not_valid_yet() -> None:
    scanner = HidScanner(ON, 18, discard=1)
    stale = report(setting=OFF, valid=0)
    assert read(scanner, stale, stale, report((1, 2, 3, 4)), report((5, 6, 7, 8))) == [
        Scan((5.0, 6.0, 7.0, 8.0), Flag.SATURATED)
    ]


def test_a_board_that_changes_its_setting_by_itself_is_malformed() -> None:
    scanner = HidScanner(ON, 18, discard=0)
    assert len(read(scanner, report())) == 1
    with pytest.raises(ReportError, match="nobody asked for"):
        read(scanner, report(setting=OFF))
    assert len(read(scanner, report())) == 1


@pytest.mark.parametrize(
    ("packet", "flags"),
    [
        (report(), 0),
        (report((0x800000 + round(0.995 * 0x800000),) * 4), 0),
        (report((0x800000 + round(0.9951 * 0x800000),) + (0x800000,) * 3), Flag.SATURATED),
        (report((0,) + (0x800000,) * 3), Flag.SATURATED),
        (report(err=4), Flag.CHANNEL_ERROR),
        (report(valid=7), Flag.INVALID),
    ],
)
def test_flags_say_why_a_sample_is_not_to_be_trusted(packet: bytes, flags: int) -> None:
    assert [scan.flags for scan in read(HidScanner(ON, 18, discard=0), packet)] == [flags]


def test_a_report_without_new_data_is_no_sample() -> None:
    assert read(HidScanner(ON, 18, discard=0), report(valid=0)) == []


def packets(first: int, scans: int) -> list[bytes]:
    """Scan i holds i/4096/1024 + channel/1024/65536 V/V."""
    return [
        vendor.encode(Packet(channel, i / 2**22 + channel / 2**26))
        for i in range(first, first + scans)
        for channel in range(4)
    ]


def numbers(scans: list[Scan]) -> list[int]:
    """Which scan each is; fails on a mixture."""
    found = []
    for scan in scans:
        index = {int(value * 2**22) for value in scan.counts}
        assert len(index) == 1, "a mixed scan"
        found.append(index.pop())
    return found


@given(st.integers(1, 30), st.data())
def test_any_grouping_into_transfers_gives_the_same_scans(scans: int, data: st.DataObject) -> None:
    parts = packets(0, scans)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(parts)), max_size=10)))
    bounds = [0, *cuts, len(parts)]
    transfers = [b"".join(parts[a:b]) for a, b in pairwise(bounds) if a < b]
    assert numbers(read(VendorScanner(128, discard=0), *transfers)) == list(range(scans))


@given(st.lists(st.integers(1, 4), max_size=60))
def test_lost_packets_cost_their_scans_and_nothing_else(steps: list[int]) -> None:
    """Up to three packets lost in a row; a whole turn of four is for the clock to find."""
    kept = set(accumulate([3, *steps])) | set(range(4))
    scans = max(kept) // 4 + 1
    kept |= set(range(max(kept), 4 * scans + 4))
    parts = [part for i, part in enumerate(packets(0, scans + 1)) if i in kept]
    whole = [i for i in range(scans + 1) if kept.issuperset(range(4 * i, 4 * i + 4))]
    found = read(VendorScanner(128, discard=0), *parts)
    assert numbers(found) == whole
    assert sum(scan.missed for scan in found) == scans + 1 - len(whole)


def test_missed_scans_stand_before_the_next_whole_one() -> None:
    parts = packets(0, 4)
    del parts[5]
    scans = read(VendorScanner(128, discard=0), *parts)
    assert [(number, scan.missed) for number, scan in zip(numbers(scans), scans, strict=True)] == [
        (0, 0),
        (2, 1),
        (3, 0),
    ]


@pytest.mark.parametrize(
    "third",
    [
        [Packet(2, None, Fault.HIGH)],
        [Packet(2, None, Fault.HIGH), Packet(2, 1 / 128)],
        [Packet(2, 1 / 128, Fault.HIGH)],
        [Packet(2, 1 / 128), Packet(2, None, Fault.HIGH)],
    ],
)
def test_saturation_is_flagged_however_the_board_says_it(third: list[Packet]) -> None:
    scanner = VendorScanner(128, discard=0)
    parts = [Packet(0, 0.0), Packet(1, 0.0), *third, Packet(3, 0.0)]
    assert read(scanner, *map(vendor.encode, parts)) == [Scan((0.0, 0.0, 1 / 128, 0.0), Flag.SATURATED)]
    assert numbers(read(scanner, *packets(1, 1))) == [1]


@pytest.mark.parametrize("last", [[Packet(3, None, Fault.LOW)], [Packet(3, None, Fault.LOW), Packet(3, -1 / 128)]])
def test_saturation_of_the_last_channel_breaks_no_scan(last: list[Packet]) -> None:
    scanner = VendorScanner(128, discard=0)
    parts = [*(Packet(i, 0.0) for i in range(3)), *last]
    scans = read(scanner, *map(vendor.encode, parts), *packets(1, 1))
    assert scans[0] == Scan((0.0, 0.0, 0.0, -1 / 128), Flag.SATURATED)
    assert numbers(scans[1:]) == [1]
    assert scans[1].missed == 0


def test_starts_at_a_whole_scan_without_counting_the_part_before_it_as_lost() -> None:
    scans = read(VendorScanner(128, discard=1), *packets(0, 4)[2:])
    assert [(number, scan.missed) for number, scan in zip(numbers(scans), scans, strict=True)] == [(2, 0), (3, 0)]


def test_what_came_before_garbage_in_a_transfer_is_kept() -> None:
    scanner = VendorScanner(128, discard=0)
    scans = scanner.scans(b"".join(packets(0, 1)) + b"\x00garbage")
    assert numbers([next(scans)]) == [0]
    with pytest.raises(ReportError):
        next(scans)
    assert numbers(read(scanner, *packets(1, 1))) == [1]
