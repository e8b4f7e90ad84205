"""Why, in three languages, with the numbers."""

import re
import string
from collections.abc import Callable
from typing import Any, get_args

import pytest

from otolith.service.challenges.cues import LANGUAGES, Language
from otolith.service.programs.explain import explain, sentences
from otolith.service.programs.ladder import Decision, Holds, Outcome, Place, SetDone, decide
from otolith.service.programs.program import Axis, Program, Symptoms

WELL = {"dizziness": 0.0, "pain": 0.0, "nausea": 0.0, "fatigue": 0.0}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_language_has_the_same_sentences_with_the_same_numbers() -> None:
    english = sentences("en")
    for language in LANGUAGES:
        found = sentences(language)
        assert {key: places(text) for key, text in found.items()} == {k: places(text) for k, text in english.items()}
    asked = get_args(get_args(Symptoms.model_fields["asked"].annotation)[0])
    assert set(asked) <= set(english)


def done(*scores: float, rung: str = "open", **changes: Any) -> list[SetDone]:
    values: dict[str, Any] = {"rung": rung, "at": "", "valid": True, "fell": False, "held_s": 30.0, "symptoms": WELL}
    return [SetDone(id=f"t{n}", score=score, **(values | changes)) for n, score in enumerate(scores)]


FIRM = {
    "en": "The score would be enough, but an unstable surface needs more than 15 s of standing still on firm ground: "
    "eyes open 20 s, eyes closed 3 s so far.",
    "de": "Die Wertung würde reichen, aber ein instabiler Untergrund verlangt mehr als 15 s ruhiges Stehen auf festem "
    "Grund: bisher Augen offen 20 s, geschlossen 3 s.",
    "fr": "Le score suffirait, mais une surface instable demande plus de 15 s immobile sur sol ferme : "
    "yeux ouverts 20 s, yeux fermés 3 s jusqu'ici.",
}
SAID: list[tuple[str, list[SetDone], dict[str, str]]] = [
    (
        "open",
        done(90, 70, 85, 80),
        {
            "en": "3 of the last 4 sets reached 80 %; no symptoms; next: the same with eyes closed.",
            "de": "3 der letzten 4 Sätze erreichten 80 %; keine Beschwerden; "
            "als Nächstes: dasselbe mit geschlossenen Augen.",
            "fr": "3 des 4 dernières séries ont atteint 80 % ; aucun symptôme ; ensuite : pareil, yeux fermés.",
        },
    ),
    (
        "open",
        done(90, 90, 90, symptoms=WELL | {"fatigue": 0.5}),
        {
            "en": "3 of the last 3 sets reached 80 %; fatigue 0.5 of 10 at most; next: the same with eyes closed.",
            "de": "3 der letzten 3 Sätze erreichten 80 %; höchstens Müdigkeit 0,5 von 10; "
            "als Nächstes: dasselbe mit geschlossenen Augen.",
            "fr": "3 des 3 dernières séries ont atteint 80 % ; au plus fatigue 0,5 sur 10 ; "
            "ensuite : pareil, yeux fermés.",
        },
    ),
    (
        "closed",
        done(100, symptoms=WELL | {"dizziness": 5.5}),
        {
            "en": "Dizziness was 5.5 of 10, and 4 or more leads back. Next: the same with eyes open.",
            "de": "Schwindel lag bei 5,5 von 10, ab 4 geht es zurück. Als Nächstes: dasselbe mit offenen Augen.",
            "fr": "Vertige : 5,5 sur 10, et à partir de 4 on revient en arrière. Ensuite : pareil, yeux ouverts.",
        },
    ),
    ("closed", done(90, 90, 90), FIRM),
    (
        "closed",
        done(90, fell=True),
        {
            "en": "A fall leads back: first make sure that nobody is hurt. Next: the same with eyes open.",
            "de": "Ein Sturz führt zurück: zuerst sicherstellen, dass niemand verletzt ist. "
            "Als Nächstes: dasselbe mit offenen Augen.",
            "fr": "Une chute ramène en arrière : d'abord, s'assurer que personne n'est blessé. "
            "Ensuite : pareil, yeux ouverts.",
        },
    ),
    (
        "open",
        done(90, 70),
        {
            "en": "80 % or more in 1 of 2 so far; 3 of the last 4 are needed. The same again.",
            "de": "80 % oder mehr bisher in 1 von 2; nötig sind 3 der letzten 4. Noch einmal dasselbe.",
            "fr": "80 % ou plus : 1 sur 2 jusqu'ici ; il en faut 3 sur les 4 dernières. Encore une fois.",
        },
    ),
]


@pytest.mark.parametrize(("rung", "sets", "said"), SAID)
def test_the_sentence_says_what_decided_and_what_comes_next(
    program: Callable[..., Program], rung: str, sets: list[SetDone], said: dict[str, str]
) -> None:
    decision = decide(program(), Place(rung), sets, Holds(20.0, 3.0))
    assert {language: explain(decision, program(), language) for language in LANGUAGES} == said


VISIT: dict[str, tuple[Place, dict[Language, str]]] = {
    "enough": (
        Place("open", climbed=2),
        {
            "en": "The score would be enough; rungs up in this visit: 2, and 2 are the most.",
            "de": "Die Wertung würde reichen; Stufen hinauf in dieser Sitzung: 2, und 2 sind das Höchste.",
            "fr": "Le score suffirait ; échelons montés pendant cette séance : 2, et 2 est le maximum.",
        },
    ),
    "led back": (
        Place("open", led_back=True),
        {
            "en": "The score would be enough, but the ladder led back in this visit",
            "de": "Die Wertung würde reichen, aber in dieser Sitzung ging es schon zurück",
            "fr": "Le score suffirait, mais l'échelle est redescendue pendant cette séance",
        },
    ),
}


@pytest.mark.parametrize("name", VISIT)
def test_what_a_visit_allows_is_said(program: Callable[..., Program], name: str) -> None:
    place, said = VISIT[name]
    decision = decide(program(), place, done(90, 90, 90), Holds())
    for language, text in said.items():
        assert explain(decision, program(), language).startswith(text)


def test_a_plateau_is_called_one(program: Callable[..., Program]) -> None:
    decision = decide(program(), Place("open", stalled=24), done(90, 70), Holds())
    assert explain(decision, program()).startswith("24 sets without a new rung: a plateau.")
    assert explain(decision, program(), "de").startswith("24 Sätze ohne neue Stufe: ein Plateau.")
    assert explain(decision, program(), "fr").startswith("24 séries sans nouvel échelon : un palier.")


BY_HAND: dict[str, dict[str, Any]] = {
    "moved-up": {"holds": {"open_s": 20.0, "closed_s": 3.0}, "needed_s": 15.0, "unstable": True},
    "moved-down": {},
    "locked": {},
    "unlocked": {},
    "edited": {},
    "withdrawn": {},
    "enrolled": {},
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("because", BY_HAND)
def test_a_clinicians_decision_is_told_with_name_and_reason(
    program: Callable[..., Program], because: str, language: Language
) -> None:
    decision = Decision(
        Outcome.STAY, "open", "foam", "override", BY_HAND[because], because, by="ben", reason="looks safe"
    )
    said = explain(decision, program(), language)
    assert "{" not in said
    if because != "enrolled":
        assert said.startswith("Ben ")
        assert "looks safe" in said
    if because == "moved-up":
        assert re.search(r"15 s.*20 s.*3 s", said)


def test_there_is_a_sentence_for_every_axis_that_is_not_named_by_one(program: Callable[..., Program]) -> None:
    for axis in Axis:
        decision = Decision(
            Outcome.ADVANCE, "open", "foam", "error-gate", {"passed": [True], "pass_score": 80.0}, f"advance-{axis}"
        )
        assert explain(decision, program()).endswith("next: “foam”.")
