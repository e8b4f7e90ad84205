"""The boards of an endurance run: twins whose every sample can be told from every other one."""

import asyncio
import json
import sys
from collections import deque
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.calibration import Calibration
from otolith.drivers.ofp.twin import PlateTwin
from otolith.drivers.ofp.twin.design import Design, six_components
from otolith.drivers.rig import Rig
from otolith.drivers.twinning import Sampled
from otolith.drivers.wii.codec.block import Block
from otolith.drivers.wii.twin import Body, DolphinBar, factory_block

PERIOD: Final = 8192
"""Samples after which the loads come again: a loss or repetition of fewer is seen, whatever is numbered."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A load source of ``PERIOD`` rows that all differ, one per sample, the same for the same seed."""

    rate: float
    seed: int
    lowest: tuple[float, ...]
    span: tuple[float, ...]
    table: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        """Draw the rows."""
        share = np.random.default_rng(self.seed).random((PERIOD, len(self.span)))
        object.__setattr__(self, "table", np.array(self.lowest) + np.array(self.span) * share)

    def loads(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, k)`` at ``t`` seconds; a sample may be late by less than its period."""
        rows: NDArray[np.float64] = self.table[np.floor(t * self.rate + 1e-6).astype(np.int64) % PERIOD]
        return rows


@dataclass(frozen=True, slots=True)
class Member:
    """A board of the crowd: its id at the station, and what it sends."""

    id: str
    rate: float
    rows: Rows
    calibration: Calibration
    range: tuple[int, int]

    def counts(self) -> NDArray[np.float64]:
        """``(PERIOD, k)``: what the station has to deliver, over and over."""
        rounded = np.clip(np.rint(self.calibration.counts(self.rows.table)), *self.range)
        return rounded + 0.0  # no board sends a negative zero, and rows are compared byte by byte


def _plate(serial: int) -> tuple[Member, Design]:
    plan = six_components(serial)
    rows = Rows(1000.0, serial, (-40.0, -40.0, 500.0, -9e4, -9e4, -9e3), (80.0, 80.0, 300.0, 18e4, 18e4, 18e3))
    return Member(f"ofp-{serial}", 1000.0, rows, plan.calibration, (PlateTwin.BOTTOM, PlateTwin.TOP)), plan


def _wii(serial: int) -> tuple[Member, Block]:
    block = factory_block(serial)
    rows = Rows(100.0, serial, (50.0,) * 4, (250.0,) * 4)
    limits = (DolphinBar.BOTTOM, DolphinBar.TOP)
    return Member(f"wii-{block.checksum:08x}", 100.0, rows, block.calibration(), limits), block


def members(plates: int, boards: int) -> list[Member]:
    """So many OFP plates of six components at 1 kHz, and so many Wii boards."""
    return [_plate(100 + n)[0] for n in range(plates)] + [_wii(200 + n)[0] for n in range(boards)]


def twins(plates: int, boards: int) -> list[Sampled]:
    """The same, in the same order."""
    made: list[Sampled] = []
    for n in range(plates):
        member, plan = _plate(100 + n)
        made.append(PlateTwin(member.rows, plan))
    for n in range(boards):
        member, block = _wii(200 + n)
        made.append(DolphinBar(member.rows, Body(block), calibration=block.calibration()))
    for twin in made:
        twin.sent = deque(maxlen=0)  # what they send is known; nobody asks them
    return made


async def serve(plates: int, boards: int) -> None:
    """Export the twins over USB/IP, say their monikers on standard output, and end with standard input."""
    async with Rig() as rig:
        monikers = [rig.moniker(rig.add(twin)) for twin in twins(plates, boards)]
        sys.stdout.write(json.dumps(monikers) + "\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(*map(int, sys.argv[1:3])))
