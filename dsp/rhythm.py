"""Keeping up with tones: when and how far each turn was made. Seconds, and the unit of the signal."""

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.closeness import closeness

Column = NDArray[np.float64]
IN_TIME = 0.1
"""Of the period: closer to the tone than this is in time. Own choice."""
HYSTERESIS = 0.1
"""Of the signal's range, to either side of the middle: a crossing is one that goes through all of it."""


def turns(signal: Column, rate: float, beats: Column, signs: Column, half: float) -> tuple[Column, Column]:
    """Of each beat ``(k,)`` the extreme within ``half`` seconds to either side: when, and its value; ``(k,)`` each.

    ``signs`` says which extreme: 1 the highest, -1 the lowest. NaN where the record does not hold all of that time.
    """
    when, value = np.full(len(beats), np.nan), np.full(len(beats), np.nan)
    for k, (beat, sign) in enumerate(zip(beats, signs, strict=True)):
        first, end = round((beat - half) * rate), round((beat + half) * rate)
        if first < 0 or end > len(signal) or end <= first:
            continue
        at = first + int(np.argmax(sign * signal[first:end]))
        when[k], value[k] = at / rate, signal[at]
    return when, value


def swings(signal: Column, rate: float, beats: Column, signs: Column, half: float) -> tuple[Column, Column]:
    """As :func:`turns`, of a signal about its middle; but when is that of the half cosine that fits the swing best.

    Sway while somebody waits at the end of a swing moves its extreme, and hardly its phase. NaN also for a swing to the
    other side.
    """
    when, value = turns(signal, rate, beats, signs, half)
    for k, (beat, sign) in enumerate(zip(beats, signs, strict=True)):
        if np.isnan(when[k]):
            continue
        first, end = round((beat - half) * rate), round((beat + half) * rate)
        phase = np.pi * (np.arange(first, end) / rate - beat) / (2.0 * half)
        part = sign * signal[first:end]
        along, across = float(part @ np.cos(phase)), float(part @ np.sin(phase))
        when[k] = beat + np.arctan2(across, along) * 2.0 * half / np.pi if along > 0.0 else np.nan
    return when, value


def crossings(signal: Column, level: float, rate: float) -> tuple[Column, Column]:
    """When ``signal`` ``(n,)`` crosses ``level`` for good, and with which sign; ``(k,)`` each.

    It counts once it has gone :data:`HYSTERESIS` of its range beyond, and then at the last time that it was at the
    level, by a straight line between samples: sway about the level is no crossing.
    """
    margin = HYSTERESIS * float(np.ptp(signal)) if len(signal) else 0.0
    state = np.where(signal > level + margin, 1, np.where(signal < level - margin, -1, 0))
    sure = np.flatnonzero(state)
    flips = np.flatnonzero(np.diff(state[sure]))
    when, sign = np.empty(len(flips)), np.empty(len(flips))
    for k, flip in enumerate(flips.tolist()):
        before, after = int(sure[flip]), int(sure[flip + 1])
        part = signal[before : after + 1] - level
        last = int(np.flatnonzero(np.signbit(part[:-1]) != np.signbit(part[1:]))[-1])
        when[k] = (before + last + part[last] / (part[last] - part[last + 1])) / rate
        sign[k] = state[after]
    return when, sign


def rhythm_score(errors: Column, worth: Column, period: float) -> float:
    """Percent: of each beat, how well in time it was, times what it was ``worth`` (0 to 1); a beat not met is 0."""
    marks = closeness(errors, IN_TIME * period) * np.nan_to_num(worth)
    return 100.0 * float(marks.mean()) if len(marks) else float("nan")
