import io

from rich.console import Console

from otolith.api.cli.challenge_screen import BEFORE, Screen
from otolith.service.challenges.agenda import agenda
from otolith.service.challenges.catalogue import catalogue
from otolith.service.challenges.machine import Standing, allowed
from otolith.service.challenges.phases import OPERATOR


def drawn(screen: Screen) -> str:
    console = Console(width=100, file=io.StringIO(), record=True)
    console.print(screen.panel())
    return console.export_text()


def test_before_anything_has_happened_the_screen_says_how_to_begin() -> None:
    text = drawn(Screen("Romberg"))
    assert "Enter begin" in text
    assert "x stop" in text
    assert "idle" in text


def test_it_offers_what_the_machine_takes_then() -> None:
    challenge = catalogue().challenges["romberg"]
    assert set(BEFORE) == allowed(Standing(agenda(challenge), challenge.redo_limit)) & OPERATOR
