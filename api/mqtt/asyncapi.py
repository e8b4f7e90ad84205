"""The reference of the bus, made from the types.

``python -m otolith.api.mqtt.asyncapi > docs/reference/asyncapi.yaml`` brings the document up to date.
"""

import sys
from dataclasses import dataclass
from typing import Any, Final

import msgspec

import otolith
from otolith.api.mqtt.payloads import (
    BoardStatus,
    Command,
    Cop,
    GuidancePayload,
    Payload,
    ProgramEventPayload,
    Reply,
    SessionEventPayload,
    StationStatus,
    SwayFigures,
    TraceBlock,
    Verb,
)
from otolith.api.mqtt.topics import ROOT, Kind

DESCRIPTION: Final = """What a balance station says on MQTT 3.1.1, and how it is told what to do.

Log in to the embedded broker with any user name and a token of the station as password; a site's own broker has its own
accounts. Readers need the role viewer, orders the role operator. Only the station publishes below its own topics.
Numbers that do not exist (nobody on the board, window too short) are null in JSON and NaN in MessagePack."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One kind of topic, as the reference tells it."""

    kind: Kind
    payload: type[Payload]
    name: str
    """What ``{}`` in the topic is."""
    quality: int
    retain: bool
    summary: str

    @property
    def action(self) -> str:
        """What the station does there."""
        return "receive" if self.kind is Kind.COMMAND else "send"

    @property
    def content_type(self) -> str:
        """By the last level of the topic."""
        return "application/msgpack" if self.kind is Kind.TRACE else "application/json"


RENAMED: Final = "On change, and health once a second; empty when the board goes by another id from now on."
CHANNELS: Final = (
    Channel(Kind.STATUS, StationStatus, "", 1, True, "Online or offline; the last will says offline."),
    Channel(
        Kind.BOARD_STATUS,
        BoardStatus,
        "board",
        1,
        True,
        RENAMED,
    ),
    Channel(Kind.COP, Cop, "board", 0, False, "The newest centre of pressure, at most 50 a second."),
    Channel(Kind.TRACE, TraceBlock, "board", 0, False, "Every sample, one message per batch."),
    Channel(Kind.SWAY, SwayFigures, "board", 0, False, "Streaming sway, at most 10 a second."),
    Channel(Kind.SESSION_EVENT, SessionEventPayload, "session", 1, False, "What happens in a run of a challenge."),
    Channel(
        Kind.GUIDANCE,
        GuidancePayload,
        "session",
        0,
        False,
        "Live feedback of a task with a target: 50 to 125 a second.",
    ),
    Channel(
        Kind.PROGRAM_EVENT,
        ProgramEventPayload,
        "enrolment",
        1,
        False,
        "What happens to somebody on a program: sets begin and end, the ladder or a clinician decides.",
    ),
    Channel(Kind.COMMAND, Command, "verb", 1, False, "Orders; void after five seconds, refused when retained."),
    Channel(Kind.REPLY, Reply, "client", 1, False, "The answer to each order."),
)


def document() -> dict[str, Any]:
    """AsyncAPI 3.0."""
    payloads = [channel.payload for channel in CHANNELS]
    _, schemas = msgspec.json.schema_components(payloads, ref_template="#/components/schemas/{name}")
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Otolith station", "version": otolith.__version__, "description": DESCRIPTION},
        "defaultContentType": "application/json",
        "channels": {_id(channel): _channel(channel) for channel in CHANNELS},
        "operations": {f"{channel.action}-{_id(channel)}": _operation(channel) for channel in CHANNELS},
        "components": {
            "messages": {channel.payload.__name__: _message(channel) for channel in CHANNELS},
            "schemas": schemas,
        },
    }


def _id(channel: Channel) -> str:
    return channel.kind.name.lower().replace("_", "-")


def _channel(channel: Channel) -> dict[str, Any]:
    parameters: dict[str, Any] = {"station": {"description": "`station` of the configuration."}}
    if channel.name:
        parameters[channel.name] = {"enum": list(Verb)} if channel.kind is Kind.COMMAND else {}
    message = channel.payload.__name__
    return {
        "address": f"{ROOT}/{{station}}/{channel.kind.value.format(f'{{{channel.name}}}')}",
        "description": channel.summary,
        "parameters": parameters,
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
    }


def _operation(channel: Channel) -> dict[str, Any]:
    return {
        "action": channel.action,
        "channel": {"$ref": f"#/channels/{_id(channel)}"},
        "bindings": {"mqtt": {"qos": channel.quality, "retain": channel.retain, "bindingVersion": "0.2.0"}},
    }


def _message(channel: Channel) -> dict[str, Any]:
    return {
        "contentType": channel.content_type,
        "payload": {"$ref": f"#/components/schemas/{channel.payload.__name__}"},
    }


def text() -> str:
    """The document as YAML."""
    return msgspec.yaml.encode(document(), order="deterministic").decode()


if __name__ == "__main__":
    sys.stdout.write(text())
