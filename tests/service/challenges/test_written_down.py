"""What is written down is so: the page of the machine, the example of the docs, the words of every language."""

import re
import string
from pathlib import Path
from typing import get_args

import pytest

from otolith.service.challenges.challenge import Eyes, Stance, SurfaceKind
from otolith.service.challenges.cues import FOLDER, LANGUAGES, Language, words
from otolith.service.challenges.diagram import page
from otolith.service.challenges.file import load_challenge
from otolith.service.challenges.tasks import Stand, Task
from otolith.service.errors import ChallengeError

DOCS = Path(__file__).parents[3] / "docs"
CODE = Path(__file__).parents[3] / "service" / "challenges" / "cues.py"


def example() -> str:
    text = (DOCS / "challenges.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    return str(found)


def test_the_page_of_the_machine_is_current() -> None:
    written = (DOCS / "reference" / "machine.md").read_text(encoding="utf-8")
    assert written == page(), "run: python -m otolith.service.challenges.diagram > docs/reference/machine.md"


def test_the_example_is_a_challenge(tmp_path: Path) -> None:
    path = tmp_path / "example.toml"
    path.write_text(example(), encoding="utf-8")
    found = load_challenge(path)
    assert [one.id for one in found.conditions] == ["eo", "ec"]
    assert found.conditions[1].validity.leave_mm == 60.0


def test_every_mistake_of_a_file_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    text = example().replace("redo_limit = 2", "redo_limit = 99").replace('eyes = "closed"', 'eyes = "shut"')
    path.write_text(text.replace("leave_mm = 60", "leave_m = 60"), encoding="utf-8")
    with pytest.raises(ChallengeError) as raised:
        load_challenge(path)
    lines = str(raised.value).splitlines()
    assert len(lines) == 3
    for name, one in zip(("redo_limit", "eyes", "leave_m"), lines, strict=True):
        (number,) = re.findall(r"bad\.toml, line (\d+)", one)
        assert name in path.read_text(encoding="utf-8").splitlines()[int(number) - 1]
        assert name in one


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word_with_its_places(language: Language) -> None:
    def places(text: str) -> set[str | None]:
        return {field for _, field, _, _ in string.Formatter().parse(text) if field}

    english, own = words("en"), words(language)
    assert own.keys() == english.keys()
    assert {key: places(text) for key, text in own.items()} == {key: places(text) for key, text in english.items()}
    assert (FOLDER / f"{language}.toml").is_file()


def test_everything_that_can_be_said_has_words() -> None:
    kinds = {kind.model_fields["kind"].default for kind in get_args(get_args(Task)[0])} - {"stand"}
    heads = set(get_args(Stand.model_fields["head"].annotation)) - {"still"}
    made = (
        {f"stance-{one}" for one in Stance}
        | {f"{before}eyes-{one}" for one in Eyes for before in ("", "will-")}
        | {f"surface-{one}" for one in SurfaceKind}
        | {f"task-{one}" for one in kinds}
        | {f"head-{one}" for one in heads}
    )
    plain = set(re.findall(r'\(\("([a-z-]+)", "[a-z]*"\)', CODE.read_text(encoding="utf-8")))
    assert "step-on" in plain
    assert made | plain | {"countdown", "practice", "open-eyes", "well-done"} <= words("en").keys()
