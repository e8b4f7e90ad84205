"""Frames as the messages of ``/api/v1/live``."""

import math
from collections.abc import Iterable
from dataclasses import fields
from typing import Final

import numpy as np

from otolith.api.messages import Trace
from otolith.dsp.sway import Sway
from otolith.service.frame import Frame

MAX_SAMPLES: Final = 2000
"""Samples in one trace message; a reader that was away gets several."""


def trace_of(frames: Iterable[Frame]) -> list[Trace]:
    """The frames of one board as traces: consecutive ones joined, a new one at each gap and each full message."""
    traces: list[Trace] = []
    run: list[Frame] = []
    for frame in frames:
        if run and (frame.missed or frame.seq != run[-1].seq + len(run[-1]) or sum(map(len, run)) >= MAX_SAMPLES):
            traces.append(_joined(run))
            run = []
        run.append(frame)
    return [*traces, _joined(run)] if run else traces


def _joined(run: list[Frame]) -> Trace:
    t = np.concatenate([frame.t for frame in run])
    cop = np.round(np.concatenate([frame.smooth for frame in run]), 4)
    return Trace(
        board=run[0].board,
        seq=run[0].seq,
        missed=run[0].missed,
        t0=int(t[0]) / 1e9,
        t=np.round((t - t[0]) / 1e9, 6).tolist(),
        x=cop[:, 0].tolist(),
        y=cop[:, 1].tolist(),
        force=np.round(np.concatenate([frame.force for frame in run]), 3).tolist(),
        loads=np.round(np.concatenate([frame.loads for frame in run]), 3).tolist(),
        flags=np.concatenate([frame.flags for frame in run]).tolist(),
        left=_left(run),
    )


def _left(run: list[Frame]) -> list[float | None]:
    shares = [share for frame in run if (share := frame.left_percent) is not None]
    left: list[float | None] = np.round(np.concatenate(shares), 2).tolist() if shares else []
    return left


def figures_of(sway: Sway) -> dict[str, float | None]:
    """The figures by name; None where there is none."""
    values = {field.name: float(getattr(sway, field.name)) for field in fields(sway)}
    return {name: value if math.isfinite(value) else None for name, value in values.items()}
