"""The terminal view of a board."""

import dataclasses

import numpy as np
from rich.console import Console

from otolith.api.cli.view import TRAIL_SECONDS, BoardView
from otolith.service.frame import Frame
from otolith.service.state import BoardPhase, BoardState, StreamHealth

RATE = 125
STATE = BoardState(
    id="b",
    moniker="sim:btracks",
    phase=BoardPhase.STREAMING,
    reason="",
    since="2026-01-01T00:00:00.000000Z",
    model="BTrackS",
    simulated=True,
    health=StreamHealth(125.0, 0.5, 3, 0, 0, 1.0, 2.0, 100),
)


def frame_of(n: int, cop: float = 1.0) -> Frame:
    return Frame(
        board="b",
        seq=0,
        missed=0,
        t=(np.arange(n) / RATE * 1e9).astype(np.int64),
        t_arrival=(np.arange(n) / RATE * 1e9).astype(np.int64),
        counts=np.zeros((n, 4)),
        loads=np.full((n, 4), 175.0),
        force=np.full(n, 700.0),
        cop=np.full((n, 2), cop),
        smooth=np.full((n, 2), cop),
        flags=np.zeros(n, dtype=np.uint32),
        sway=None,
    )


def drawn(view: BoardView, state: BoardState) -> str:
    console = Console(width=110)
    with console.capture() as capture:
        console.print(view.panel(state))
    return capture.get()


def test_everything_is_shown() -> None:
    view = BoardView()
    view.add([frame_of(10)])
    text = drawn(view, STATE)
    for words in ("BTrackS", "SIMULATED", "125.0 Hz", "0.50 ms", "700.0 N", "1.0 right", "175.0 N ██████", "streaming"):
        assert words in text


def test_nothing_yet_and_nobody_on_the_board() -> None:
    view = BoardView()
    assert "nobody on the board" in drawn(view, STATE)
    assert view.figures() == {"cop_mm": None, "force_n": None, "loads_n": None, "sway": None}
    view.add([dataclasses.replace(frame_of(10, np.nan), force=np.zeros(10), loads=np.zeros((10, 4)))])
    assert "nobody on the board" in drawn(view, STATE)


def test_a_lost_board_says_why() -> None:
    lost = dataclasses.replace(STATE, phase=BoardPhase.LOST, reason="unplugged", health=None)
    assert "unplugged" in drawn(BoardView(), lost)
    assert BoardView().line(lost) == "b lost: unplugged"


def test_the_trail_forgets() -> None:
    view = BoardView()
    for second in range(60):
        frame = frame_of(RATE)
        view.add([dataclasses.replace(frame, t=frame.t + second * 10**9)])
    assert len(view._trail) <= TRAIL_SECONDS + 2
