from collections.abc import AsyncIterator

import pytest

from otolith.drivers.rig.bench import Bench


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with Bench() as bench:
        yield bench
