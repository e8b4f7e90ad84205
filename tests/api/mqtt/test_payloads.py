"""What is on the wire, and that the reference says the same."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec
import pytest

from otolith.api.mqtt import asyncapi
from otolith.api.mqtt.payloads import Command, Cop, SwayFigures, TraceBlock, encode_bin, encode_json
from otolith.api.mqtt.topics import Kind
from otolith.dsp.sway import Sway

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "asyncapi.yaml"
T = "2026-01-01T00:00:00.000000Z"


def test_the_reference_is_current() -> None:
    hint = "run: python -m otolith.api.mqtt.asyncapi > docs/reference/asyncapi.yaml"
    assert REFERENCE.read_text() == asyncapi.text(), hint


def test_the_reference_has_every_topic_once() -> None:
    assert [channel.kind for channel in asyncapi.CHANNELS] == list(Kind)
    addresses = [channel["address"] for channel in asyncapi.document()["channels"].values()]
    assert "otolith/v1/{station}/board/{board}/trace/bin" in addresses
    assert len(set(addresses)) == len(Kind)


def test_every_reference_in_the_reference_leads_somewhere() -> None:
    document = asyncapi.document()

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            here = [node["$ref"]] if "$ref" in node else []
            return here + [found for value in node.values() for found in references(value)]
        return [found for value in node for found in references(value)] if isinstance(node, list) else []

    found = references(document)
    assert found
    for reference in found:
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place


def test_nan_is_null_in_json() -> None:
    nan = float("nan")
    cop = Cop(t=T, seq=1, ml=nan, ap=nan, ml_smooth=nan, ap_smooth=nan, force=3.0, valid=False, flags=8)
    plain = msgspec.json.decode(encode_json(cop))
    assert plain["ml"] is None
    assert plain["v"] == 1
    assert msgspec.json.decode(encode_json(cop), type=Cop).ml is None


def test_nan_is_nan_in_messagepack_and_no_digit_is_lost() -> None:
    third = 1 / 3
    block = TraceBlock(
        t=T,
        seq=7,
        missed=2,
        t0_ns=123456789012345678,
        arrived_ns=123456789012345679,
        dt_ns=[0],
        loads=[[third]],
        force=[third],
        ml=[float("nan")],
        ap=[third],
        ml_smooth=[third],
        ap_smooth=[third],
        flags=[8],
    )
    back = msgspec.msgpack.decode(encode_bin(block), type=TraceBlock)
    assert back.ml[0] != back.ml[0]
    assert (back.loads, back.t0_ns, back.missed) == ([[third]], 123456789012345678, 2)


def test_sway_has_the_kernel_s_figures_under_the_kernel_s_names() -> None:
    ours = [field.name for field in msgspec.structs.fields(SwayFigures)]
    assert [name for name in ours if name != "grid"] == ["v", "t", "seq", *(field.name for field in fields(Sway))]


@pytest.mark.parametrize(
    "damage",
    [{"id": ""}, {"id": "x" * 201}, {"client": 3}, {"v": 2}, {"extra": 1}, {"board": None}],
)
def test_a_command_that_is_not_one_is_refused(damage: dict[str, Any]) -> None:
    good = {"v": 1, "t": T, "id": "1", "client": "c", "board": "b"}
    assert msgspec.convert(good, Command).seq == 0
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(good | damage, Command)
