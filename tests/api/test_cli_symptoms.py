import io
import sys

import pytest

from otolith.api.cli.failure import CommandFailed
from otolith.api.cli.symptoms import asked


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_each_symptom_is_asked_for_until_the_answer_is_a_number_on_the_scale(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "11\n-1\nnan\na little\n2,5\n0\n")
    assert asked(("dizziness", "pain"), "en") == {"dizziness": 2.5, "pain": 0.0}
    out, err = capsys.readouterr()
    assert out == "", "standard output may be JSON"
    assert "'11' is no number from 0 to 10" in err
    assert err.count("0 (none) to 10") == 6


def test_it_is_asked_in_the_language_of_the_visit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "1\n")
    asked(("pain",), "de")
    assert "Schmerz" in capsys.readouterr().err


def test_where_nobody_answers_the_question_waits_for_the_next_visit(monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "")
    with pytest.raises(CommandFailed, match="at the next visit"):
        asked(("pain",), "en")
