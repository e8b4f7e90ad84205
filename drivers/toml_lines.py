"""On which line of a TOML file a value stands; the standard parser does not tell."""

import re
import tomllib

Key = tuple[str | int, ...]
"""Names of tables and keys, numbers of an array's tables: pydantic's ``loc``, and what a path of msgspec says."""
HEADER = re.compile(r"\s*(\[\[?)(.+?)\]\]?\s*(?:#.*)?")


def lines_of(text: str) -> dict[Key, int]:
    """The line (from 1) of every table and key of a well-formed file; the inside of a value has its key's."""
    lines = text.splitlines()
    found: dict[Key, int] = {}
    table: Key = ()
    at = 0
    while at < len(lines):
        number, end = at + 1, at + 1
        if (header := HEADER.fullmatch(lines[at])) and "=" not in header[2]:
            table = _table(header[1] == "[[", header[2], found)
            found[table] = number
        elif lines[at].strip() and not lines[at].lstrip().startswith("#"):
            statement, end = _statement(lines, at)
            found.update((table + key, number) for key in _keys(statement))
        at = end
    return found


def nearest(found: dict[Key, int], key: Key) -> int | None:
    """The line of a key, or of the closest thing around it."""
    return next((found[key[:n]] for n in range(len(key), 0, -1) if key[:n] in found), None)


def _statement(lines: list[str], at: int) -> tuple[dict[str, object], int]:
    """The assignment that begins on a line, however many it takes, and the line after it."""
    for end in range(at + 1, len(lines) + 1):
        try:
            return tomllib.loads("\n".join(lines[at:end])), end
        except tomllib.TOMLDecodeError:
            continue
    return {}, len(lines)


def _keys(content: dict[str, object]) -> list[Key]:
    """Every path into nested tables."""
    paths: list[Key] = []
    for name, value in content.items():
        paths.append((name,))
        if isinstance(value, dict):
            paths += [(name, *rest) for rest in _keys(value)]
    return paths


def _table(many: bool, header: str, found: dict[Key, int]) -> Key:  # noqa: FBT001 - one use, just above
    """The path that a header opens; within an array of tables, in its newest."""
    path: Key = ()
    names = list(_keys(tomllib.loads(f"[{header}]"))[-1])
    for name in names:
        path = (*path, name)
        last = max((key[-1] for key in found if key[:-1] == path and isinstance(key[-1], int)), default=None)
        if last is not None and not (many and name is names[-1]):
            path = (*path, last)
        elif many and name is names[-1]:
            path = (*path, 0 if last is None else int(last) + 1)
    return path
