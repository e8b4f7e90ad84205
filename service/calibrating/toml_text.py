"""Plain values as TOML text; the standard library only reads it."""

import json
from collections.abc import Mapping
from typing import Any


def toml_text(content: Mapping[str, Any]) -> str:
    """Tables of text, numbers, lists, tables, and lists of tables; reads back equal. Keys are plain words."""
    return "\n".join(_table(content, "")).lstrip("\n") + "\n"


def _table(content: Mapping[str, Any], path: str) -> list[str]:
    lines = [f"{key} = {_value(value)}" for key, value in content.items() if not _nested(value)]
    for key, value in content.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            lines += ["", f"[{name}]", *_table(value, name)]
        elif _nested(value):
            for one in value:
                lines += ["", f"[[{name}]]", *_table(one, name)]
    return lines


def _nested(value: object) -> bool:
    """Whether it is written under a header of its own."""
    return isinstance(value, Mapping) or (
        isinstance(value, list | tuple) and bool(value) and isinstance(value[0], Mapping)
    )


def _value(value: Any) -> str:  # noqa: ANN401 - any plain value
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value)
