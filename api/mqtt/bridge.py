"""What the station knows, said over the bus: every frame at once, every change, and nothing twice."""

import asyncio
from collections import Counter
from typing import Final

import msgspec

from otolith.api.mqtt.outlet import Outlet
from otolith.api.mqtt.payloads import StationStatus, encode_bin, encode_json
from otolith.api.mqtt.topics import Kind, Topic
from otolith.api.mqtt.translation import (
    board_status,
    guidance,
    moment,
    newest_cop,
    program_event,
    session_event,
    station_status,
    sway_figures,
    trace,
)
from otolith.service.challenges.event import SessionEvent
from otolith.service.clock import rfc3339
from otolith.service.frame import Frame
from otolith.service.guidance.guidance import Guidance
from otolith.service.hub import Policy, Tap
from otolith.service.programs.event import ProgramEvent
from otolith.service.state import BoardState, Event, StationState
from otolith.service.station import Station

COP_INTERVAL_NS: Final = 20_000_000
"""At most 50 a second, by sample time."""
FRAMES_BEHIND: Final = 256
"""Frames that may wait for this task; a quarter of a second at one report per millisecond."""
CHANGES_BEHIND: Final = 256
MOMENTS_BEHIND: Final = 32
"""A quarter of a second of live feedback; older is of no use."""
HEALTH_SECONDS: Final = 1.0


def last_will(station: Station) -> StationStatus:
    """What a broker says for the station when it is gone; ``t`` is when the station gave it, not when it ended."""
    return station_status(station.state(), rfc3339(station.clock.now()), 0, online=False)


class Bridge:
    """Publishes a running station through an outlet: :meth:`run` it for as long as that should go on."""

    def __init__(self, station: Station, outlet: Outlet) -> None:
        self._station = station
        self._outlet = outlet
        self._seq: Counter[Topic] = Counter()
        self._cop_due: dict[str, int] = {}
        self._said: dict[str, BoardState] = {}

    async def run(self) -> None:
        """Say everything once, then every frame and every change, until cancelled or the station ends; then goodbye."""
        with (
            self._station.frames.tap("mqtt", Policy.OLDEST, FRAMES_BEHIND) as frames,
            self._station.changes.tap("mqtt", Policy.OLDEST, CHANGES_BEHIND) as changes,
            self._station.events.tap("mqtt", Policy.OLDEST, CHANGES_BEHIND) as events,
            self._station.guidance.tap("mqtt", Policy.OLDEST, MOMENTS_BEHIND) as moments,
            self._station.programs.tap("mqtt", Policy.OLDEST, CHANGES_BEHIND) as programs,
        ):
            try:
                self._say_station(online=True)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._follow_frames(frames), name="mqtt-frames")
                    tasks.create_task(self._follow_changes(changes), name="mqtt-changes")
                    tasks.create_task(self._follow_events(events), name="mqtt-events")
                    tasks.create_task(self._follow_guidance(moments), name="mqtt-guidance")
                    tasks.create_task(self._follow_programs(programs), name="mqtt-programs")
                    tasks.create_task(self._follow_health(), name="mqtt-health")
            finally:
                self._say_station(online=False)

    async def _follow_frames(self, frames: Tap[Frame]) -> None:
        """From one frame to the next without waiting for anything else."""
        async for frame in frames:
            if len(frame) == 0:
                continue
            self._say_trace(frame)
            self._say_cop(frame)
            if frame.sway is not None and frame.grid is not None:
                topic = self._topic(Kind.SWAY, frame.board)
                t = moment(self._station.clock, int(frame.t[-1]))
                self._say(topic, sway_figures(frame.sway, frame.grid, t, self._count(topic)))

    async def _follow_changes(self, changes: Tap[BoardState | StationState | Event]) -> None:
        async for change in changes:
            if isinstance(change, BoardState):
                self._say_board(change)
                self._forget_renamed()
            elif isinstance(change, StationState):
                self._say_station(online=True)

    async def _follow_events(self, events: Tap[SessionEvent]) -> None:
        async for event in events:
            topic = self._topic(Kind.SESSION_EVENT, event.session)
            self._outlet.publish(topic, encode_json(session_event(event)), quality=1)

    async def _follow_guidance(self, moments: Tap[Guidance]) -> None:
        async for made in moments:
            t = moment(self._station.clock, made.t_ns)
            self._say(self._topic(Kind.GUIDANCE, made.session), guidance(made, t))

    async def _follow_programs(self, events: Tap[ProgramEvent]) -> None:
        async for event in events:
            topic = self._topic(Kind.PROGRAM_EVENT, event.enrolment)
            self._outlet.publish(topic, encode_json(program_event(event, self._count(topic))), quality=1)

    async def _follow_health(self) -> None:
        """Every board at first, and then once a second what is new about it."""
        while True:
            for board in self._station.boards():
                if self._said.get(board.id) != board:
                    self._say_board(board)
            self._forget_renamed()
            await self._station.clock.sleep(HEALTH_SECONDS)

    def _say_trace(self, frame: Frame) -> None:
        t = moment(self._station.clock, int(frame.t[0]))
        self._outlet.publish(self._topic(Kind.TRACE, frame.board), encode_bin(trace(frame, t)))

    def _say_cop(self, frame: Frame) -> None:
        """The newest sample, where one is due; the schedule keeps its average rate when frames come in steps of it."""
        now = int(frame.t[-1])
        due = self._cop_due.get(frame.board, now)
        if now >= due:
            self._cop_due[frame.board] = max(due, now - COP_INTERVAL_NS) + COP_INTERVAL_NS
            self._say(self._topic(Kind.COP, frame.board), newest_cop(frame, moment(self._station.clock, now)))

    def _say_station(self, *, online: bool) -> None:
        topic = Topic(self._station.config.station, Kind.STATUS)
        status = station_status(self._station.state(), self._now(), self._count(topic), online=online)
        self._say(topic, status, retain=True)

    def _say_board(self, board: BoardState) -> None:
        self._said[board.id] = board
        topic = self._topic(Kind.BOARD_STATUS, board.id)
        self._say(topic, board_status(board, self._now(), self._count(topic)), retain=True)

    def _forget_renamed(self) -> None:
        """A board has another id before it was first opened; what was said under that one is taken back."""
        for gone in self._said.keys() - {board.id for board in self._station.boards()}:
            del self._said[gone]
            self._outlet.clear(self._topic(Kind.BOARD_STATUS, gone))

    def _say(self, topic: Topic, payload: msgspec.Struct, *, retain: bool = False) -> None:
        self._outlet.publish(topic, encode_json(payload), quality=int(retain), retain=retain)

    def _topic(self, kind: Kind, board: str) -> Topic:
        return Topic(self._station.config.station, kind, board)

    def _count(self, topic: Topic) -> int:
        self._seq[topic] += 1
        return self._seq[topic]

    def _now(self) -> str:
        return rfc3339(self._station.clock.now())
