"""Statistics of one value per person."""

from collections.abc import Sequence

import numpy as np

from otolith.service.norms.norm import LEVELS, Band


def band(label: str, ages: tuple[float, float], values: Sequence[float]) -> Band:
    """Mean, SD (ddof 1) and percentiles of people between two ages. Two of them at least."""
    column = np.asarray(values, dtype=np.float64)
    return Band(
        label=label,
        from_years=ages[0],
        to_years=ages[1],
        n=len(column),
        mean=float(column.mean()),
        sd=float(column.std(ddof=1)),
        percentiles=tuple(np.percentile(column, LEVELS).tolist()),
    )
