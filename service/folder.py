"""The station's folder belongs to one running station at a time."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from otolith.service.errors import StoreError


@asynccontextmanager
async def claimed(folder: Path) -> AsyncIterator[None]:
    """Make the folder, readable by its owner alone, and hold it. Raises StoreError."""
    lock = await asyncio.to_thread(_claim, folder)
    try:
        yield
    finally:
        os.close(lock)


def _claim(folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"the folder {folder} cannot be used: {error.strerror or error}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise StoreError(f"the folder {folder} is in use by another running station") from error
    return lock
