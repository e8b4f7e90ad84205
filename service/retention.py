"""Keeps the continuous journal within its share of the disk."""

import asyncio

import structlog

from otolith.service.errors import ServiceError
from otolith.service.shared import Shared

log = structlog.get_logger()


async def retain(shared: Shared) -> None:
    """Delete the oldest closed segments of mode ``always`` beyond ``keep_mb``; what cannot be deleted is a fault."""
    keep = round(shared.config.recording.keep_mb * 1e6)
    try:
        for row in await shared.store.recordings.beyond(keep):
            await asyncio.to_thread((shared.folder / row.path).unlink, missing_ok=True)
            await shared.store.recordings.delete(row.id)
            await shared.store.audit.append(by="station", action="recording-expired", subject=row.id)
        await shared.faults.clear("retention")
    except (OSError, ServiceError) as error:
        log.warning("old recordings cannot be deleted", error=str(error))
        await shared.faults.raise_("retention", f"old recordings cannot be deleted: {error}")
