"""``/api/v1/live``: samples, sway and states over a WebSocket, each reader at its own pace.

A reader has one bounded tap that drops its oldest frames; what was dropped is told to that reader alone.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final

import msgspec
from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect

from otolith.api.auth import Access, Identity
from otolith.api.messages import (
    BoardMessage,
    ErrorMessage,
    GuidanceMessage,
    Hello,
    LostMessage,
    ProgramMessage,
    ServerMessage,
    SessionMessage,
    StatusMessage,
    SwayMessage,
    Welcome,
)
from otolith.api.traces import figures_of, trace_of
from otolith.service.challenges.event import SessionEvent
from otolith.service.clock import Clock, rfc3339
from otolith.service.frame import Frame
from otolith.service.guidance.guidance import Guidance
from otolith.service.hub import Policy, Tap
from otolith.service.programs.event import ProgramEvent
from otolith.service.shared import Change
from otolith.service.station import Station

if TYPE_CHECKING:
    from otolith.service.state import BoardState, StationState

HELLO_SECONDS: Final = 5.0
TRACE_SECONDS: Final = 1 / 30
"""Shortest time between two traces of a board: a screen draws no faster."""
SWAY_SECONDS: Final = 0.1
STATE_SECONDS: Final = 1.0
TAP_FRAMES: Final = 512
"""Frames that wait for a slow reader: some seconds of one board."""
TAP_EVENTS: Final = 256
MAX_MESSAGE: Final = 4096
"""Characters in a message of the client."""

NORMAL, GOING_AWAY, POLICY_VIOLATION = 1000, 1001, 1008

encode = msgspec.json.Encoder().encode
decode_hello = msgspec.json.Decoder(Hello).decode


class Refusal(Exception):
    """Why this socket is closed; told to the client before it is."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


async def first_to_end(*parts: Coroutine[Any, Any, None]) -> BaseException | None:
    """Run the parts together until one ends, then stop the others; the error of the one that ended, if it had one."""
    tasks = [asyncio.create_task(part, name="live") for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return next((task.exception() for task in tasks if task in done), None)


class LiveReader:
    """One WebSocket from hello to close."""

    def __init__(self, socket: WebSocket, station: Station, access: Access) -> None:
        self._socket = socket
        self._station = station
        self._access = access
        self._clock: Clock = station.clock
        self._published: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()
        self._sway_due: dict[str, float] = {}
        self._told_boards: dict[str, tuple[BoardState, float]] = {}
        self._told_state: StationState | None = None

    async def run(self) -> None:
        """Serve the reader until it leaves, breaks a rule, loses its token, or the station stops."""
        await self._socket.accept()
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                hello = await self._hello()
            secret = hello.token or self._access.cookie_of(self._socket)
            identity = await self._identify(secret)
            await self._welcome(identity.role)
            await self._serve(hello, secret, identity.role)
        except TimeoutError:
            await self._close("hello-missing", f"Say hello within {HELLO_SECONDS:.0f} seconds.")
        except Refusal as refusal:
            await self._close(refusal.code, str(refusal))
        except WebSocketDisconnect:
            return

    async def _serve(self, hello: Hello, secret: str, role: str) -> None:
        frames = self._station.frames.tap("live", Policy.OLDEST, TAP_FRAMES, self._count)
        changes = self._station.changes.tap("live", Policy.LATEST, 1)
        events = self._station.events.tap("live", Policy.OLDEST, TAP_EVENTS)
        guidance = self._station.guidance.tap("live", Policy.LATEST, 1, lambda _: hello.guidance)
        programs = self._station.programs.tap("live", Policy.OLDEST, TAP_EVENTS)
        with (
            frames as frame_tap,
            changes as change_tap,
            events as event_tap,
            guidance as guidance_tap,
            programs as program_tap,
        ):
            ended = await first_to_end(
                self._listen(),
                self._send_frames(frame_tap, trace=hello.trace),
                self._send_changes(change_tap, role),
                self._send_events(event_tap),
                self._send_guidance(guidance_tap),
                self._send_programs(program_tap),
                self._send_health(secret),
            )
        if ended is not None:
            raise ended
        await self._socket.close(GOING_AWAY)

    async def _hello(self) -> Hello:
        try:
            return decode_hello(await self._receive())
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise Refusal("hello-unreadable", f"The hello cannot be read: {error}.") from None

    async def _receive(self) -> str:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", NORMAL))
        text = message.get("text")
        if text is None or len(text) > MAX_MESSAGE:
            raise Refusal("message-refused", f"A message is text of at most {MAX_MESSAGE} characters.")
        return str(text)

    async def _identify(self, secret: str) -> Identity:
        identity = await self._access.identity(secret)
        if identity is None:
            raise Refusal("token-refused", "The token is missing, wrong or revoked.")
        return identity

    async def _welcome(self, role: str) -> None:
        """The whole picture: at first, and again when a board answers by another id than it was expected by."""
        state, boards, now = self._station.state(), self._station.boards(), self._now()
        self._told_state, self._told_boards = state, {board.id: (board, now) for board in boards}
        await self._send(Welcome(v=1, t=self._wall(), now=now, role=role, state=state, boards=boards))

    async def _listen(self) -> None:
        await self._receive()
        raise Refusal("message-unexpected", "After the hello this socket listens to nothing else.")

    def _count(self, frame: Frame) -> bool:
        """Sees every frame as it is published, so that what was dropped is known for each board."""
        self._published[frame.board] += 1
        return True

    async def _send_frames(self, tap: Tap[Frame], *, trace: bool) -> None:
        async for first in tap:
            frames = [first, *tap.take_ready()]
            self._taken.update(frame.board for frame in frames)
            await self._send_lost()
            for board in dict.fromkeys(frame.board for frame in frames):
                mine = [frame for frame in frames if frame.board == board]
                for message in trace_of(mine) if trace else ():
                    await self._send(message)
                await self._send_sway(board, mine)
            await self._clock.sleep(TRACE_SECONDS)

    async def _send_lost(self) -> None:
        lost = self._published - self._taken
        self._taken.update(lost)
        for board, frames in lost.items():
            await self._send(LostMessage(board, frames))

    async def _send_sway(self, board: str, frames: list[Frame]) -> None:
        newest = next(((frame.sway, frame.grid) for frame in reversed(frames) if frame.sway and frame.grid), None)
        now = self._now()
        if newest is not None and now >= self._sway_due.get(board, -math.inf):
            self._sway_due[board] = now + SWAY_SECONDS * 0.9  # figures due at exactly 10 Hz arrive with jitter
            await self._send(SwayMessage(board, now, figures_of(newest[0]), newest[1]))

    async def _send_changes(self, tap: Tap[Change], role: str) -> None:
        """Tell whatever changed; the tap only says that something did."""
        async for _ in tap:
            if {board.id for board in self._station.boards()} != self._told_boards.keys():
                await self._welcome(role)
            else:
                await self._send_states()

    async def _send_events(self, tap: Tap[SessionEvent]) -> None:
        async for event in tap:
            await self._send(SessionMessage(event))

    async def _send_programs(self, tap: Tap[ProgramEvent]) -> None:
        async for event in tap:
            await self._send(ProgramMessage(event))

    async def _send_guidance(self, tap: Tap[Guidance]) -> None:
        async for moment in tap:
            await self._send(GuidanceMessage(moment))

    async def _send_health(self, secret: str) -> None:
        while True:
            await self._clock.sleep(STATE_SECONDS)
            await self._identify(secret)
            await self._send_states()

    async def _send_states(self) -> None:
        """Every state that changed, and every board not told of for a second."""
        state, now = self._station.state(), self._now()
        if state != self._told_state:
            self._told_state = state
            await self._send(StatusMessage(self._wall(), state))
        for board in self._station.boards():
            told, when = self._told_boards.get(board.id, (None, -math.inf))
            if board != told or now >= when + STATE_SECONDS:
                self._told_boards[board.id] = board, now
                await self._send(BoardMessage(self._wall(), now, board))

    async def _send(self, message: ServerMessage) -> None:
        await self._socket.send_text(encode(message).decode())

    async def _close(self, code: str, message: str) -> None:
        try:
            await self._send(ErrorMessage(code, message))
            await self._socket.close(POLICY_VIOLATION, code)
        except WebSocketDisconnect:
            return

    def _now(self) -> float:
        return self._clock.monotonic_ns() / 1e9

    def _wall(self) -> str:
        return rfc3339(self._clock.now())
