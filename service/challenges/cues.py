"""What the person hears and reads: words by language, tones by phase. Eyes-closed trials need nothing on a screen."""

import tomllib
from pathlib import Path
from typing import Final, Literal, cast

from otolith.service.challenges.challenge import Condition, Eyes
from otolith.service.challenges.event import Cue, Tone
from otolith.service.challenges.machine import Standing
from otolith.service.challenges.phases import Phase
from otolith.service.challenges.texts import Words

Language = Literal["en", "de", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "de", "fr")
FOLDER: Final = Path(__file__).parent / "words"


_WORDS: Final = {
    language: cast("dict[str, str]", tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8")))
    for language in LANGUAGES
}


def words(language: Language) -> dict[str, str]:
    """Every cue's text, by key."""
    return dict(_WORDS[language])


def said(key: str, language: Language, **places: str) -> str:
    """The text of a cue."""
    return _WORDS[language][key].format(**places)


def spoken(text: Words, language: Language) -> str:
    """A challenge's own text."""
    found: str = getattr(text, language)
    return found


def cues(run: Standing, language: Language) -> tuple[Cue, ...]:
    """What is said on entering the phase in which ``run`` is."""
    condition = run.plan.condition
    if run.phase is Phase.PREPARE:
        return _explained(run, language)
    seconds = f"{condition.rest_s:.0f}"
    said_here = tuple(_cue(key, language, tone, seconds=seconds) for key, tone in _spoken(run.phase, condition))
    return (*said_here, *_task(condition, language)) if run.phase is Phase.CUE else said_here


def _spoken(phase: Phase, condition: Condition) -> tuple[tuple[str, Tone], ...]:
    """Keys and tones of a phase."""
    ending = "open-eyes" if condition.eyes is Eyes.CLOSED else "well-done"
    said: dict[Phase, tuple[tuple[str, Tone], ...]] = {
        Phase.EMPTY: (("step-off", "attention"),),
        Phase.CLEAR: (("step-off", "attention"),),
        Phase.ZERO: (("stay-off", ""),),
        Phase.ZERO_AFTER: (("stay-off", ""),),
        Phase.STEP_ON: (("step-on", "attention"), (f"stance-{condition.stance}", "")),
        Phase.SETTLE: (("stand-still", ""),),
        Phase.CUE: ((f"eyes-{condition.eyes}", "attention"),),
        Phase.RECORD: (("begin", "begin"),),
        Phase.DONE: ((ending, "end"),),
        Phase.INVALID: (("once-more", "wrong"),),
        Phase.REST: (("rest", ""),),
        Phase.FINISHED: (("finished", "end"),),
        Phase.STOPPED: (("stopped", "end"),),
    }
    return said.get(phase, ())


def countdown(seconds: int, language: Language) -> Cue:
    """One of the tones before a record."""
    return Cue("countdown", said("countdown", language, seconds=str(seconds)), "count", speak=False)


def beat(tone: Tone, language: Language) -> Cue:
    """One tone of the metronome of a task."""
    return Cue("beat", said("beat", language), tone, speak=False)


def _explained(run: Standing, language: Language) -> tuple[Cue, ...]:
    condition, plan = run.plan.condition, run.plan
    practice = (_cue("practice", language),) if plan.practice else ()
    own = () if condition.instruction is None else (Cue("instruction", spoken(condition.instruction, language)),)
    keys = [f"stance-{condition.stance}", f"surface-{condition.surface.kind}", f"will-eyes-{condition.eyes}"]
    title = Cue("condition", spoken(condition.name, language))
    return (title, *practice, *(_cue(key, language) for key in keys), *own)


def _task(condition: Condition, language: Language) -> tuple[Cue, ...]:
    task = condition.task
    if task.kind == "stand":
        second = () if task.second_task is None else (Cue("second-task", task.second_task),)
        return second if task.head == "still" else (_cue(f"head-{task.head}", language), *second)
    return (_cue(f"task-{task.kind}", language),)


def _cue(
    key: str,
    language: Language,
    tone: Tone = "",
    **places: str,
) -> Cue:
    return Cue(key, said(key, language, **places), tone, speak=tone != "begin")
