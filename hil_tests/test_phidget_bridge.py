"""What only a BTrackS board (Phidget Bridge 1046) does; the rest is in the scenarios."""

import pytest

from otolith.drivers.rig.bench import Bench


@pytest.mark.parametrize(("rev", "rate", "unit"), [(0, 125, "count"), (1, 1000, "V/V")])
async def test_says_who_it_is(bench: Bench, rev: int, rate: float, unit: str) -> None:
    plugged = bench.plug("btracks", rev=rev, serial=4711, turn=90)
    info = (await plugged.open()).info
    assert (info.family, info.serial, info.id) == ("phidget_bridge", "4711", "phidget-bridge-4711")
    assert (info.rate, info.unit, info.simulated) == (rate, unit, True)
    assert info.model == f"BTrackS (Phidget Bridge 1046_{rev})"
    assert [(cell.name, cell.x, cell.y) for cell in info.cells] == [
        ("FR", 300.0, -200.0),
        ("BR", -300.0, -200.0),
        ("BL", -300.0, 200.0),
        ("FL", 300.0, 200.0),
    ]
    assert info.moniker == plugged.moniker
