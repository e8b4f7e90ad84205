"""Orders over the bus: understood, judged, executed once, answered.

Who may give them is decided before they come here: by the embedded broker's accounts, or by the access list of the
site's own broker, which hides the sender from us (see ``docs/decisions/0004-broker.md``).
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
import structlog

from otolith.api.mqtt.outlet import Order, Outlet
from otolith.api.mqtt.payloads import Code, Command, Reply, Verb, encode_json
from otolith.api.mqtt.topics import Kind, Topic, TopicError
from otolith.service.challenges.phases import OPERATOR, Trigger
from otolith.service.clock import rfc3339
from otolith.service.conductor import Conductor
from otolith.service.errors import (
    ProgramRefused,
    RecordingRefused,
    ServiceError,
    TriggerRefused,
    UnknownBoard,
    UnknownRun,
)
from otolith.service.station import Station
from otolith.service.training import Training

log = structlog.get_logger(__name__)

MAX_AGE: Final = 5.0
"""Seconds between an order's own time and the station's clock, either way."""
MAX_RUNNING: Final = 8
"""Orders under execution at a time."""
MAX_REMEMBERED: Final = 256
"""Answers kept for orders that come again."""

VERBS: Final = frozenset(Verb)
CHALLENGES: Final = frozenset({Verb.START_CHALLENGE, Verb.START_PROGRAM, Verb.PRESS, Verb.STOP_CHALLENGE})
"""Orders about a run."""

Key = tuple[str, str, str]
"""Sender, reply address and id of an order."""


@dataclass(slots=True)
class OrderCounters:
    """What became of the orders since the start."""

    executed: int = 0
    refused: int = 0
    repeated: int = 0
    malformed: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes, or became, of an order."""

    code: Code
    reason: str = ""
    recording: str | None = None
    run: str | None = None


class _Address(msgspec.Struct):
    """The least that an order must have to be answered when the rest of it cannot be read."""

    id: str
    client: str


class Commands:
    """Takes orders from an outlet's broker; run it once, for as long as orders are to be executed."""

    def __init__(self, station: Station, conductor: Conductor, training: Training) -> None:
        self._station = station
        self._conductor = conductor
        self._training = training
        self._arrived: asyncio.Queue[tuple[Verb, Command, Order]] = asyncio.Queue(MAX_RUNNING)
        self._running: set[Key] = set()
        self._answers: OrderedDict[Key, Reply] = OrderedDict()
        self._outlet: Outlet | None = None
        self._replies = 0
        self.counters = OrderCounters()

    async def run(self, outlet: Outlet) -> None:
        """Execute and answer through this outlet, until cancelled."""
        self._outlet = outlet
        async with asyncio.TaskGroup() as tasks:
            while True:
                verb, command, order = await self._arrived.get()
                tasks.create_task(self._execute(verb, command, order), name=f"mqtt-{verb}")

    def take(self, order: Order) -> None:
        """Judge an order where it arrives: refused with a reason, answered again, or put in line."""
        if not order.payload:
            return  # a retained order being cleared
        if order.retained:
            self._clear(order)
        command = self._understand(order)
        if command is None:
            return
        key = _key(command, order)
        if key in self._running or key in self._answers:
            self._repeat(key)
            return
        verdict = self._judge(command, order)
        if verdict.code is not Code.DONE:
            self._refuse(command, order, verdict)
            return
        self._running.add(key)
        self._arrived.put_nowait((Verb(order.verb), command, order))

    def _clear(self, order: Order) -> None:
        if self._outlet is not None:
            self._outlet.clear(Topic(self._station.config.station, Kind.COMMAND, order.verb))

    def _understand(self, order: Order) -> Command | None:
        try:
            command = msgspec.json.decode(order.payload, type=Command)
            Topic(self._station.config.station, Kind.REPLY, command.client)
        except (msgspec.MsgspecError, TopicError, UnicodeDecodeError, RecursionError) as error:
            self._answer_malformed(order, str(error))
            return None
        return command

    def _answer_malformed(self, order: Order, reason: str) -> None:
        """Say why, where the order says at least whom to tell; else only count it."""
        self.counters.malformed += 1
        log.info("mqtt order not understood", verb=order.verb, by=order.by, reason=reason)
        try:
            address = msgspec.json.decode(order.payload, type=_Address)
            self._answer(address.client, self._reply(address.id, order.verb, "", Verdict(Code.MALFORMED, reason)))
        except (msgspec.MsgspecError, TopicError, UnicodeDecodeError, RecursionError):
            return

    def _judge(self, command: Command, order: Order) -> Verdict:
        if order.retained:
            return Verdict(Code.RETAINED, "a command is never retained: send it without the retain flag")
        if order.verb not in VERBS:
            return Verdict(Code.UNKNOWN_VERB, f"this station does not know {order.verb!r}; it knows {', '.join(Verb)}")
        try:
            age = (self._station.clock.now() - datetime.fromisoformat(command.t)).total_seconds()
        except (ValueError, TypeError, OverflowError):
            reason = "t is not an RFC 3339 time with its offset from UTC, like 2026-01-01T12:00:00.000Z"
            return Verdict(Code.MALFORMED, reason)
        if abs(age) > MAX_AGE:
            late = f"was given {age:.1f} s ago" if age > 0 else f"is dated {-age:.1f} s ahead"
            reason = f"the command {late} by the station's clock; the most is {MAX_AGE:g} s"
            return Verdict(Code.EXPIRED, reason)
        if len(self._running) >= MAX_RUNNING:
            return Verdict(Code.BUSY, "too many commands at a time; try again")
        return Verdict(Code.DONE)

    def _repeat(self, key: Key) -> None:
        """An order that came before: answered as it was then; not at all while it is being executed."""
        self.counters.repeated += 1
        if key in self._answers:
            self._answer(key[1], self._answers[key])

    def _refuse(self, command: Command, order: Order, verdict: Verdict) -> None:
        self.counters.refused += 1
        log.info("mqtt order refused", verb=order.verb, by=order.by, code=verdict.code, reason=verdict.reason)
        self._answer(command.client, self._reply(command.id, order.verb, command.board, verdict))

    async def _execute(self, verb: Verb, command: Command, order: Order) -> None:
        key = _key(command, order)
        try:
            verdict = await self._try(verb, command, order.by or f"mqtt:{command.client}")
        finally:
            self._running.discard(key)
        self.counters.executed += verdict.code is Code.DONE
        self.counters.refused += verdict.code is not Code.DONE
        self._answers[key] = self._reply(command.id, verb, command.board, verdict)
        if len(self._answers) > MAX_REMEMBERED:
            self._answers.popitem(last=False)
        self._answer(command.client, self._answers[key])

    async def _try(self, verb: Verb, command: Command, by: str) -> Verdict:
        try:
            if verb in CHALLENGES:
                return Verdict(Code.DONE, run=await self._challenge(verb, command, by))
            return Verdict(Code.DONE, recording=await self._do(verb, command.board, by))
        except UnknownBoard as error:
            return Verdict(Code.UNKNOWN_BOARD, str(error))
        except ServiceError as error:
            return Verdict(Code.REFUSED, str(error))
        except Exception:
            log.exception("mqtt order failed", verb=verb, board=command.board)
            return Verdict(Code.REFUSED, "the station failed to do it; its log says why")

    async def _do(self, verb: Verb, board: str, by: str) -> str | None:
        """The id of the recording that the order was about, if it was about one."""
        match verb:
            case Verb.TARE:
                await self._station.tare(board, by)
            case Verb.IDENTIFY:
                await self._station.identify(board)
            case Verb.START_RECORDING:
                return (await self._station.start_recording(board, by)).id
            case Verb.STOP_RECORDING:
                recording = self._station.board(board).recording
                if recording is None:
                    raise RecordingRefused(f"nothing is being recorded on {board}")
                return (await self._station.stop_recording(recording.id, by)).id
        return None

    async def _challenge(self, verb: Verb, command: Command, by: str) -> str:
        """The id of the run that the order was about."""
        board = self._station.board(command.board).id
        if verb is Verb.START_CHALLENGE:
            name, _, variant = command.challenge.partition("/")
            session = command.session or (await self._conductor.open(board, by)).id
            return (await self._conductor.start(session, name, by, variant=variant or None)).id
        if verb is Verb.START_PROGRAM:
            session = command.session or await self._training.visit(command.enrolment, board, by)
            await self._on_board(session, board)
            return (await self._training.begin(command.enrolment, session, by)).id
        running = next((one for one in self._conductor.runs() if one.board == board), None)
        if running is None:
            raise UnknownRun(f"no challenge runs on {board}")
        button = "stop" if verb is Verb.STOP_CHALLENGE else command.button
        if button not in set(OPERATOR):
            raise TriggerRefused(f"there is no button {button!r}; there are {', '.join(sorted(OPERATOR))}")
        await self._conductor.press(running.row.id, Trigger(button), by)
        return running.row.id

    async def _on_board(self, session: str, board: str) -> None:
        """Raises UnknownSession, ProgramRefused where the order names one board and the visit is on another."""
        row = await self._station.store.sessions.session(session)
        if row.board != board:
            raise ProgramRefused(f"the session {session} is on {row.board}, and the order names {board}")

    def _reply(self, order_id: str, verb: str, board: str, verdict: Verdict) -> Reply:
        self._replies += 1
        return Reply(
            t=rfc3339(self._station.clock.now()),
            seq=self._replies,
            id=order_id,
            verb=verb,
            board=board,
            code=verdict.code,
            reason=verdict.reason,
            recording=verdict.recording,
            run=verdict.run,
        )

    def _answer(self, client: str, reply: Reply) -> None:
        topic = Topic(self._station.config.station, Kind.REPLY, client)
        if self._outlet is not None:
            self._outlet.publish(topic, encode_json(reply), quality=1)


def _key(command: Command, order: Order) -> Key:
    return order.by, command.client, command.id
