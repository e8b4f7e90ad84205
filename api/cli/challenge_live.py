"""A challenge in real time, on a private station: on a real board with an operator, or on a simulated one without."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live

from otolith.api.cli.challenge_screen import KEYS, Screen, told
from otolith.api.cli.keys import pressed
from otolith.api.cli.rehearsing import Done
from otolith.api.cli.single import single_board
from otolith.service.challenges.catalogue import OWN
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.cues import Language, spoken
from otolith.service.challenges.event import SessionEvent
from otolith.service.challenges.phases import OVER, Phase, Trigger
from otolith.service.challenges.records import trial_of
from otolith.service.conductor import Conductor
from otolith.service.errors import TriggerRefused
from otolith.service.hub import Policy
from otolith.service.station import Station
from otolith.service.store import RunRow

OPERATOR = "terminal"
DRAWN_SECONDS = 0.1
ENTER = "\r\n"
BACKSPACE = "\b\x7f"


async def conducted(
    challenge: Challenge,
    moniker: str,
    *,
    variant: str | None,
    language: Language,
    out: Path | None,
    own: Path | None,
    automatic: bool,
    screen: Console | None,
) -> Done:
    """From start to result, shown on ``screen``. Raises ChallengeRefused, CommandFailed, and what opening raises."""
    async with single_board(moniker, folder=out) as (station, board), Conductor(station) as conductor:
        if own is not None and (own / OWN).is_dir():
            await asyncio.to_thread(shutil.copytree, own / OWN, station.config.folder / OWN, dirs_exist_ok=True)
        session = await conductor.open(board, OPERATOR, language=language)
        begin = conductor.start(session.id, challenge.id, OPERATOR, variant=variant, automatic=automatic)
        seen = await guided(station, conductor, begin, spoken(challenge.name, language), screen)
        kept = await station.store.sessions.trials(seen[-1].run)
        trials = tuple(trial_of(trial, challenge) for trial in kept)
        last = seen[-1]
        return Done(str(last.phase), last.reason, trials, last.data, (last.t_ns - seen[0].t_ns) / 1e9)


async def guided(
    station: Station, conductor: Conductor, begin: Awaitable[RunRow], title: str, screen: Console | None
) -> list[SessionEvent]:
    """Begin a run and follow it to its result, with words on the screen and keys that do what they say."""
    with station.events.tap("terminal", Policy.BLOCK, 1024) as events, pressed() as keys:
        guide = _Guide(conductor, (await begin).id, title, screen)
        async with guide.shown(), guide.listening(keys):
            return [event async for event in guide.follow(events)]


class _Guide:
    """Shows what happens, where there is a console to show it on, and passes on what is pressed."""

    def __init__(self, conductor: Conductor, run: str, title: str, shown_on: Console | None) -> None:
        self._conductor = conductor
        self._run = run
        self._screen = Screen(title)
        self._shown_on = shown_on
        self._live: Live | None = None

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[None]:
        """While it runs: a screen on a terminal, lines elsewhere."""
        if self._shown_on is None or not self._shown_on.is_terminal:
            yield
            return
        with Live(self._screen.panel(), console=self._shown_on, auto_refresh=False) as self._live:
            async with _beside(self._draw()):
                yield

    @asynccontextmanager
    async def listening(self, keys: "asyncio.Queue[str]") -> AsyncIterator[None]:
        """While it runs, keys do what they say."""
        async with _beside(self._obey(keys)):
            yield

    async def follow(self, events: AsyncIterator[SessionEvent]) -> AsyncIterator[SessionEvent]:
        """Every event, until the result."""
        async for event in events:
            self._screen.hear(event)
            if self._shown_on is not None:
                self._show(event, self._shown_on)
            yield event
            if event.kind == "result" and event.phase in OVER:
                return

    def _show(self, event: SessionEvent, shown_on: Console) -> None:
        if self._live is None:
            for line in (*(cue.text for cue in event.cues), told(event)):
                if line:
                    shown_on.print(line, markup=False, soft_wrap=True)
        elif any(cue.tone for cue in event.cues):
            shown_on.bell()

    async def _draw(self) -> None:
        while self._live is not None:
            self._live.update(self._screen.panel(), refresh=True)
            await asyncio.sleep(DRAWN_SECONDS)

    async def _obey(self, keys: "asyncio.Queue[str]") -> None:
        while True:
            key = await keys.get()
            with suppress(LookupError):  # the run may be over already
                try:
                    await self._press(key)
                except TriggerRefused as refusal:
                    self._screen.complaint = str(refusal)

    async def _press(self, key: str) -> None:
        if self._screen.note is not None:
            await self._type(key)
        elif key in ENTER:
            idle = any(one.latest is None or one.latest.phase is Phase.IDLE for one in self._conductor.runs())
            await self._conductor.press(self._run, Trigger.START if idle else Trigger.READY, OPERATOR)
        elif key in KEYS:
            await self._conductor.press(self._run, KEYS[key], OPERATOR)
        elif key == "e":
            await self._conductor.error(self._run, OPERATOR)
        elif key == "n":
            self._screen.note = ""

    async def _type(self, key: str) -> None:
        """A note, letter by letter."""
        note = self._screen.note or ""
        if key in ENTER:
            self._screen.note = None
            if note.strip():
                await self._conductor.note(self._run, note.strip(), OPERATOR)
        else:
            self._screen.note = note[:-1] if key in BACKSPACE else note + key


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run it while the block runs."""
    task = asyncio.create_task(work, name="terminal")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
