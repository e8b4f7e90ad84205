"""Decisions in plain words, with the numbers that they were taken from."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from otolith.service.challenges.challenge import Surface
from otolith.service.challenges.cues import LANGUAGES, Language, spoken
from otolith.service.programs.axes import changes
from otolith.service.programs.ladder import Decision
from otolith.service.programs.program import Program

FOLDER: Final = Path(__file__).parent / "words"
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    language: tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8")) for language in LANGUAGES
}


def sentences(language: Language) -> Mapping[str, str]:
    """Every sentence, by key, with places for its numbers."""
    return _WORDS[language]


def explain(decision: Decision, program: Program, language: Language = "en") -> str:
    """Why, in one sentence; ``program`` is the ladder that it was taken from."""
    words, places = _WORDS[language], _places(decision, program, language)
    if decision.because.startswith("advance-") or decision.because == "complete":
        key = "complete" if decision.because == "complete" else "advance"
        places["gate"] = words[decision.rule].format(**places)
        places["health"] = _health(decision.inputs.get("symptoms", {}), language)
        return _sentence(words[key], places)
    return _sentence(words[_key(decision)], places)


def next_words(program: Program, before: str, after: str, language: Language) -> str:
    """What is done next: as a change of what was done, where a single thing changes, else by its name."""
    old, new = program.rung(before), program.rung(after)
    differ = set(changes(old, new))
    name = _named(program, after, language)
    if differ == {"eyes"}:
        return _WORDS[language][f"same-eyes-{new.eyes}"]
    if differ == {"surface"} and new.surface == Surface(kind=new.surface.kind):
        return _WORDS[language].get(f"same-surface-{new.surface.kind}", name)
    if differ == {"duration_s"}:
        return _WORDS[language]["same-duration"].format(seconds=_number(new.duration_s, language))
    return name


def _sentence(text: str, places: Mapping[str, str]) -> str:
    filled = text.format(**places)
    return filled[:1].upper() + filled[1:]


def _named(program: Program, rung: str, language: Language) -> str:
    name = spoken(program.rung(rung).name, language)
    return f"“{name}”" if language == "en" else f"„{name}“" if language == "de" else f"« {name} »"


def _key(decision: Decision) -> str:
    """Two words mean something else when a clinician says them, and one fall is not several."""
    if decision.because == "locked" and decision.rule == "override":
        return "locked-by-hand"
    if decision.because == "moved-up" and _early(decision.inputs):
        return "moved-up-early"
    if decision.because == "falls-back" and decision.inputs.get("falls") == 1:
        return "falls-back-one"
    return decision.because


def _early(inputs: Mapping[str, Any]) -> bool:
    held = inputs["holds"]
    return bool(inputs["unstable"]) and min(held["open_s"], held["closed_s"]) <= inputs["needed_s"]


def _places(decision: Decision, program: Program, language: Language) -> dict[str, str]:
    """Every number and name that a sentence may have a place for."""
    inputs, gate, words = decision.inputs, program.gate, _WORDS[language]
    passed, held = list(inputs.get("passed", ())), inputs.get("holds", {})
    sets = inputs.get("given", {}).get("sets", ())
    numbers = {
        "done": sum(one["valid"] for one in sets),
        "passed": sum(passed[-gate.of :]),
        "of": min(gate.of, len(passed)),
        "window": gate.of,
        "needed": gate.passed if gate.kind == "error" else gate.repetitions,
        "held_open_s": held.get("open_s", 0.0),
        "held_closed_s": held.get("closed_s", 0.0),
        **{key: value for key, value in inputs.items() if isinstance(value, int | float)},
    }
    names = {
        "symptom": words.get(str(inputs.get("symptom", "")), ""),
        "missing": ", ".join(words[name] for name in inputs.get("missing", ())),
        "name": _named(program, decision.next_rung, language),
        "next": next_words(program, decision.rung, decision.next_rung, language),
        "by": decision.by,
        "reason": decision.reason,
    }
    return {key: _number(value, language) for key, value in numbers.items()} | names


def _health(symptoms: Mapping[str, float], language: Language) -> str:
    name, worst = max(symptoms.items(), key=lambda one: one[1], default=("", 0.0))
    if not worst:
        return _WORDS[language]["well"]
    symptom = _WORDS[language][name]
    return _WORDS[language]["nearly-well"].format(symptom=symptom, worst=_number(worst, language))


def _number(value: float, language: Language) -> str:
    text = f"{round(value, 1):g}"
    return text if language == "en" else text.replace(".", ",")
