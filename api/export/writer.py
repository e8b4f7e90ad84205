"""What every writer is: given blocks in order, and then closed."""

from typing import Protocol

from otolith.service.samples import Block


class Writer(Protocol):
    """Writes one recording into the file that it was made for. Whoever makes it closes it, whatever happens."""

    def add(self, block: Block) -> None:
        """The next samples. Raises OSError, and RecordingError for a value that the format cannot hold."""
        ...

    def close(self) -> None:
        """Finish the file; safe after an error, and to call twice. Raises OSError."""
        ...
