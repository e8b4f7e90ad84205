"""Boards that come and go: at this machine's ports, and at the USB/IP servers that somebody named."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from otolith.drivers.families import FAMILIES
from otolith.drivers.monikers import Usb, Usbip, Wii, form, parse
from otolith.drivers.opening import Sighting, glance, model_of
from otolith.drivers.uevents import Bell
from otolith.drivers.usb.backends import usbip
from otolith.drivers.usb.hotplug import ASKING, POLL, SAFETY, exported, looks
from otolith.drivers.usb.usbip.handshake import Record


@dataclass(frozen=True, slots=True)
class Place:
    """Where boards are plugged in: this machine, or a USB/IP server."""

    host: str = ""
    port: int = 0


HERE: Final = Place()


def place_of(moniker: str) -> Place | None:
    """Where to look out for a board; None where nothing would tell of its return. Raises MonikerError."""
    match parse(moniker):
        case Usb() | Wii():
            return HERE
        case Usbip() as remote:
            return Place(remote.host, remote.port)
        case _:
            return None


def is_told(moniker: str) -> bool:
    """Whether the board cannot return unseen. One that calls over Bluetooth can, until it is connected."""
    return isinstance(parse(moniker), Usb | Usbip)


def answers(sighting: Sighting, moniker: str) -> bool:
    """Whether what was seen could be what a moniker names: by serial and port, as far as both tell.

    Boards that say their serial only once they are open, or may not be opened, could be any of their kind.
    """
    match parse(moniker), parse(sighting.moniker):
        case Usb() as named, Usb() as found:
            alike = (named.vendor, named.product) == (found.vendor, found.product)
            untold = None in (named.serial, found.serial)
            return alike and (untold or named.serial == found.serial) and named.port in (None, sighting.path)
        case Usbip() as named, Usbip() as found:
            return (named.host, named.port, named.busid) == (found.host, found.port, found.busid)
        case Wii() as named, Wii() as found:
            return named.node in (found.node, sighting.path)
        case _:
            return False


async def sightings_at(place: Place) -> AsyncGenerator[list[Sighting], None]:
    """What is plugged in there, at once and again after every change; never ends by itself.

    Told by the kernel here, within a third of a second; where it does not speak, a look every ``POLL`` seconds. A
    server is asked for its list every ``ASKING`` seconds. Raises DriverError where USB itself is missing.
    """
    if place == HERE:
        async for seen in _here():
            yield seen
        return
    backend = usbip(place.host.strip("[]"), place.port)
    async with aclosing(looks(lambda: exported(backend), ASKING)) as lists:
        async for records in lists:
            yield [_listed(place, record) for record in records if (record.vendor, record.product) in FAMILIES]


async def _here() -> AsyncGenerator[list[Sighting], None]:
    bell = Bell.hung()
    try:
        async with aclosing(looks(glance, SAFETY if bell else POLL, bell)) as glances:
            async for seen in glances:
                yield list(seen.sightings)
    finally:
        if bell:
            bell.close()


def _listed(place: Place, record: Record) -> Sighting:
    """The list tells neither serial nor name, and more is not asked: that would take the board from its user."""
    return Sighting(
        moniker=form(Usbip(place.host, record.busid, place.port)),
        model=model_of(record.vendor, record.product, ""),
        serial="",
        firmware=f"{record.release >> 8:x}.{record.release & 0xFF:02x}",
        path=record.busid,
        problem=None,
    )
