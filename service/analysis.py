"""Whole recordings into published figures: read, cut, bridge, recipe, registry."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from otolith.drivers.board import Cell, triangular
from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.c3d.file import C3dFile
from otolith.drivers.replay.recording import Column, Recording
from otolith.drivers.replay.trial import read_recording
from otolith.dsp import _cop
from otolith.dsp.gaps import Bridged, bridge, spread
from otolith.dsp.metrics.metric import Figure, Metric, MetricRefused, measure
from otolith.dsp.metrics.registry import chosen
from otolith.dsp.picture import Picture, picture
from otolith.dsp.recipes import DEFAULT, Recipe, recipe_named
from otolith.dsp.trace import Trace
from otolith.service.circumstances import NOTHING, Circumstances
from otolith.service.platforms import compose
from otolith.service.wrenches import resolve

UNLOADED = 20.0
"""N; below it nobody stands on the plate and the position means nothing."""
FAR = 1e6
"""mm, and N; beyond, a position or a force is damage."""
LOST = 10_000_000
"""Samples in a gap that no memory is taken for; more than a day at 100 Hz."""
POOL_FROM = 16
"""Files from which worker processes are worth their start."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with each file."""

    columns: Mapping[str, str] | None = None
    units: str | None = None
    """Length unit of the file's CoP columns and of the figures; without it, the file's labels and mm."""
    rate: float | None = None
    segment: tuple[float, float] | None = None
    """Seconds from the first row."""
    recipe: str = DEFAULT
    metrics: str = "core"
    """Name of a set."""
    plate: int | None = None
    """Number of a force platform, from 1; all of them together without it."""
    stream: str | None = None
    """Name or type of a stream, where a file holds several."""
    pictures: bool = False
    """Compute what a picture of each trial needs, too."""
    circumstances: Circumstances = NOTHING


@dataclass(frozen=True, slots=True)
class Analysis:
    """The figures of one recording, and what made them."""

    file: str
    rate_hz: float
    """Of the recording."""
    n: int
    """Samples of the recording that went in."""
    recipe: str
    trace_rate_hz: float
    """Of the trace that the recipe made, on which everything was measured."""
    trace_n: int
    metrics: dict[str, Figure]
    refused: dict[str, str]
    """Metric id -> why this trace is not enough for it."""
    warnings: tuple[str, ...]
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that gave no figures, and why."""

    file: str
    error: str


def analyse(path: Path, plan: Plan) -> Analysis:
    """Every metric of the plan for one file. Raises RecordingError; the plan's names must be known."""
    recording = _read(path, plan)
    if plan.segment is not None:
        recording = recording.segment(*plan.segment)
    try:
        return figures(
            recording,
            recipe_named(plan.recipe),
            chosen(plan.metrics),
            plan.units or "mm",
            plan.circumstances,
            pictures=plan.pictures,
        )
    except ValueError as error:
        raise error if isinstance(error, RecordingError) else RecordingError(f"{path}: {error}") from error


def analyse_all(paths: Sequence[Path], plan: Plan) -> Iterator[Analysis | Unreadable]:
    """One result per file, in order; a bad file stops nothing. Many files share the machine's cores."""
    job = partial(_analysis_or_reason, plan=plan)
    workers = min(os.cpu_count() or 1, len(paths))
    if len(paths) < POOL_FROM or workers == 1:
        yield from map(job, paths)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(job, paths, chunksize=4)


def figures(
    recording: Recording,
    recipe: Recipe,
    metrics: Sequence[Metric],
    unit: str,
    about: Circumstances = NOTHING,
    *,
    pictures: bool = False,
) -> Analysis:
    """Measure a recording by a recipe. Raises ValueError where the recording does not allow it."""
    t, whole = _positions(recording, recipe)
    trace = recipe.function(t, whole.ml, whole.ap, recording.rate)
    if recording.shear is not None and recipe.even:
        known = ~np.isnan(_loaded(recording)[0]) & (np.abs(recording.shear) < FAR).all(axis=1)
        shear = _even(recording, *np.where(known, recording.shear.T, np.nan))
        trace = trace.with_force(recipe.function(t, shear.ml, shear.ap, recording.rate))
    trace = about.around(trace, recording, recipe, lambda other: _trace(other, recipe))
    measured: dict[str, Figure] = {}
    refused: dict[str, str] = {}
    for metric in metrics:
        try:
            measured[metric.id] = measure(metric, trace, unit)
        except MetricRefused as reason:
            refused[metric.id] = str(reason)
    return Analysis(
        file=recording.source,
        rate_hz=recording.rate,
        n=len(recording),
        recipe=recipe.name,
        trace_rate_hz=trace.rate,
        trace_n=len(trace),
        metrics=measured,
        refused=refused,
        warnings=(*recording.notes, *_warnings(recording, recipe, whole)),
        picture=picture(trace) if pictures else None,
    )


def _read(path: Path, plan: Plan) -> Recording:
    found = read_recording(path, plan.columns, plan.units, plan.rate, plan.stream)
    if isinstance(found, C3dFile):
        return compose(found, plan.plate, plan.columns, plan.rate, plan.units)
    if plan.plate is not None:
        raise RecordingError(f"{path}: --plate chooses a force platform of a C3D file, and this is none")
    return resolve(found, UNLOADED) if found.plates and found.ml is None else found


def _trace(recording: Recording, recipe: Recipe) -> Trace:
    t, whole = _positions(recording, recipe)
    return recipe.function(t, whole.ml, whole.ap, recording.rate)


def _analysis_or_reason(path: Path, plan: Plan) -> Analysis | Unreadable:
    try:
        return analyse(path, plan)
    except RecordingError as error:
        return Unreadable(str(path), str(error))


def _positions(recording: Recording, recipe: Recipe) -> tuple[Column, Bridged]:
    """Times and whole positions, as the recipe needs them: on the even grid, or as they came."""
    ml, ap = _loaded(recording)
    if not recipe.even:
        return _as_they_came(recording, ml, ap)
    if recording.irregular:
        raise RecordingError(
            f"{recording.source}: {recording.irregular}, and the recipe {recipe.name} needs an even rate:"
            f" use --recipe quijoux25, which resamples"
        )
    whole = _even(recording, ml, ap)
    return np.arange(len(whole.ml)) / recording.rate, whole


def _as_they_came(recording: Recording, ml: Column, ap: Column) -> tuple[Column, Bridged]:
    """For a recipe that resamples, which bridges by itself; what is missing is counted all the same."""
    good = np.flatnonzero(np.isfinite(ml) & np.isfinite(ap))
    if len(good) == 0:
        raise RecordingError(f"{recording.source}: no sample holds a position")
    first, end = int(good[0]), int(good[-1]) + 1
    absent = end - first - len(good) + sum(gap.missed for gap in recording.gaps if first < gap.index < end)
    return recording.t[good], Bridged(ml[good], ap[good], first, len(ml) - end, absent)


def _even(recording: Recording, ml: Column, ap: Column) -> Bridged:
    """Both axes on the even grid, short gaps bridged. Raises ValueError for a long one."""
    missed = np.zeros(len(recording), dtype=np.int64)
    for gap in recording.gaps:
        if gap.missed > LOST:
            raise ValueError(f"{gap.missed} samples are missing at {gap.seconds:.3f} s: is a time wrong?")
        missed[gap.index] = gap.missed
    return bridge(spread(ml, missed), spread(ap, missed), recording.rate)


def _loaded(recording: Recording) -> tuple[Column, Column]:
    """CoP in mm, NaN wherever the vertical force is known and nobody stands, and where no board can reach."""
    ml, ap = _standing(recording)
    far = ~((np.abs(ml) < FAR) & (np.abs(ap) < FAR))
    return np.where(far, np.nan, ml), np.where(far, np.nan, ap)


def _standing(recording: Recording) -> tuple[Column, Column]:
    if recording.loads is not None and recording.cells and recording.ml is None:
        return _from_cells(recording.loads, recording.cells)
    if recording.ml is None or recording.ap is None:
        raise RecordingError(f"{recording.source}: the recording has no CoP: name its columns, ml and ap")
    if recording.force is None:
        return recording.ml, recording.ap
    empty = ~(np.abs(recording.force) > UNLOADED)
    return np.where(empty, np.nan, recording.ml), np.where(empty, np.nan, recording.ap)


def _from_cells(loads: Column, cells: Sequence[Cell]) -> tuple[Column, Column]:
    """CoP in mm of the loads of vertical cells ``(n, k)``; ValueError where they have none."""
    if not triangular(cells):
        raise ValueError(f"this board has no centre of pressure: it measures {len(cells)} vertical forces")
    force, cop = np.empty(len(loads)), np.empty((2, len(loads)))
    x, y = np.array([cell.x for cell in cells]), np.array([cell.y for cell in cells])
    _cop.cells(loads, x, y, UNLOADED, force, cop.T)
    return cop[0], cop[1]


def _warnings(recording: Recording, recipe: Recipe, whole: Bridged) -> tuple[str, ...]:
    seconds = len(recording) / recording.rate
    said = (
        (whole.first + whole.last, f"{whole.first} samples at the start and {whole.last} at the end hold no position"),
        (whole.filled, f"{whole.filled} missing samples were interpolated"),
        (seconds < recipe.seconds, f"{seconds:g} s is short: {recipe.name} asks for {recipe.seconds:g} s"),
        (recording.rate < recipe.rate, f"{recording.rate:g} Hz is slow: {recipe.name} asks for {recipe.rate:g} Hz"),
    )
    return tuple(sentence for applies, sentence in said if applies)
