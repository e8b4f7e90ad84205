"""The catalogue of journals."""

from otolith.service.store.rows import Page, RecordingRow


class Recordings:
    """Add, close, find."""

    async def add(self, row: RecordingRow) -> None:
        """Enter a journal that was opened."""
        raise NotImplementedError

    async def close(self, recording_id: str, *, ended: str, reason: str, samples: int, size: int) -> RecordingRow:
        """Note how it ended. Raises UnknownRecording."""
        raise NotImplementedError

    async def get(self, recording_id: str) -> RecordingRow:
        """One entry. Raises UnknownRecording."""
        raise NotImplementedError

    async def list(self, *, cursor: str | None = None, limit: int = 50, board: str | None = None) -> Page[RecordingRow]:
        """Newest first. Raises ValueError where the cursor is not one of ours."""
        raise NotImplementedError

    async def delete(self, recording_id: str) -> None:
        """Forget an entry; the file is the caller's. Raises UnknownRecording."""
        raise NotImplementedError
