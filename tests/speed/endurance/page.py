"""An outcome in words: on the screen and as ``docs/reference/endurance.md``."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.table import Table
from tests.speed.__main__ import _markdown, _processor
from tests.speed.endurance.crowd import PERIOD
from tests.speed.endurance.run import Moment, Outcome

GOAL_MS = 5.0
HEADS = ("minute", "station CPU, %", "twins CPU, %", "station, MB", "twins, MB", "p99, ms", "load")
INTRODUCTION = """# Endurance

Written by

    python -m tests.speed.endurance --minutes {minutes:g}{flags} --markdown > docs/reference/endurance.md

on {date}, on {processors} processors ({processor}), Python {python}. All boards are simulated: twins in a process of
their own export {plates} six-component OFP plates at 1 kHz and {boards} Wii boards at 100 Hz over USB/IP on the
loopback interface. One station in one process reads them, computes the CoP and sway{recording}, and publishes on its
hub, to which the check is subscribed. Each of {period} successive samples of a board differs from the others, so each
sample that arrives is found again in what the twin sends: a lost, repeated, late or foreign one is seen by its
content, whether or not the board numbers its samples. The check is part of the station's processor time here.

The delay runs from the completion of the USB transfer that completed a frame until a subscriber has that frame with all
that was computed from it. OFP plates are read in transfers of 5 ms, so the first sample of a frame is 4 ms old when the
transfer completes; that is in no figure here. No real USB bus is part of it. The station keeps its threads on one
processor (docs/decisions/0007-one-processor.md); processor time is in percent of one.

"""


def page(outcome: Outcome, *, recording: bool) -> str:
    """``docs/reference/endurance.md``."""
    tracks = outcome.account.tracks.values()
    plates = sum(track.member.rate == 1000.0 for track in tracks)
    head = INTRODUCTION.format(
        minutes=round(outcome.seconds / 60.0, 1),
        flags="" if recording else " --no-recording",
        date=datetime.now(UTC).date(),
        processors=os.cpu_count(),
        processor=_processor(),
        python=platform.python_version(),
        plates=plates,
        boards=len(tracks) - plates,
        recording=", writes the continuous journal" if recording else "",
        period=PERIOD,
    )
    boards = [_board(name, outcome) for name in outcome.account.tracks]
    heads = ("board", "samples", "lost", "repeated", "foreign", "declared missed", "misnumbered")
    over_time = _markdown(HEADS, [_row(moment) for moment in _thinned(outcome.moments)])
    return f"{head}{summary(outcome)}\n\n{_markdown(heads, boards)}\n## Over time\n\n{over_time}"


def summary(outcome: Outcome) -> str:
    """The figures that were asked for, one a line."""
    found, total = outcome.account, totals(outcome)
    p99 = found.newest.percentile(99.0)
    load = [moment.load for moment in outcome.moments] or [float("nan")]
    lines = [
        (
            f"{total['samples']} samples of {len(found.tracks)} boards in {outcome.seconds:.0f} s: "
            f"{total['lost']} lost, {total['again']} repeated or late, {total['foreign']} foreign, "
            f"{total['misnumbered']} frames misnumbered, {total['declared']} declared missed."
        ),
        (
            f"USB completion to subscriber: median {found.newest.percentile(50.0):.2f} ms, p99 {p99:.2f} ms, worst "
            f"{found.newest.worst:.1f} ms; goal p99 ≤ {GOAL_MS:g} ms: {'met' if p99 <= GOAL_MS else 'MISSED'}."
        ),
        (
            f"Per minute, after the first quarter: station {outcome.slope('station_mb'):+.2f} MB and "
            f"{outcome.slope('station_cpu'):+.2f} points of CPU."
        ),
        f"Load average of the machine during the run: {min(load):.1f} to {max(load):.1f}, this run included.",
    ]
    return "\n".join(f"* {line}" for line in lines)


def totals(outcome: Outcome) -> dict[str, int]:
    """What became of the samples, of all boards together."""
    names = ("samples", "lost", "again", "foreign", "declared", "misnumbered")
    return {name: sum(getattr(track, name) for track in outcome.account.tracks.values()) for name in names}


def table(outcome: Outcome) -> Table:
    """Over time, for a terminal."""
    made = Table(*HEADS, title="Endurance")
    for moment in _thinned(outcome.moments):
        made.add_row(*_row(moment))
    return made


def _thinned(moments: Sequence[Moment], most: int = 20) -> Sequence[Moment]:
    return moments[:: -(-len(moments) // most) or 1]


def _row(moment: Moment) -> tuple[str, ...]:
    return (
        f"{moment.minutes:.1f}",
        f"{moment.station_cpu:.0f}",
        f"{moment.twins_cpu:.0f}",
        f"{moment.station_mb:.1f}",
        f"{moment.twins_mb:.1f}",
        f"{moment.p99:.2f}",
        f"{moment.load:.1f}",
    )


def _board(name: str, outcome: Outcome) -> tuple[str, ...]:
    track = outcome.account.tracks[name]
    figures = (track.samples, track.lost, track.again, track.foreign, track.declared, track.misnumbered)
    return (name, *map(str, figures))
