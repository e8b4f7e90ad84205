"""What a run of a challenge says over the bus, and what it keeps to the station."""

from typing import Any

import msgspec

from otolith.api.mqtt.payloads import SessionEventPayload
from otolith.api.mqtt.translation import session_event
from otolith.service.challenges.event import Cue, SessionEvent
from otolith.service.challenges.phases import Phase, Trigger


def event(**changes: Any) -> SessionEvent:
    values: dict[str, Any] = {
        "at": "2026-01-01T00:00:00.000000Z",
        "t_ns": 0,
        "session": "s1",
        "run": "r1",
        "seq": 7,
        "kind": "phase",
        "phase": Phase.CUE,
        "trigger": Trigger.DUE,
        "trial": "ec-1",
        "cues": (Cue("eyes-closed", "Close your eyes.", "attention"),),
        "allowed": (Trigger.STOP,),
        "by": "Dr. Known Person",
    }
    return SessionEvent(**(values | changes))


def test_an_event_keeps_its_cues_and_loses_who_pressed() -> None:
    payload = session_event(event(data={"value": float("nan")}))
    text = msgspec.json.encode(payload).decode()
    assert "Known" not in text
    back = msgspec.json.decode(text, type=SessionEventPayload)
    assert (back.seq, back.phase, back.cues[0].tone, back.allowed) == (7, "cue", "attention", ["stop"])
    assert back.data == {"value": None}


def test_what_an_operator_wrote_stays_in_the_station() -> None:
    assert session_event(event(kind="note", reason="Mr. Smith was dizzy")).reason == ""
