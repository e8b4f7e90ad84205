import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.errors import MonikerError
from otolith.drivers.monikers import FAULTS, Lsl, Moniker, Replay, Serial, Sim, TimedFault, Usb, Usbip, Wii, form, parse
from otolith.drivers.options import TURNS

STANCE: dict[str, st.SearchStrategy[Any]] = {
    "turn": st.sampled_from(TURNS),
    "cells": st.none() | st.tuples(st.floats(50, 5000), st.floats(50, 5000)),
    "interval": st.none() | st.integers(1, 1000),
    "rate": st.none() | st.floats(0.1, 100_000),
    "plate": st.none() | st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1),
    "slot": st.none() | st.integers(1, 4),
    "crc": st.sampled_from(["check", "ignore"]),
    "temperature": st.sampled_from(["raw", "correct"]),
    "gravity": st.floats(0.9, 1.1),
}
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1)
NAME = st.from_regex(r"[A-Za-z0-9._-]{1,31}", fullmatch=True)
MONIKERS = st.one_of(
    st.builds(Usb, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.none() | NAME, **STANCE),
    st.builds(Usbip, st.sampled_from(["rig.local", "127.0.0.1", "[::1]"]), NAME, st.integers(1, 65535), **STANCE),
    st.builds(
        Wii,
        st.just("00:1f:c5:12:34:56"),
        st.sampled_from(["hidraw", "l2cap", "evdev"]),
        turn=STANCE["turn"],
        crc=STANCE["crc"],
        gravity=STANCE["gravity"],
    ),
    st.builds(Wii, st.just("00:1f:c5:12:34:56"), st.just("l2cap"), st.sampled_from(["interrupt", "control"])),
    st.builds(Wii, st.just("/dev/hidraw3"), cells=STANCE["cells"], temperature=STANCE["temperature"]),
    st.builds(Serial, TEXT, turn=STANCE["turn"], interval=STANCE["interval"], rate=STANCE["rate"]),
    st.builds(
        Replay,
        TEXT,
        speed=st.just(math.inf) | st.floats(0.01, 1000.0),
        columns=st.none() | TEXT,
        units=st.sampled_from([None, "mm", "cm", "m"]),
        loop=st.booleans(),
    ),
    st.builds(
        Sim,
        st.sampled_from(["btracks", "wii", "ofp", "mcc"]),
        TEXT.map("recording:".__add__),
        rev=st.integers(0, 1),
        serial=st.from_regex(r"[0-9]{1,9}", fullmatch=True),
        seed=st.integers(0, 2**32 - 1),
        skew=st.floats(-10_000, 10_000),
        fault=st.lists(st.builds(TimedFault, st.sampled_from(FAULTS), st.floats(0, 86400))).map(tuple),
        channels=st.none() | st.integers(3, 10),
        **STANCE,
    ),
)


@given(MONIKERS)
def test_a_moniker_survives_being_written_down(moniker: Moniker) -> None:
    assert parse(form(moniker)) == moniker


@given(MONIKERS)
def test_the_written_form_is_canonical(moniker: Moniker) -> None:
    assert form(parse(form(moniker))) == form(moniker)


@given(st.text())
def test_any_text_is_a_moniker_or_a_plain_refusal(text: str) -> None:
    refusal = ""
    try:
        moniker = parse(text)
    except MonikerError as error:
        refusal = str(error)
    assert "Right is: " in refusal or parse(form(moniker)) == moniker


@pytest.mark.parametrize(
    ("text", "moniker"),
    [
        ("usb:06C2:003B?serial=123456", Usb(0x06C2, 0x003B, "123456")),
        ("usb:06c2:003b?turn=90&cells=400x600", Usb(0x06C2, 0x003B, turn=90, cells=(400.0, 600.0))),
        ("usbip://rig.local/1-1", Usbip("rig.local", "1-1")),
        ("usbip://[::1]:3241/1-1.2?interval=40", Usbip("[::1]", "1-1.2", 3241, interval=40)),
        ("wii:00:1F:C5:12:34:56?crc=ignore", Wii("00:1f:c5:12:34:56", crc="ignore")),
        ("wii:00:1f:c5:12:34:56?via=l2cap&output=control", Wii("00:1f:c5:12:34:56", "l2cap", "control")),
        ("wii:/dev/input/event7?via=evdev", Wii("/dev/input/event7", "evdev")),
        (
            "usb:057e:0306?temperature=correct&gravity=0.9969",
            Usb(0x057E, 0x0306, temperature="correct", gravity=0.9969),
        ),
        ("usb:057e:0306?slot=2", Usb(0x057E, 0x0306, slot=2)),
        ("replay:data/my%20trial.csv?speed=max", Replay("data/my trial.csv", speed=math.inf)),
        ("replay:two.c3d?rate=1000&plate=2", Replay("two.c3d", rate=1000.0, plate=2)),
        (
            "lsl:name=Force%20plate?columns=ml=x,ap=y&units=cm",
            Lsl("name", "Force plate", columns="ml=x,ap=y", units="cm"),
        ),
        ("lsl:source_id=a1?host=lab-2&rate=62.5", Lsl("source_id", "a1", host="lab-2", rate=62.5)),
        (
            "replay:a.txt?columns=t=Time[s],ml=COPy[cm]&units=cm",
            Replay("a.txt", columns="t=Time[s],ml=COPy[cm]", units="cm"),
        ),
        ("serial:/dev/ttyACM0?turn=90", Serial("/dev/ttyACM0", turn=90)),
        ("sim:ofp?load=constant:700&rate=500&channels=6", Sim("ofp", "constant:700", rate=500.0, channels=6)),
        ("sim:btracks?load=recording:BDS00001", Sim("btracks", "recording:BDS00001")),
        (
            "sim:btracks?load=constant:700&rev=1&skew=-200&fault=unplug@30,freeze@2.5",
            Sim(
                "btracks",
                "constant:700",
                rev=1,
                skew=-200.0,
                fault=(TimedFault("unplug", 30.0), TimedFault("freeze", 2.5)),
            ),
        ),
    ],
)
def test_reads(text: str, moniker: Moniker) -> None:
    assert parse(text) == moniker


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "begins with one of usb, usbip, serial, wii, replay, lsl, sim"),
        ("sym:btracks", "did you mean sim?"),
        ("usb", "Right is"),
        ("usb:", "nothing follows usb:"),
        ("usb:06c2", "is not a vendor and a product"),
        ("usb:06c2:003b?", "no option follows the ?"),
        ("usb:06c2:003b?serial", "has no value"),
        ("usb:06c2:003b?serial=", "has no value"),
        ("usb:06c2:003b?serail=1", "did you mean serial?"),
        ("usb:06c2:003b?serial=1&serial=2", "given twice"),
        ("usb:06c2:003b?serial=1&&turn=90", "has no option ''"),
        ("usb:06c2:003b?turn=45", "is none of 0, 90, 180, 270"),
        ("usb:06c2:003b?cells=400", "two lengths in mm"),
        ("usb:06c2:003b?interval=0", "is not a whole number from 1 to 1000"),
        ("usbip://host:99999/1-1", "is not //host:port/busid"),
        ("usbip://host", "is not //host:port/busid"),
        ("wii:hidraw3", "neither the path of a hidraw node nor a Bluetooth address"),
        ("wii:/dev/hidraw3?interval=8", "has no option 'interval'"),
        ("wii:/dev/hidraw3?via=l2cap", "needs a Bluetooth address"),
        ("wii:/dev/input/event7", "a node of the kernel's own driver: add via=evdev"),
        ("wii:/dev/hidraw3?output=control", "goes with via=l2cap alone"),
        ("wii:/dev/input/event7?via=evdev&temperature=correct", "tells no temperature"),
        ("wii:/dev/hidraw3?via=l2ap", "did you mean l2cap?"),
        ("usb:057e:0306?slot=5", "whole number from 1 to 4"),
        ("lsl:Force plate", "is none of name=..., type=..., source_id=..."),
        ("lsl:name=a'b", "holds no quotation marks"),
        ("replay:a.c3d?plate=0", "whole number from 1 to 255"),
        ("replay:a%2.csv", "two hexadecimal digits"),
        ("replay:a%ff.csv", "is not UTF-8"),
        ("replay:a%00.csv", "control character"),
        ("replay:a.csv?speed=0", "is not a number from 0.01 to 1000"),
        ("replay:a.csv?speed=nan", "is not a number"),
        ("sim:btracks", "the option 'load' is missing"),
        ("sim:btrack?load=constant:700", "did you mean btracks?"),
        ("sim:btracks?load=700", "a kind and a name"),
        ("sim:btracks?load=constant:700&rev=2", "whole number from 0 to 1"),
        ("sim:btracks?load=constant:700&fault=unplugg@3", "did you mean unplug?"),
        ("sim:btracks?load=constant:700&fault=unplug", "is not a number"),
    ],
)
def test_refuses_and_says_why(text: str, reason: str) -> None:
    with pytest.raises(MonikerError, match="Right is: ") as refused:
        parse(text)
    assert reason in str(refused.value)
