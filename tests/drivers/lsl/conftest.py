"""Streams on the loopback interface, under names of their own: other programs of this machine may stream too."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from otolith.drivers.board import Cell
from otolith.drivers.lsl.outlet import Channel, Outlet
from otolith.drivers.replay.description import Description

CELLS = (Cell("FR", 200.0, 300.0), Cell("BR", 200.0, -300.0), Cell("BL", -200.0, -300.0), Cell("FL", -200.0, 300.0))


@pytest.fixture
def offered() -> Iterator[Callable[..., tuple[Outlet, str]]]:
    """Offer a stream; the outlet and its name. What is left open is closed."""
    pytest.importorskip("pylsl", reason="no pylsl: pip install 'otolith[lsl]'")
    made: list[Outlet] = []

    def offer(
        labels: str, *, units: str = "", rate: float = 125.0, irregular: str | None = None, described: bool = True
    ) -> tuple[Outlet, str]:
        name = f"test {uuid4().hex}"
        named = labels.split()
        channels = [Channel(label, unit, "Force") for label, unit in zip(named, units.split(",") * 99, strict=False)]
        cells = CELLS if described else ()
        about = Description(name=name, rate=rate, irregular=irregular, cells=cells, simulated=True)
        made.append(Outlet(name, "Test", name, channels, about))
        return made[-1], name

    yield offer
    for outlet in made:
        outlet.close()
