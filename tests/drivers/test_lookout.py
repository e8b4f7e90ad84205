"""Boards that come and go, and whether they are those that somebody named."""

import asyncio
from contextlib import aclosing

import pytest

from otolith.drivers import lookout, opening
from otolith.drivers.errors import BoardForbidden
from otolith.drivers.lookout import HERE, Place, answers, is_told, place_of, sightings_at
from otolith.drivers.opening import Sighting
from otolith.drivers.rig.bench import Bench
from otolith.drivers.usb.seen import Seen

SERIAL, PORT = "usb:06c2:003b?serial=7", "usb:06c2:003b?port=1-2"


def sighting(moniker: str, path: str = "1-2") -> Sighting:
    return Sighting(moniker, "BTrackS", "", "1.02", path, None)


@pytest.mark.parametrize(
    ("moniker", "found", "same"),
    [
        ("usb:06c2:003b", SERIAL, True),
        ("usb:06c2:003b?turn=90", SERIAL, True),
        (SERIAL, SERIAL, True),
        (SERIAL, "usb:06c2:003b?serial=8", False),
        (SERIAL, "usb:06c2:003b", True),
        (PORT, SERIAL, True),
        ("usb:06c2:003b?port=1-3", SERIAL, False),
        ("usb:057e:0306", SERIAL, False),
        ("usbip://h/1-1", "usbip://h:3240/1-1", True),
        ("usbip://h/1-1", "usbip://h/1-2", False),
        ("usbip://h/1-1", SERIAL, False),
        ("serial:/dev/ttyACM0", SERIAL, False),
        ("wii:/dev/hidraw3", "wii:00:1f:c5:12:34:56", True),
        ("wii:00:1f:c5:12:34:56", "wii:00:1f:c5:12:34:56", True),
        ("wii:00:1f:c5:12:34:57", "wii:00:1f:c5:12:34:56", False),
        ("sim:btracks?load=constant:0", SERIAL, False),
    ],
)
def test_what_was_seen_is_what_was_named(moniker: str, found: str, same: bool) -> None:
    path = "/dev/hidraw3" if found.startswith("wii") else "1-2"
    assert answers(sighting(found, path), moniker) is same


def test_where_to_look_out_for_a_board() -> None:
    assert place_of(SERIAL) == place_of("wii:/dev/hidraw3") == HERE
    assert place_of("usbip://rig.local/1-1") == Place("rig.local", 3240)
    assert place_of("sim:btracks?load=constant:0") is None
    assert [is_told(name) for name in (SERIAL, "usbip://h/1-1", "wii:/dev/hidraw3")] == [True, True, False]


async def test_a_twin_that_is_replugged_is_seen_again() -> None:
    async with Bench() as bench:
        plugged = bench.plug("btracks")
        place = place_of(plugged.moniker)
        assert place is not None
        async with asyncio.timeout(30), aclosing(sightings_at(place)) as views:
            [seen] = await anext(views)
            assert (seen.moniker, seen.model) == (plugged.moniker, "BTrackS (Phidget Bridge 1046)")
            await plugged.unplug()
            assert await anext(views) == []
            await plugged.replug()
            assert await anext(views) == [seen]


async def test_boards_that_become_openable_here_are_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of a kind without serials: named by their ports."""
    forbidden = BoardForbidden("may not be opened")
    plugged = [Seen(0x057E, 0x0306, 0x0100, "", "", 1, port, (port,), forbidden, None) for port in (1, 2)]
    monkeypatch.setattr(opening, "libusb", lambda: None)
    monkeypatch.setattr(opening, "find", lambda _: list(plugged))
    monkeypatch.setattr(lookout, "SAFETY", 0.01)
    monkeypatch.setattr(lookout, "POLL", 0.01)
    async with asyncio.timeout(30), aclosing(sightings_at(HERE)) as views:
        first = await anext(views)
        assert [seen.moniker for seen in first] == ["usb:057e:0306?port=1-1", "usb:057e:0306?port=1-2"]
        assert all(seen.problem is forbidden for seen in first)
        plugged.pop()
        [alone] = await anext(views)
        assert alone.moniker == "usb:057e:0306"
