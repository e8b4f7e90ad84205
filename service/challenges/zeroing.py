"""The zero of the empty board, while a run waits for it."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from otolith.drivers.errors import DriverError
from otolith.service.challenges.stage import Stage, ZeroReading
from otolith.service.errors import ServiceError, TareRefused

CLEARED_S: Final = 1.0
"""Between the last foot leaving the board and its zero."""
PATIENCE: Final = 5
"""Refused zeros before a run without an operator gives up."""


@dataclass(slots=True)
class Zeroing:
    """At most one zero under way."""

    stage: Stage
    refusals: int = 0
    """In a row."""
    _task: asyncio.Task[ZeroReading] | None = field(default=None, init=False)

    @property
    def done(self) -> bool:
        """There is an answer to be collected."""
        return self._task is not None and self._task.done()

    @property
    def hopeless(self) -> bool:
        """It was refused too often in a row for nobody to look."""
        return self.refusals > PATIENCE

    def begin(self, seconds: float) -> None:
        """Measure from now on."""
        self._task = asyncio.create_task(self.stage.take_zero(seconds), name=f"zero of {self.stage.board}")

    def collect(self) -> ZeroReading:
        """The answer. Raises TareRefused, RuntimeError where there is none."""
        task, self._task = self._task, None
        if task is None:
            raise RuntimeError("no zero is under way")
        self.refusals += 1
        if task.cancelled():
            raise TareRefused("the zero was interrupted")
        try:
            reading = task.result()
        except (OSError, DriverError, ServiceError) as error:
            raise TareRefused(str(error)) from error
        self.refusals = 0
        return reading

    def drop(self) -> None:
        """Give it up."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
