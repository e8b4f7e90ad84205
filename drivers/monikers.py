"""Names of boards: one line of text that says which board, and how it stands; strict to read, canonical to write.

    usb:06c2:003b?serial=123456                        a board on a port of this machine
    usb:09db:00ea?plate=lab.toml&rate=1000             plates with analogue outputs on a DAQ
    usbip://rig.local:3240/1-1                         a board, or a twin, exported by another program
    serial:/dev/ttyACM0                                an OFP plate on a serial port
    wii:/dev/hidraw3                                   a Wii Balance Board paired with this machine
    wii:00:1f:c5:12:34:56?via=l2cap                    the same by its Bluetooth address, without the system's driver
    replay:trial.csv?columns=t=t,ml=x,ap=y,fz=f        a recording that plays the part of a board
    lsl:name=Force plate?columns=ml=COPx,ap=COPy       a stream of the Lab Streaming Layer
    sim:btracks?load=recording:BDS00001                a twin inside this program

Options follow ``?`` as ``key=value`` joined by ``&``; anything but plain characters is percent-encoded UTF-8.
"""

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import ClassVar, Final
from urllib.parse import quote, unquote

from otolith.drivers.errors import MonikerError
from otolith.drivers.options import (
    Option,
    did_you_mean,
    matching,
    number,
    one_of,
    read_span,
    read_speed,
    read_turn,
    show,
    show_span,
    whole,
)

USBIP_PORT: Final = 3240
"""Registered by IANA for USB/IP."""
_PLAIN: Final = "/:,@=[]+-._~"
_ILL_FORMED: Final = re.compile(r"%(?![0-9A-Fa-f]{2})|%00|[\x00-\x1f\x7f]")


TWINS: Final = (
    "btracks",
    "wii",
    "ofp",
    "labjack-u3",
    "labjack-u6",
    "labjack-t7",
    "godirect",
    "golink",
    "tecgihan",
    "mcc",
)
"""Boards of which there is a twin."""
FAULTS: Final = (
    *("unplug", "stall", "garbage", "torn", "short", "long", "repeat", "drop", "freeze", "zero", "saturate"),
    *("power-save", "battery-low"),
)
"""What a twin can be made to suffer; the twin says what each does, and which of them cannot befall it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the centre of one of several plates is: mm right and forward of the board's, degrees clockwise."""

    x: float
    y: float
    turn: float

    @classmethod
    def read(cls, text: str) -> "Place":
        """``x,y`` or ``x,y,turn``; ValueError with the reason."""
        parts = text.split(",")
        if len(parts) not in {2, 3}:
            raise ValueError("is not x,y or x,y,turn for each plate, such as -300,0:300,0")
        length, angle = number(-5000.0, 5000.0), number(-360.0, 360.0)
        return cls(length(parts[0]), length(parts[1]), angle(parts[2]) if len(parts) > 2 else 0.0)  # noqa: PLR2004

    def __str__(self) -> str:
        return ",".join(map(show, (self.x, self.y, self.turn) if self.turn else (self.x, self.y)))


def _read_places(text: str) -> tuple[Place, ...]:
    return tuple(Place.read(part) for part in text.split(":"))


def _show_places(value: tuple[Place, ...]) -> str:
    return ":".join(map(str, value))


_SERIAL: Final = Option(matching(r"[A-Za-z0-9._-]{1,32}", "a serial number (letters, digits, . _ -)"))
_PORT: Final = Option(matching(r"[0-9]+-[0-9]+(\.[0-9]+)*", "a port, such as 1-1.4"))
_STANCE: Final[Mapping[str, Option]] = {
    "turn": Option(read_turn),
    "cells": Option(read_span, show_span),
    "interval": Option(whole(1, 1000)),
    "rate": Option(number(0.1, 100_000.0), show),
    "plate": Option(matching(r"(?s).+", "a plate description file")),
    "slot": Option(whole(1, 4)),
    "crc": Option(one_of("check", "ignore")),
    "sensor": Option(whole(0, 31)),
    "temperature": Option(one_of("raw", "correct")),
    "gravity": Option(number(0.9, 1.1), show),
    "places": Option(_read_places, _show_places),
    "range": Option(one_of("800", "3500", "3kN", "6kN", "10kN")),
}


@dataclass(frozen=True, slots=True)
class TimedFault:
    """A fault that a twin suffers by itself, ``at`` seconds after the stream began: ``unplug@30``."""

    kind: str
    at: float

    @classmethod
    def read(cls, text: str) -> "TimedFault":
        """``kind@seconds``; ValueError with the reason."""
        kind, _, at = text.partition("@")
        return cls(one_of(*FAULTS)(kind), number(0.0, 86400.0)(at))

    def __str__(self) -> str:
        return f"{self.kind}@{show(self.at)}"


def _faults(text: str) -> tuple[TimedFault, ...]:
    return tuple(TimedFault.read(part) for part in text.split(","))


def _show_faults(value: tuple[TimedFault, ...]) -> str:
    return ",".join(map(str, value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stance:
    """How a board stands and runs: the same options wherever it comes from; None takes the driver's default."""

    turn: int = 0
    """Degrees clockwise, seen from above, that the board is turned from "handle in front of the subject"."""
    cells: tuple[float, float] | None = None
    """Millimetres between the cells, across and along the axis through the handle."""
    interval: int | None = None
    """Milliseconds between samples."""
    rate: float | None = None
    """Samples per second, where the board can be told so."""
    plate: str | None = None
    """Of a DAQ: the description file of the plates that hang on it, or the name of an example."""
    slot: int | None = None
    """Of an adapter that holds several boards; None takes the first that holds one."""
    crc: str = "check"
    """``ignore``: a board is used although the checksum of its own calibration is wrong."""
    sensor: int | None = None
    """Number of the sensor of a device that has several; None takes the one in newtons."""
    temperature: str = "raw"
    """``correct``: loads of a Wii Balance Board are corrected for the temperature of its electronics."""
    gravity: float = 1.0
    """Local gravity as a part of the standard 9.80665 m/s², for what a board weighed in kilograms."""
    places: tuple[Place, ...] = ()
    """Where the plates of a controller stand, in its order."""
    range: str | None = None
    """Of a plate that has several; None leaves it as it is, or takes the widest."""


def asked_rate(stance: Stance) -> float | None:
    """Samples per second that ``rate`` or ``interval`` asks for, if either does; MonikerError where both do."""
    if stance.rate is not None and stance.interval is not None:
        raise MonikerError("rate= and interval= say the same twice: leave one out")
    return 1e3 / stance.interval if stance.interval else stance.rate


@dataclass(frozen=True, slots=True)
class Usb(Stance):
    """A board on a port of this machine, by vendor and product, and by serial where there are several.

    Where serials do not tell boards apart, the port does: ``port=1-1.4``, as ``otolith boards`` shows it.
    """

    vendor: int
    product: int
    serial: str | None = None
    port: str | None = None

    scheme: ClassVar = "usb"
    example: ClassVar = "usb:06c2:003b?serial=123456"
    options: ClassVar[Mapping[str, Option]] = {"serial": _SERIAL, "port": _PORT, **_STANCE}

    @property
    def subject(self) -> str:
        """``vvvv:pppp`` in lower-case hexadecimal."""
        return f"{self.vendor:04x}:{self.product:04x}"

    @staticmethod
    def identify(subject: str) -> dict[str, object]:
        """Vendor and product of ``vvvv:pppp``."""
        found = re.fullmatch(r"([0-9a-fA-F]{4}):([0-9a-fA-F]{4})", subject)
        if not found:
            raise ValueError("is not a vendor and a product of four hexadecimal digits each")
        return {"vendor": int(found[1], 16), "product": int(found[2], 16)}


@dataclass(frozen=True, slots=True)
class Usbip(Stance):
    """A device exported over USB/IP by another program or machine."""

    host: str
    busid: str
    port: int = USBIP_PORT

    scheme: ClassVar = "usbip"
    example: ClassVar = "usbip://127.0.0.1:3240/1-1"
    options: ClassVar[Mapping[str, Option]] = _STANCE

    @property
    def subject(self) -> str:
        """``//host:port/busid``, the port always written."""
        return f"//{self.host}:{self.port}/{self.busid}"

    @staticmethod
    def identify(subject: str) -> dict[str, object]:
        """Host, port and bus id of ``//host[:port]/busid``."""
        host = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]"
        found = re.fullmatch(rf"//({host})(?::([0-9]{{1,5}}))?/([A-Za-z0-9._-]{{1,31}})", subject)
        if not found or not 1 <= int(found[2] or USBIP_PORT) <= 65535:  # noqa: PLR2004 - the largest TCP port
            raise ValueError("is not //host:port/busid")
        return {"host": found[1], "port": int(found[2] or USBIP_PORT), "busid": found[3]}


@dataclass(frozen=True, slots=True)
class Wii(Stance):
    """A Wii Balance Board that this machine's Bluetooth reaches (Linux), by its node or its Bluetooth address."""

    node: str
    via: str = "hidraw"
    """``hidraw``: the system's Bluetooth holds it; ``l2cap``: we do; ``evdev``: what the kernel's own driver makes."""
    output: str = "interrupt"
    """Channel on which ``l2cap`` sends: ``control`` suits boards of the oldest kind."""

    scheme: ClassVar = "wii"
    example: ClassVar = "wii:/dev/hidraw3"
    options: ClassVar[Mapping[str, Option]] = {
        "via": Option(one_of("hidraw", "l2cap", "evdev")),
        "output": Option(one_of("interrupt", "control")),
        **{name: _STANCE[name] for name in ("turn", "cells", "crc", "temperature", "gravity")},
    }

    def __post_init__(self) -> None:
        if self.via == "l2cap" and self.node.startswith("/"):
            raise ValueError("via=l2cap needs a Bluetooth address, such as wii:00:1f:c5:12:34:56?via=l2cap")
        if self.via == "hidraw" and self.node.startswith("/dev/input/"):
            raise ValueError(f"{self.node} is a node of the kernel's own driver: add via=evdev")
        if self.via != "l2cap" and self.output != "interrupt":
            raise ValueError("output= goes with via=l2cap alone")
        if self.via == "evdev" and self.temperature != "raw":
            raise ValueError("the kernel's driver tells no temperature: temperature=correct needs via=hidraw or l2cap")

    @property
    def subject(self) -> str:
        """The node, or the address in lower case."""
        return self.node

    @staticmethod
    def identify(subject: str) -> dict[str, object]:
        """An absolute path, or six pairs of hexadecimal digits."""
        if re.fullmatch(r"([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}", subject):
            return {"node": subject.lower()}
        if not subject.startswith("/"):
            raise ValueError("is neither the path of a hidraw node nor a Bluetooth address such as 00:1f:c5:12:34:56")
        return {"node": subject}


@dataclass(frozen=True, slots=True)
class Serial(Stance):
    """An OFP plate on a serial port of this machine; CDC devices are such ports."""

    path: str

    scheme: ClassVar = "serial"
    example: ClassVar = "serial:/dev/ttyACM0"
    options: ClassVar[Mapping[str, Option]] = {name: _STANCE[name] for name in ("turn", "interval", "rate")}

    @property
    def subject(self) -> str:
        """The port's path."""
        return self.path

    @staticmethod
    def identify(subject: str) -> dict[str, object]:
        """The path itself."""
        return {"path": subject}


@dataclass(frozen=True, slots=True)
class Replay:
    """A recording that plays the part of a board; ``speed`` 1 is real time, ``inf`` as fast as it is read."""

    path: str
    family: str = "btracks"
    speed: float = 1.0
    columns: str | None = None
    units: str | None = None
    loop: bool = False
    rate: float | None = None
    """Samples per second, where the recording does not tell."""
    plate: int | None = None
    """Force platform of a C3D file, from 1; all of them without it."""
    stream: str | None = None
    """Name or type of a stream of an XDF file."""

    scheme: ClassVar = "replay"
    example: ClassVar = "replay:trial.csv?columns=t=t,ml=x,ap=y,fz=f&units=mm&speed=2"
    options: ClassVar[Mapping[str, Option]] = {
        "as": Option(one_of("btracks")),
        "speed": Option(read_speed, show),
        "columns": Option(matching(r"(?s).+", "a list of columns")),
        "units": Option(one_of("mm", "cm", "m")),
        "loop": Option(lambda text: one_of("yes", "no")(text) == "yes", lambda on: "yes" if on else "no"),
        "rate": Option(number(0.01, 1e6), show),
        "plate": Option(whole(1, 255)),
        "stream": Option(matching(r"(?s).+", "the name of a stream")),
    }

    @property
    def subject(self) -> str:
        """The path, as given."""
        return self.path

    @staticmethod
    def identify(subject: str) -> dict[str, object]:
        """The path itself."""
        return {"path": subject}


@dataclass(frozen=True, slots=True)
class Lsl:
    """A stream of the Lab Streaming Layer, by one of its properties."""

    by: str
    value: str
    host: str | None = None
    """Name of the machine that sends it, where several send one of that name."""
    columns: str | None = None
    units: str | None = None
    rate: float | None = None
    """Samples per second, about, of a stream that names none."""

    scheme: ClassVar = "lsl"
    example: ClassVar = "lsl:name=Force plate?columns=ml=COPx,ap=COPy,fz=Fz&units=mm"
    options: ClassVar[Mapping[str, Option]] = {
        "host": Option(matching(r"[A-Za-z0-9._-]{1,253}", "the name of a machine")),
        "columns": Option(matching(r"(?s).+", "a list of channels")),
        "units": Option(one_of("mm", "cm", "m")),
        "rate": Option(number(0.01, 1e6), show),
    }

    @property
    def subject(self) -> str:
        """``property=value``."""
        return f"{self.by}={self.value}"

    @staticmethod
    def identify(subject: str) -> dict[str, object]:
        """Which property, and what it is."""
        found = re.fullmatch(r"(name|type|source_id)=([^'\"]{1,256})", subject)
        if not found:
            raise ValueError("is none of name=..., type=..., source_id=... (and holds no quotation marks)")
        return {"by": found[1], "value": found[2]}


@dataclass(frozen=True, slots=True)
class Sim(Stance):
    """A twin inside this program, reached through the same bytes as a real board."""

    board: str
    load: str
    rev: int = 0
    serial: str = "100001"
    seed: int = 0
    skew: float = 0.0
    """Parts per million by which the twin's clock runs fast."""
    fault: tuple[TimedFault, ...] = ()
    channels: int | None = None
    """Cells of an OFP plate, or channels of one that measures wrenches."""
    outputs: str | None = None
    """What an OFP plate measures: loads of vertical cells, or the six components of a wrench."""

    scheme: ClassVar = "sim"
    example: ClassVar = "sim:btracks?load=recording:BDS00001"
    options: ClassVar[Mapping[str, Option]] = {
        "load": Option(matching(r"(?s)[a-z]+:.+", "a kind and a name, such as recording:BDS00001")),
        "rev": Option(whole(0, 1)),
        "serial": Option(matching(r"[0-9]{1,9}", "one to nine digits")),
        "seed": Option(whole(0, 2**32 - 1)),
        "skew": Option(number(-10_000.0, 10_000.0), show),
        "fault": Option(_faults, _show_faults),
        "channels": Option(whole(3, 10)),
        "outputs": Option(one_of("cells", "wrench")),
        **_STANCE,
    }

    @property
    def subject(self) -> str:
        """The kind of board."""
        return self.board

    @staticmethod
    def identify(subject: str) -> dict[str, object]:
        """The kind of board, where a twin of it exists."""
        return {"board": one_of(*TWINS)(subject)}


Moniker = Usb | Usbip | Serial | Wii | Replay | Lsl | Sim
_KINDS: Final[dict[str, type[Moniker]]] = {kind.scheme: kind for kind in (Usb, Usbip, Serial, Wii, Replay, Lsl, Sim)}
_FIELD: Final = {"as": "family"}
"""Options whose word Python keeps for itself."""


def parse(text: str) -> Moniker:
    """The board that ``text`` names; MonikerError shows the part at fault and a correct example."""
    scheme, colon, rest = text.partition(":")
    kind = _KINDS.get(scheme)
    if kind is None or not colon:
        hint = did_you_mean(scheme, _KINDS) or f" (a board's name begins with one of {', '.join(_KINDS)})"
        raise MonikerError(f"{text!r} does not name a board{hint}. Right is: {Sim.example}")
    try:
        return _read(kind, rest)
    except ValueError as error:
        raise MonikerError(f"{text!r} does not name a board: {error}. Right is: {kind.example}") from None


def form(moniker: Moniker) -> str:
    """The one canonical text of a moniker: options in the documented order, defaults left out."""
    given = []
    defaults = {field.name: field.default for field in fields(moniker)}
    for name, option in moniker.options.items():
        value = getattr(moniker, _FIELD.get(name, name))
        if value != defaults[_FIELD.get(name, name)]:
            given.append(f"{name}={quote(option.write(value), safe=_PLAIN)}")
    subject = quote(moniker.subject, safe=_PLAIN)
    return f"{moniker.scheme}:{subject}" + ("?" + "&".join(given) if given else "")


def _read(kind: type[Moniker], rest: str) -> Moniker:
    subject, mark, query = rest.partition("?")
    if not subject:
        raise ValueError(f"nothing follows {kind.scheme}:")
    if mark and not query:
        raise ValueError("no option follows the ?")
    subject = _decoded(subject)
    try:
        values = kind.identify(subject)
    except ValueError as error:
        raise ValueError(f"{subject!r} {error}") from None
    for part in query.split("&") if query else ():
        name, value = _option(kind, part)
        if name in values:
            raise ValueError(f"the option of {part!r} is given twice")
        values[name] = value
    missing = [field.name for field in fields(kind) if field.default is MISSING and field.name not in values]
    if missing:
        raise ValueError(f"the option {missing[0]!r} is missing")
    return kind(**values)  # type: ignore[arg-type]  # each value was read by its own field's reader


def _option(kind: type[Moniker], part: str) -> tuple[str, object]:
    name, sign, raw = part.partition("=")
    option = kind.options.get(name)
    if option is None:
        known = ", ".join(kind.options)
        raise ValueError(f"{kind.scheme}: has no option {name!r}{did_you_mean(name, kind.options) or f' ({known})'}")
    if not sign or not raw:
        raise ValueError(f"the option {name!r} has no value")
    value = _decoded(raw)
    try:
        return _FIELD.get(name, name), option.read(value)
    except ValueError as error:
        raise ValueError(f"{name}={value!r} {error}") from None


def _decoded(text: str) -> str:
    """Percent-decoded, refusing what quoting would never have produced."""
    if _ILL_FORMED.search(text):
        raise ValueError(f"{text!r} holds a control character, or a % without two hexadecimal digits after it")
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ValueError(f"the percent-encoding of {text!r} is not UTF-8") from None
