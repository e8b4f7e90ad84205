"""The ready file: what a script needs to use a station that has just begun to serve."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec


class MqttReady(msgspec.Struct, frozen=True):
    """How to reach the broker; without an account where it is the site's own."""

    host: str
    port: int
    username: str
    password: str


class Ready(msgspec.Struct, frozen=True):
    """Everything to begin with; the token is for whoever may read the file."""

    url: str
    token: str
    mqtt: MqttReady
    boards: list[str]
    """Monikers."""


@contextmanager
def ready_file(path: Path | None, ready: Ready) -> Iterator[None]:
    """The file, whole and readable by its owner alone, while the context lasts; nothing where ``path`` is None."""
    if path is None:
        yield
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.encode(ready))
    draft.replace(path)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            path.unlink()
