"""A station with a Wii Balance Board that grows weak, switches itself off and comes back."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from otolith.drivers.rig.bench import Bench
from otolith.service.config import Config
from otolith.service.sections import BoardConfig, RecordingConfig
from otolith.service.state import BoardPhase
from otolith.service.station import Station

Until = Callable[..., Awaitable[None]]


async def test_it_reconnects_to_a_board_that_saved_power(tmp_path: Path, until: Until) -> None:
    async with Bench() as rig:
        plugged = rig.plug("wii", "constant:700")
        boards = [BoardConfig(moniker=plugged.moniker)]
        config = Config(folder=tmp_path / "state", boards=boards, recording=RecordingConfig(mode="on_demand"))
        async with Station(config) as station:
            await until(lambda: station.boards()[0].phase is BoardPhase.STREAMING, 30.0)
            before = station.boards()[0].id
            plugged.twin.inject("battery-low")
            await until(lambda: station.boards()[0].battery == 0.0, 30.0)
            plugged.twin.inject("power-save")
            await until(lambda: station.boards()[0].phase is BoardPhase.LOST, 30.0)
            assert "press" in station.boards()[0].reason
            plugged.twin.clear()
            await until(lambda: station.boards()[0].phase is BoardPhase.STREAMING, 30.0)
            assert (station.boards()[0].id, station.boards()[0].reason) == (before, "")
