"""The question after a set, in the terminal."""

import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

import typer

from otolith.api.cli.failure import BAD_USE, CommandFailed
from otolith.service.challenges.cues import Language
from otolith.service.programs.explain import sentences

WORST: Final = 10.0


def asked(symptoms: Iterable[str], language: Language) -> Mapping[str, float]:
    """Blocks until each is answered with a number from 0 to 10. Raises CommandFailed where nobody answers any more."""
    words = sentences(language)
    return {name: _number(words[name]) for name in symptoms}


def _number(symptom: str) -> float:
    """Asked on standard error to its last letter: standard output may be JSON, which ``typer.prompt`` would spoil."""
    while True:
        typer.echo(f"{symptom}, 0 (none) to {WORST:g}: ", nl=False, err=True)
        line = sys.stdin.readline()
        if not line:
            raise CommandFailed(BAD_USE, "nobody answered; the question comes first at the next visit")
        with suppress(ValueError):
            answer = float(line.replace(",", "."))
            if 0.0 <= answer <= WORST:
                return answer
        typer.echo(f"{line.strip()!r} is no number from 0 to {WORST:g}", err=True)
