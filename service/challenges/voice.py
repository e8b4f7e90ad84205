"""How a run speaks: events, numbered without a hole."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from otolith.service.challenges.event import Cue, Kind, SessionEvent
from otolith.service.challenges.machine import Standing, allowed
from otolith.service.challenges.phases import OPERATOR, Trigger
from otolith.service.challenges.stage import Stage


@dataclass(frozen=True, slots=True)
class RunName:
    """Whose events these are."""

    session: str
    run: str


@dataclass(slots=True)
class Voice:
    """One run's."""

    name: RunName
    stage: Stage
    seq: int = field(default=0, init=False)
    """Of the newest event."""

    async def tell(
        self,
        kind: Kind,
        standing: Standing,
        t_ns: int,
        *,
        trigger: Trigger | None = None,
        reason: str = "",
        by: str = "station",
        cues: tuple[Cue, ...] = (),
        remaining: float | None = None,
        data: Mapping[str, object] | None = None,
    ) -> None:
        """Publish what happened at a moment."""
        self.seq += 1
        event = SessionEvent(
            at=self.stage.now(),
            t_ns=t_ns,
            session=self.name.session,
            run=self.name.run,
            seq=self.seq,
            kind=kind,
            phase=standing.phase,
            trigger=trigger,
            trial=standing.plan.id,
            attempt=standing.attempt,
            remaining_s=remaining,
            reason=reason,
            by=by,
            cues=cues,
            allowed=tuple(sorted(allowed(standing) & OPERATOR)),
            data=dict(data or {}),
        )
        await self.stage.tell(event)
