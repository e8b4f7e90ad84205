"""From the station's own records to the payloads of the bus; no I/O."""

from dataclasses import fields
from datetime import datetime, timedelta
from math import isfinite
from typing import Final

from otolith.api.mqtt.payloads import (
    BoardStatus,
    Cop,
    GuidancePayload,
    ProgramEventPayload,
    SessionEventPayload,
    SpokenCue,
    StationStatus,
    SwayFigures,
    TraceBlock,
)
from otolith.drivers.batch import Flag
from otolith.dsp.sway import Sway
from otolith.service.challenges.event import SessionEvent
from otolith.service.challenges.records import plain
from otolith.service.clock import Clock, rfc3339
from otolith.service.frame import Frame
from otolith.service.guidance.guidance import Guidance
from otolith.service.programs.event import ProgramEvent
from otolith.service.state import BoardState, Grid, StationState

DOUBT: Final = int(Flag.SATURATED | Flag.CHANNEL_ERROR | Flag.INVALID | Flag.UNLOADED)
"""Flags of a sample that is not valid; one after a gap is."""
GUIDED: Final = tuple(field.name for field in fields(Guidance) if field.name != "session")
OF_PROGRAM: Final = tuple(
    field.name for field in fields(ProgramEvent) if field.name not in ("at", "enrolment", "seq", "next", "asks")
)
FIGURES: Final = tuple(field.name for field in fields(Sway))


def station_status(state: StationState, t: str, seq: int, *, online: bool) -> StationStatus:
    """The station as it is, or as it will have been."""
    return StationStatus(
        t=t,
        seq=seq,
        online=online,
        version=state.version,
        since=state.since,
        ready=state.ready and online,
        faults=list(state.faults),
        seen=list(state.seen),
    )


def board_status(board: BoardState, t: str, seq: int) -> BoardStatus:
    """A board without what is nobody's business on a bus: where it is plugged in, and who tared it."""
    return BoardStatus(
        t=t,
        seq=seq,
        phase=board.phase,
        reason=board.reason,
        since=board.since,
        name=board.name,
        family=board.family,
        model=board.model,
        serial=board.serial,
        firmware=board.firmware,
        simulated=board.simulated,
        battery=board.battery,
        rate_nominal=board.rate_nominal,
        cells_x=list(board.cells_x),
        cells_y=list(board.cells_y),
        has_cop=board.has_cop,
        plates=list(board.plates),
        sides=board.sides,
        latency_s=board.latency_s,
        calibration=board.calibration,
        clock=board.clock,
        grid=board.grid,
        calibration_hash=board.calibrated.hash if board.calibrated else None,
        calibration_age_days=board.calibrated.age_days if board.calibrated else None,
        calibration_due=board.calibrated.due if board.calibrated else False,
        tared_at=board.tare.at if board.tare else None,
        health=board.health,
        recording=board.recording,
    )


def trace(frame: Frame, t: str) -> TraceBlock:
    """Every sample of the frame; ``t`` is when the first was taken."""
    t0 = int(frame.t[0])
    return TraceBlock(
        t=t,
        seq=frame.seq,
        missed=frame.missed,
        t0_ns=t0,
        arrived_ns=int(frame.t_arrival[-1]),
        dt_ns=(frame.t - t0).tolist(),
        loads=frame.loads.T.tolist(),
        force=frame.force.tolist(),
        ml=frame.cop[:, 0].tolist(),
        ap=frame.cop[:, 1].tolist(),
        ml_smooth=frame.smooth[:, 0].tolist(),
        ap_smooth=frame.smooth[:, 1].tolist(),
        flags=frame.flags.tolist(),
    )


def newest_cop(frame: Frame, t: str) -> Cop:
    """The last sample of the frame."""
    flags, (ml, ap), (ml_smooth, ap_smooth) = int(frame.flags[-1]), frame.cop[-1].tolist(), frame.smooth[-1].tolist()
    shares = frame.left_percent
    left = None if shares is None else float(shares[-1])
    return Cop(
        t=t,
        seq=frame.seq + len(frame) - 1,
        ml=ml,
        ap=ap,
        ml_smooth=ml_smooth,
        ap_smooth=ap_smooth,
        force=float(frame.force[-1]),
        valid=not flags & DOUBT and isfinite(ml) and isfinite(ap),
        flags=flags,
        left_percent=left,
        right_percent=None if left is None else 100.0 - left,
    )


def sway_figures(sway: Sway, grid: Grid, t: str, seq: int) -> SwayFigures:
    """The figures as they are; NaN becomes null in JSON."""
    return SwayFigures(t=t, seq=seq, grid=grid, **{name: getattr(sway, name) for name in FIGURES})


def moment(clock: Clock, monotonic_ns: int) -> str:
    """RFC 3339 of a moment on the station's monotonic clock."""
    ago = timedelta(microseconds=(clock.monotonic_ns() - monotonic_ns) // 1000)
    now: datetime = clock.now()
    return rfc3339(now - ago)


def guidance(made: Guidance, t: str) -> GuidancePayload:
    """A moment of live feedback; ``t`` is that of its sample."""
    return GuidancePayload(t=t, **{name: getattr(made, name) for name in GUIDED})


def program_event(event: ProgramEvent, seq: int) -> ProgramEventPayload:
    """One event of somebody's program, as the bus has it; the enrolment is in the topic."""
    return ProgramEventPayload(
        t=event.at,
        seq=seq,
        enrolment_seq=event.seq,
        next=dict(event.next),
        asks=list(event.asks),
        **{name: getattr(event, name) for name in OF_PROGRAM},
    )


def session_event(event: SessionEvent) -> SessionEventPayload:
    """One event of a run, as the bus has it. Who pressed stays in the station: no personal data in any topic."""
    return SessionEventPayload(
        t=event.at,
        seq=event.seq,
        run=event.run,
        kind=event.kind,
        phase=str(event.phase),
        trigger=None if event.trigger is None else str(event.trigger),
        trial=event.trial,
        attempt=event.attempt,
        remaining_s=event.remaining_s,
        reason="" if event.kind == "note" else event.reason,
        cues=[SpokenCue(cue.key, cue.text, cue.tone, cue.speak) for cue in event.cues],
        allowed=[str(trigger) for trigger in event.allowed],
        data=plain(event.data),
    )
