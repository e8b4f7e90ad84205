"""From a board's name to an open board, and a look at what could be named."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from otolith.drivers.board import Board
from otolith.drivers.capture.file import is_capture
from otolith.drivers.capture.playing import open_capture
from otolith.drivers.errors import BoardNotFound, DriverError
from otolith.drivers.families import FAMILIES, open_usb, ours
from otolith.drivers.hid.nodes import nodes
from otolith.drivers.lsl.board import open_lsl
from otolith.drivers.monikers import Lsl, Replay, Serial, Sim, Usb, Usbip, Wii, form, parse
from otolith.drivers.ofp.serial import open_serial
from otolith.drivers.replay.board import open_replay
from otolith.drivers.sim import open_sim
from otolith.drivers.usb.backends import libusb, usbip
from otolith.drivers.usb.seen import Seen, find
from otolith.drivers.wii.opening import open_wii
from otolith.drivers.wii.pairing import NAME


@dataclass(frozen=True, slots=True)
class Sighting:
    """A board that is plugged in."""

    moniker: str
    """What to call ``open_board`` with."""
    model: str
    serial: str
    firmware: str
    path: str
    """Where it is plugged in: ``1-1.4`` is bus 1, port 1, port 4 of the hub there."""
    problem: DriverError | None
    """Why it cannot be opened, and what to do about it; None where it can."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What a look at this machine found; two are equal where nothing came, went or was let go of between them."""

    sightings: tuple[Sighting, ...] = field(compare=False)
    traits: tuple[object, ...]


async def open_board(moniker: str) -> Board:
    """Open the board that ``moniker`` names; close it with ``aclose`` or by using it as a context manager.

    Raises MonikerError, BoardNotFound, BoardBusy, BoardForbidden, BoardRefused, BoardLost, BoardTimeout,
    RecordingError.
    """
    match parse(moniker):
        case Usb() | Usbip() as place:
            return await open_usb(await locate(place), form(place), place)
        case Wii() as wii:
            return await open_wii(wii)
        case Serial() as port:
            return await open_serial(port)
        case Replay() as replay:
            return await (open_capture if is_capture(Path(replay.path)) else open_replay)(replay)
        case Lsl() as stream:
            return await open_lsl(stream)
        case Sim() as sim:
            return await open_sim(sim)


async def locate(place: Usb | Usbip) -> Seen:
    """The device that is to be opened; raises BoardNotFound with what there is instead."""
    return await (_on_port(place) if isinstance(place, Usb) else _exported(place))


async def sightings() -> list[Sighting]:
    """The boards on this machine's ports or paired with it; raises DriverError where USB itself is missing."""
    return list((await asyncio.to_thread(glance)).sightings)


def glance() -> Glance:
    """The same, blocking, and comparable."""
    seen, paired = _look(), _paired()
    sightings = (*(_sighting(one, seen) for one in seen), *paired)
    problems = tuple(str(sighting.problem) for sighting in sightings)
    return Glance(sightings, (*seen, *(sighting.moniker for sighting in paired), *problems))


def _paired() -> list[Sighting]:
    return [
        Sighting(form(Wii(node.address or node.path)), "Wii Balance Board", node.address, "", node.path, node.problem)
        for node in nodes(NAME)
    ]


def _look() -> list[Seen]:
    return [seen for seen in find(libusb()) if ours(seen)]


def _sighting(seen: Seen, among: Sequence[Seen]) -> Sighting:
    """By its serial; boards that have none, or the same, are told apart by their ports."""
    same = [one for one in among if (one.vendor, one.product, one.serial) == (seen.vendor, seen.product, seen.serial)]
    port = seen.path if len(same) > 1 else None
    return Sighting(
        moniker=form(Usb(seen.vendor, seen.product, seen.serial or None, port)),
        model=model_of(seen.vendor, seen.product, seen.name),
        serial=seen.serial,
        firmware=f"{seen.release >> 8:x}.{seen.release & 0xFF:02x}",
        path=seen.path,
        problem=seen.problem,
    )


def model_of(vendor: int, product: int, name: str) -> str:
    """What a device of ours is, in words; ``name`` is what it calls itself, empty where that could not be read."""
    family = FAMILIES[vendor, product]
    unread = family.name and not name
    return f"{family.model}, or another device: its name cannot be read" if unread else family.model


async def _on_port(usb: Usb) -> Seen:
    if (usb.vendor, usb.product) not in FAMILIES:
        known = ", ".join(f"usb:{maker:04x}:{kind:04x} {family.model}" for (maker, kind), family in FAMILIES.items())
        raise BoardNotFound(f"no driver for usb:{usb.subject}; there are drivers for {known}")
    alike = [
        seen for seen in await asyncio.to_thread(_look) if (seen.vendor, seen.product) == (usb.vendor, usb.product)
    ]
    family = FAMILIES[usb.vendor, usb.product]
    if family.serial and (usb.serial or len(alike) > 1):
        alike = [await _numbered(seen, family.serial) for seen in alike]
    return _the_one(alike, usb)


async def _numbered(seen: Seen, ask: Callable[[Seen], Awaitable[str]]) -> Seen:
    """With the serial number that the board itself says; one that cannot be asked, as it is in use, stays without."""
    try:
        return replace(seen, serial=await ask(seen))
    except DriverError:
        return seen


def _the_one(alike: Sequence[Seen], usb: Usb) -> Seen:
    matching = [one for one in alike if usb.serial in (None, one.serial) and usb.port in (None, one.path)]
    if len(matching) == 1:
        return matching[0]
    listed = ", ".join(_sighting(one, alike).moniker for one in alike)
    if not matching:
        others = f"plugged in: {listed}" if listed else "check its cable; 'otolith boards' lists what there is"
        raise BoardNotFound(f"{form(usb)} is not plugged in; {others}")
    raise BoardNotFound(f"{form(usb)} could be several boards; say which: {listed}")


async def _exported(remote: Usbip) -> Seen:
    host = remote.host.strip("[]")
    seen = await asyncio.to_thread(find, usbip(host, remote.port))
    for one in seen:
        if one.path == remote.busid and ours(one):
            return one
    listed = ", ".join(f"{one.path} ({one.vendor:04x}:{one.product:04x} {one.name})" for one in seen) or "nothing"
    raise BoardNotFound(f"no board at {form(remote)}; exported there: {listed}")
