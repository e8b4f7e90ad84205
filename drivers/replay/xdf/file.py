"""One stream of an XDF file as a recording."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.description import KEY, unpacked
from otolith.drivers.replay.grid import Block, labelled
from otolith.drivers.replay.recording import Recording, described
from otolith.drivers.replay.roles import long_unit
from otolith.drivers.replay.table import LATEST, read_grid
from otolith.drivers.replay.timing import backwards, timing
from otolith.drivers.replay.xdf.survey import StreamHeader, survey

Array = NDArray[np.float64]

BREAK = 0.1
"""Seconds between two samples that are a gap, and not only a late delivery over the network."""
TIME = "time"
"""Name of the column of time stamps."""


def read_xdf(
    path: Path,
    columns: Mapping[str, str] | None = None,
    units: str | None = None,
    rate: float | None = None,
    stream: str | None = None,
    *,
    even: bool = True,
) -> Recording:
    """One stream, its channels by their labels, its time stamps synchronised; ``stream`` is its name or type.

    Time stamps that jitter are evened out between gaps of ``BREAK`` seconds, which is noted; without ``even`` only
    those that do not advance. Without ``stream`` there must be only one that holds numbers. Raises RecordingError.
    """
    header = _chosen(path, survey(path), stream)
    loaded = _load(path, header)
    if not len(loaded["time_stamps"]):
        raise RecordingError(f"{path}: the stream {header} holds no samples")
    notes = _whole(path, header, loaded)
    t, note = _times(np.asarray(loaded["time_stamps"], dtype=np.float64), header.rate, even=even)
    values = np.asarray(loaded["time_series"])
    names = (TIME, *_labels(loaded, header.channels))
    grid = Block(str(path), names, len(t), lambda i: t if i == 0 else values[:, i - 1].astype(np.float64))
    roles = None if columns is None else {"t": TIME, **columns}
    recording = described(read_grid(grid, roles, units, rate), unpacked(_said(loaded)))
    return replace(recording, notes=(*notes, *([note] if note else [])))


def _chosen(path: Path, streams: tuple[StreamHeader, ...], wanted: str | None) -> StreamHeader:
    numeric = [stream for stream in streams if stream.numeric]
    names = [s for s in numeric if wanted is not None and s.name.lower() == wanted.lower()]
    types = [s for s in numeric if wanted is not None and s.type.lower() == wanted.lower()]
    found = numeric if wanted is None else names or types
    if len(found) == 1:
        return found[0]
    there = "; ".join(map(str, numeric)) or "none with numbers"
    if wanted is not None and not found:
        raise RecordingError(f"{path}: no stream has the name or type {wanted!r}; there are: {there}")
    raise RecordingError(f"{path}: say which stream, with --stream and its name; there are: {there}")


def _load(path: Path, header: StreamHeader) -> dict[str, Any]:
    try:
        import pyxdf  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise RecordingError(f"{path}: reading XDF needs pyxdf: pip install 'otolith[xdf]'") from error
    complaints = _Complaints(logging.ERROR)
    log = logging.getLogger("pyxdf")
    log.addHandler(complaints)
    propagate, log.propagate = log.propagate, False
    try:
        streams, _ = pyxdf.load_xdf(path, [header.id], dejitter_timestamps=False, verbose=False)
    except Exception as error:  # pyxdf promises nothing about what damaged bytes raise
        raise RecordingError(f"{path}: the stream {header} is damaged: {error}") from error
    finally:
        log.propagate = propagate
        log.removeHandler(complaints)
    if complaints.said:
        raise RecordingError(f"{path}: the stream {header} is damaged: {complaints.said[0]}")
    loaded: dict[str, Any] = streams[0]
    return loaded


class _Complaints(logging.Handler):
    """pyxdf steps over damage and only logs it; the figures of what remains would not say so."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def _whole(path: Path, header: StreamHeader, loaded: Mapping[str, Any]) -> tuple[str, ...]:
    """What the stream's footer says about the samples before it. Raises RecordingError where some are lost."""
    try:
        count = int(loaded["footer"]["info"]["sample_count"][0])
    except (KeyError, IndexError, TypeError, ValueError):
        return ("the stream was never closed; it ends with the last whole chunk",)
    if count != (found := len(loaded["time_stamps"])):
        raise RecordingError(f"{path}: the stream {header} was closed after {count} samples; the file holds {found}")
    return ()


def _labels(loaded: Mapping[str, Any], channels: int) -> list[str]:
    """``label[unit]`` of every channel; its number from 1 where it has none."""
    try:
        described = loaded["info"]["desc"][0]["channels"][0]["channel"]
    except (KeyError, IndexError, TypeError):
        described = []
    said = [(channel.get("label", [None])[0], channel.get("unit", [None])[0]) for channel in described]
    said += [(None, None)] * (channels - len(said))
    return [labelled(name or str(i), long_unit(unit)) for i, (name, unit) in enumerate(said[:channels], start=1)]


def _said(loaded: Mapping[str, Any]) -> str | None:
    """Our own description of the stream, where it has one."""
    try:
        text = loaded["info"]["desc"][0][KEY][0]
    except (KeyError, IndexError, TypeError):
        return None
    return text if isinstance(text, str) else None


def _times(stamps: Array, nominal: float, *, even: bool) -> tuple[Array, str | None]:
    """Times as they are where they are even enough; else evened out between gaps, and a word about it."""
    if not (np.abs(stamps) < LATEST).all():
        return stamps, None
    t = stamps - stamps[0]
    if nominal <= 0.0 or len(t) < 3:  # noqa: PLR2004  # a line needs two and a third to err
        return t, None
    if backwards(t) is None and (not even or timing(t).irregular is None):
        return t, None
    breaks = np.flatnonzero(np.diff(t) > max(BREAK, 2.0 / nominal)) + 1
    pieces = [_line(piece, nominal) for piece in np.split(t, breaks)]
    return np.concatenate(pieces), f"the time stamps jitter; they were evened out between {len(breaks)} gaps"


def _line(t: Array, nominal: float) -> Array:
    """The straight line nearest to times; short pieces keep the nominal rate, which they cannot contradict."""
    index = np.arange(len(t), dtype=np.float64)
    centred = index - index.mean()
    step = float(np.sum(centred * t) / np.sum(centred * centred)) if len(t) > nominal else 1.0 / nominal
    line: Array = t.mean() + step * centred
    return line
