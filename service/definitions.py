"""Files that clinics write: TOML in, a checked definition out, or one sentence per mistake with file and line."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from otolith.drivers.toml_lines import Key
from otolith.service.challenges.tasks import Task
from otolith.service.config_sources import Source, read_file
from otolith.service.errors import ConfigError, ServiceError
from otolith.service.sections import Section

S = TypeVar("S", bound=Section)
_TASKS = frozenset(kind.model_fields["kind"].default for kind in get_args(get_args(Task)[0]))
"""Pydantic names the kind of task as if it were a key."""


def load_definition(
    path: Path, kind: type[S], wrong: type[ServiceError], check: Callable[[S], Iterable[tuple[Key, str]]]
) -> S:
    """What a file holds; ``check`` says what the types cannot. Raises ``wrong`` with every mistake."""
    try:
        source = read_file(path)
    except ConfigError as error:
        raise wrong(str(error)) from error
    try:
        found = kind.model_validate(source.values)
    except ValidationError as error:
        raise wrong("\n".join(_complaint(detail, source) for detail in error.errors())) from error
    if complaints := [f"{source.place(key)}: {reason}" for key, reason in check(found)]:
        raise wrong("\n".join(complaints))
    return found


def mistakes(error: ValidationError) -> str:
    """The same sentences for a definition that came from no file."""
    return "\n".join(_complaint(detail, None) for detail in error.errors())


def _complaint(detail: ErrorDetails, source: Source | None) -> str:
    at = tuple(part for part in detail["loc"] if part not in _TASKS)
    reason = "no such setting" if detail["type"] == "extra_forbidden" else detail["msg"].removeprefix("Value error, ")
    name = ".".join(str(part) for part in at)
    return ": ".join(part for part in (source.place(at) if source else None, name, reason) if part)
