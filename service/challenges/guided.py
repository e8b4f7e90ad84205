"""Live feedback of one record: moments for a screen, tones for the ears."""

from otolith.service.challenges import cues as spoken
from otolith.service.challenges.cues import Language
from otolith.service.challenges.machine import Standing
from otolith.service.challenges.record import Record
from otolith.service.challenges.stage import Stage
from otolith.service.challenges.voice import Voice
from otolith.service.frame import Frame
from otolith.service.guidance.beats import beats
from otolith.service.guidance.feedback import Guide


class Guided:
    """Give it every frame of the record as it comes."""

    def __init__(self, voice: Voice, standing: Standing, record: Record, stage: Stage, language: Language) -> None:
        condition = standing.plan.condition
        self._voice = voice
        self._standing = standing
        self._record = record
        self._stage = stage
        self._language = language
        self._duration = condition.duration_s
        self._begun: int | None = None
        self._beats = list(beats(condition.task, condition.duration_s))
        target = record.aim.target(condition.task, condition.duration_s)
        self._guide = target and Guide(
            voice.name,
            standing.plan.id,
            target,
            condition.feedback,
            middle=record.aim.middle or (0.0, 0.0),
            beats=tuple(self._beats),
            rate=stage.rate,
            delay=stage.delay,
        )

    async def feed(self, frame: Frame) -> None:
        """Publish what is due with it."""
        if self._begun is None:
            self._begun = int(frame.t[0])
        for moment in self._guide.follow(frame) if self._guide else ():
            if moment.elapsed_s < self._duration:
                await self._stage.guide(moment)
                self._record.lateness.add(moment, self._stage.monotonic_ns())
        await self._beat((int(frame.t[-1]) - self._begun) / 1e9, int(frame.t[-1]))

    async def _beat(self, elapsed: float, now: int) -> None:
        """The tones that are due: told with the first samples at or after them."""
        while self._beats and self._beats[0].at <= elapsed:
            beat = self._beats.pop(0)
            cue = spoken.beat(beat.pitch, self._language)
            await self._voice.tell("cue", self._standing, now, cues=(cue,), data={"beat_s": beat.at})
