"""Closes the books of recordings whose station died: what their journals still have, in the catalogue."""

import asyncio
from collections.abc import Iterable

import structlog

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.journal import Journal
from otolith.service.shared import Shared
from otolith.service.store import RecordingRow

log = structlog.get_logger()


async def close_interrupted(shared: Shared, rows: Iterable[RecordingRow]) -> None:
    """Note what was recovered of each; a journal that cannot be read keeps its file and says so."""
    for row in rows:
        reason, samples, size = await asyncio.to_thread(_inspect, shared, row)
        log.warning("recording was interrupted", recording=row.id, reason=reason, samples=samples)
        await shared.store.recordings.close(row.id, ended=shared.now(), reason=reason, samples=samples, size=size)
        await shared.tell("recording-recovered", row.board, f"recording {row.id}: {samples} samples recovered")


def _inspect(shared: Shared, row: RecordingRow) -> tuple[str, int, int]:
    path = shared.folder / row.path
    try:
        return "interrupted", Journal(path).recovery.samples, path.stat().st_size
    except RecordingError:
        return ("unreadable", 0, path.stat().st_size) if path.exists() else ("missing", 0, 0)
