"""The figures of a trace from their definitions, the whole window at once."""

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.sway import Sway

Array = NDArray[np.float64]


def sway(trace: Array, rate: float) -> Sway:
    """Figures of a trace ``(n, 2)``, n > 2 valid samples; NaN rows break the path and count for nothing else."""
    valid = trace[np.isfinite(trace).all(axis=1)]
    n, (mean_ml, mean_ap) = len(valid), valid.mean(axis=0)
    seconds = n / rate
    centred = valid - valid.mean(axis=0)
    path = float(np.nansum(np.hypot(*np.diff(trace, axis=0).T)))
    distance = np.hypot(*centred.T).mean()
    rms_ml, rms_ap = np.sqrt((centred**2).mean(axis=0))
    range_ml, range_ap = np.ptp(valid, axis=0)
    major, minor, angle = ellipse(centred)
    return Sway(
        n=n,
        seconds=seconds,
        mean_velocity=path / seconds,
        path_length=path,
        rms_ml=float(rms_ml),
        rms_ap=float(rms_ap),
        rms_radius=float(np.sqrt((centred**2).sum(axis=1).mean())),
        range_ml=float(range_ml),
        range_ap=float(range_ap),
        prediction_ellipse_area=np.pi * major * minor,
        mean_frequency=float(path / (2 * np.pi * distance * seconds)) if distance else np.nan,
        mean_ml=float(mean_ml),
        mean_ap=float(mean_ap),
        ellipse_major=major,
        ellipse_minor=minor,
        ellipse_angle=angle,
    )


def ellipse(centred: Array) -> tuple[float, float, float]:
    """Semi-axes and angle of the 95 % prediction ellipse (Schubert & Kirchner 2014) of a centred trace."""
    n = len(centred)
    values, vectors = np.linalg.eigh(np.cov(centred.T, ddof=1))
    quantile = (n - 2) / 2 * (0.05 ** (-2 / (n - 2)) - 1)
    minor, major = np.sqrt(np.maximum(values, 0.0) * quantile * 2 * (n - 1) * (n + 1) / (n * (n - 2)))
    x, y = vectors[:, 1]
    return float(major), float(minor), float(np.arctan(y / x)) if x else np.pi / 2
