"""What is plugged in around a station: boards that are waited for are woken, those that nobody configured are told."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import aclosing
from typing import Any

from otolith.drivers.errors import MonikerError
from otolith.drivers.lookout import HERE, Place, answers, is_told, place_of
from otolith.drivers.opening import Sighting
from otolith.service.state import BoardPhase, SeenBoard
from otolith.service.supervision import Supervisor

Lookout = Callable[[Place], AsyncGenerator[list[Sighting], None]]
"""``otolith.drivers.lookout.sightings_at`` or a twin of it."""


class Outlook:
    """Of the boards of one station: what stands at this machine's ports, and at the servers its configuration names."""

    def __init__(self, supervisors: Iterable[Supervisor], lookout: Lookout) -> None:
        self._lookout = lookout
        self._seen: dict[Place, list[Sighting]] = {}
        self._supervisors = [(supervisor, _place(supervisor)) for supervisor in supervisors]
        for supervisor, place in self._supervisors:
            supervisor.watched = place is not None and is_told(supervisor.config.moniker)

    def watches(self, changed: Callable[[], Awaitable[None]]) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        """A name and a task for each place where somebody has to look; they end by cancellation.

        ``changed`` is called when what is not configured changes.
        """
        for place in {HERE, *(place for _, place in self._supervisors if place)}:
            yield f"lookout at {place.host or 'this machine'}", self._watch(place, changed)

    def unconfigured(self) -> tuple[SeenBoard, ...]:
        """Boards that are plugged in, and that the configuration does not name."""
        monikers = [supervisor.config.moniker for supervisor, place in self._supervisors if place]
        return tuple(
            SeenBoard(sighting.moniker, sighting.model, sighting.serial, str(sighting.problem or ""))
            for sightings in self._seen.values()
            for sighting in sightings
            if not any(answers(sighting, moniker) for moniker in monikers)
        )

    async def _watch(self, place: Place, changed: Callable[[], Awaitable[None]]) -> None:
        async with aclosing(self._lookout(place)) as views:
            async for sightings in views:
                before = self.unconfigured()
                self._seen[place] = sightings
                self._wake(place, sightings)
                if self.unconfigured() != before:
                    await changed()

    def _wake(self, place: Place, sightings: list[Sighting]) -> None:
        for supervisor, its_place in self._supervisors:
            waits = supervisor.state().phase is not BoardPhase.STREAMING
            if waits and its_place == place and any(answers(one, supervisor.config.moniker) for one in sightings):
                supervisor.wake()


def _place(supervisor: Supervisor) -> Place | None:
    try:
        return place_of(supervisor.config.moniker)
    except MonikerError:  # its supervisor says so
        return None
