"""A procedure in a terminal: says what to do, shows the force, asks whether the reading is good."""

import asyncio
import math
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Final, Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table

from otolith.api.cli.failure import BAD_USE, DEVICE, CommandFailed
from otolith.api.cli.plate_picture import plate_picture
from otolith.drivers.board import Board
from otolith.drivers.sim import SimBoard
from otolith.service.calibrating.desk import Desk
from otolith.service.calibrating.procedure import Action, Phase, ProcedureState

DRAWN_SECONDS: Final = 0.1
PATIENCE: Final = 300.0
"""Seconds for a load to become steady."""
KEYS: Final = {"": None, "r": Action.REDO, "s": Action.SKIP, "q": Action.STOP}
"""What can be typed; a bare Enter goes on."""

Point = tuple[float, float]


class Operator(Protocol):
    """Who puts the weights."""

    async def place(self, state: ProcedureState) -> Action:
        """The weights stand as the state asks, or something else is wanted."""
        ...

    async def review(self, state: ProcedureState) -> Action:
        """Whether the reading is good."""
        ...


class Person:
    """Somebody at the keyboard."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def place(self, state: ProcedureState) -> Action:
        """Enter when done."""
        del state
        return await self._ask("Enter: it stands · r: the step before again · s: skip · q: stop", Action.MEASURE)

    async def review(self, state: ProcedureState) -> Action:
        """Enter when content."""
        reading = state.reading
        if reading is not None:
            shown = f"{reading.force:.1f} N by the calibration in use ± {reading.noise:.2f} N, {reading.n} samples"
            self._console.print(f"  measured {shown}; about {state.expected_n:.0f} N were expected")
        return await self._ask("Enter: accept · r: again · s: skip · q: stop", Action.ACCEPT)

    async def _ask(self, words: str, usual: Action) -> Action:
        while True:
            try:
                said = (await asyncio.to_thread(self._console.input, f"  [dim]{words}[/] ")).strip().lower()
            except EOFError:
                raise CommandFailed(BAD_USE, "nobody is at the keyboard: --yes is for simulated boards") from None
            if said in KEYS:
                return KEYS[said] or usual


class Hand:
    """Puts weights on a simulated board, and is content with every reading."""

    def __init__(self, board: Board) -> None:
        if not isinstance(board, SimBoard):
            raise CommandFailed(BAD_USE, "--yes is for simulated boards with load=weights:… alone: weights do not walk")
        self._board = board
        board.put(0.0, 0.0, 0.0)

    async def place(self, state: ProcedureState) -> Action:
        """At once."""
        self._board.put(state.expected_n, state.x or 0.0, state.y or 0.0, state.height, state.push)
        return Action.MEASURE

    async def review(self, state: ProcedureState) -> Action:
        """Always."""
        del state
        return Action.ACCEPT


async def guide(desk: Desk, board: str, operator: Operator, console: Console, picture: "Picture") -> ProcedureState:
    """Lead the procedure of ``board`` to its end. Raises CommandFailed where it is stopped or nothing settles."""
    state = desk.state(board)
    while state.phase not in (Phase.DONE, Phase.STOPPED):
        if state.phase is Phase.PLACE:
            console.print(picture.step(state))
            state = await desk.act(board, await operator.place(state))
        elif state.phase is Phase.MEASURING:
            state = await _measured(desk, board, console)
        else:
            state = await desk.act(board, await operator.review(state))
    if state.phase is Phase.STOPPED:
        raise CommandFailed(BAD_USE, "stopped; nothing is kept")
    return state


class Picture:
    """What a step looks like."""

    def __init__(self, cells: Sequence[Point], places: Sequence[Point]) -> None:
        self._cells = cells
        self._places = places

    def step(self, state: ProcedureState) -> RenderableType:
        """Where the weight goes, and what to do."""
        at = None if state.x is None or state.y is None else (state.x, state.y)
        where = f"[bold]{state.order}[/]" + (f"\nx {at[0]:.0f} mm (right), y {at[1]:.0f} mm (forward)" if at else "")
        title = f"Step {state.step + 1} of {state.steps}"
        return Panel(Group(where, plate_picture(self._cells, self._places, at)), title=title, expand=False)


async def _measured(desk: Desk, board: str, console: Console) -> ProcedureState:
    """Show the force until the reading is there."""
    live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else nullcontext()
    try:
        async with asyncio.timeout(PATIENCE):
            with live as screen:
                while (state := desk.state(board)).phase is Phase.MEASURING:
                    if isinstance(screen, Live):
                        screen.update(_progress(state), refresh=True)
                    await _moved(desk, board)
    except TimeoutError:
        reason = desk.state(board).reason or "no samples come"
        raise CommandFailed(DEVICE, f"no steady load in {PATIENCE:.0f} s: {reason}") from None
    return state


async def _moved(desk: Desk, board: str) -> None:
    try:
        async with asyncio.timeout(DRAWN_SECONDS):
            await desk.changed(board)
    except TimeoutError:
        return


def _progress(state: ProcedureState) -> RenderableType:
    row = Table.grid(padding=(0, 1))
    force = state.force_n if state.force_n is not None else math.nan
    row.add_row(f"{force:8.1f} N", ProgressBar(1.0, state.progress, width=40), state.reason or "averaging")
    return row
