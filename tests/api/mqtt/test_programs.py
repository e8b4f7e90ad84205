"""Programs on the bus: what happens is told without whose it is, and an order begins the sets."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from otolith.api.mqtt.bridge import Bridge
from otolith.api.mqtt.payloads import BoardStatus, Code, ProgramEventPayload, Reply
from otolith.api.mqtt.serve import mqtt_service
from otolith.api.mqtt.topics import Kind
from otolith.service.clock import VirtualClock, rfc3339
from otolith.service.conductor import Conductor
from otolith.service.config import Config
from otolith.service.programs.coach import ByHand
from otolith.service.programs.event import ProgramEvent
from otolith.service.sections import BoardConfig, MqttConfig
from otolith.service.state import BoardPhase
from otolith.service.station import Station
from otolith.service.store import PersonRow, Role
from otolith.service.training import Training

Until = Callable[[Callable[[], bool]], Awaitable[None]]
BOARD = "phidget-bridge-100001"


async def test_what_happens_is_said_under_its_enrolment_and_counted(
    make_station: Callable[..., Any], outlet: Any, until: Until
) -> None:
    station = make_station(VirtualClock())
    task = asyncio.create_task(Bridge(station, outlet).run())
    await until(lambda: bool(outlet.of(Kind.BOARD_STATUS)))
    event = ProgramEvent(
        at="2026-01-01T00:00:00.000000Z",
        enrolment="e1",
        seq=4,
        kind="set",
        program="vestibular",
        session="s1",
        run="r1",
        rung="stand",
        next={"en": "the same", "de": "dasselbe", "fr": "pareil"},
        set="t1",
        asks=("pain", "nausea"),
    )
    for _ in range(2):
        await station.programs.publish(event)
    await until(lambda: len(outlet.of(Kind.PROGRAM_EVENT)) == 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    said = outlet.of(Kind.PROGRAM_EVENT)
    assert [(one.topic.name, one.quality, one.retain) for one in said] == [("e1", 1, False)] * 2
    payloads = [msgspec.json.decode(one.payload, type=ProgramEventPayload) for one in said]
    assert [payload.seq for payload in payloads] == [1, 2]
    assert (payloads[0].enrolment_seq, payloads[0].set, payloads[0].asks) == (4, "t1", ["pain", "nausea"])
    assert payloads[0].next["de"] == "dasselbe"


class Orders:
    """An operator on the bus."""

    def __init__(self, client: Any, station: Station) -> None:
        self._client = client
        self._station = station
        self._given = 0

    async def give(self, verb: str, **fields: Any) -> Reply:
        """The answer."""
        self._given += 1
        order = {"v": 1, "t": rfc3339(self._station.clock.now()), "id": f"o{self._given}", "client": "desk"} | fields
        topic = f"otolith/v1/bench/cmd/{verb}"
        await self._client.raw.publish(topic, msgspec.json.encode({"board": BOARD} | order), qos=1)
        message = await self._client.next(Kind.REPLY)
        return msgspec.json.decode(message.payload, type=Reply)


async def test_an_order_begins_the_sets_and_the_bus_tells_of_them(tmp_path: Path, connect: Any) -> None:
    board = BoardConfig(moniker="sim:btracks?load=script:sway")
    config = Config(station="bench", folder=tmp_path, boards=[board], mqtt=MqttConfig(port=0))
    async with (
        Station(config) as station,
        Conductor(station) as conductor,
        Training(station, conductor) as training,
        mqtt_service(station, conductor, training) as endpoint,
    ):
        _, secret = await station.store.tokens.create("desk", Role.OPERATOR)
        await station.store.people.put(PersonRow("p-1", "2026-01-01"))
        enrolment = (await training.enrol("p-1", "vestibular", "anna")).enrolment.id
        async with connect(endpoint.port, password=secret) as client:
            await client.subscribe("otolith/v1/bench/board/+/status", "otolith/v1/bench/reply/desk")
            await client.next(Kind.BOARD_STATUS, _streaming)
            await client.subscribe("otolith/v1/bench/program/+/event")
            orders = Orders(client, station)
            unknown = await orders.give("start_program", enrolment="none")
            assert (unknown.code, unknown.reason) == (Code.REFUSED, "no enrolment 'none'")
            begun = await orders.give("start_program", enrolment=enrolment)
            assert begun.code is Code.DONE
            run = await station.store.sessions.run(str(begun.run))
            assert (await station.store.sessions.session(run.session)).person == "p-1"
            twice = await orders.give("start_program", enrolment=enrolment)
            assert (twice.code, "under way already" in twice.reason) == (Code.REFUSED, True)
            stopped = await orders.give("stop_challenge")
            assert (stopped.code, stopped.run) == (Code.DONE, begun.run)
            await training.by_hand(enrolment, "lock", ByHand("Dr. Known", "Mr. Smith is dizzy"))
            message = await client.next(Kind.PROGRAM_EVENT, lambda payload: b"locked" in payload)
            assert b"Known" not in bytes(message.payload)
            assert b"Smith" not in bytes(message.payload)
            again = await orders.give("start_program", enrolment=enrolment)
            second = await station.store.sessions.run(str(again.run))
            assert second.session == run.session, "the visit goes on"


async def test_a_visit_on_another_board_is_refused(tmp_path: Path, connect: Any) -> None:
    boards = [BoardConfig(moniker=f"sim:btracks?load=script:sway&serial={serial}") for serial in (100001, 100002)]
    config = Config(station="bench", folder=tmp_path, boards=boards, mqtt=MqttConfig(port=0))
    async with (
        Station(config) as station,
        Conductor(station) as conductor,
        mqtt_service(station, conductor) as endpoint,
    ):
        _, secret = await station.store.tokens.create("desk", Role.OPERATOR)
        await station.store.people.put(PersonRow("p-1", "2026-01-01"))
        enrolment = (await Training(station, conductor).enrol("p-1", "vestibular", "anna")).enrolment.id
        async with connect(endpoint.port, password=secret) as client:
            await client.subscribe("otolith/v1/bench/board/+/status", "otolith/v1/bench/reply/desk")
            await client.next(Kind.BOARD_STATUS, _streaming)
            visit = await conductor.open("phidget-bridge-100002", "anna", person="p-1")
            refused = await Orders(client, station).give("start_program", enrolment=enrolment, session=visit.id)
            assert (refused.code, refused.reason) == (
                Code.REFUSED,
                f"the session {visit.id} is on phidget-bridge-100002, and the order names {BOARD}",
            )


def _streaming(payload: bytes) -> bool:
    return bool(payload) and msgspec.json.decode(payload, type=BoardStatus).phase is BoardPhase.STREAMING
