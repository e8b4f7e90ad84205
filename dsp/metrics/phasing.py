"""Figures of movements of several joints, from the vertical force: squats, steps, rises."""

from collections.abc import Callable

import numpy as np

from otolith.dsp.metrics.exercising import Squats, Steps, Uprising
from otolith.dsp.metrics.metric import COUNT, DISTANCE, DURATION, PERCENT, Dimension, Score, Source

OWN = Source("Otolith", 2026, "own definition, docs/training.md")
ROBINSON = Source("Robinson, Herzog, Nigg", 1987, "symmetry index")
_MOVED = "the force over body weight integrated twice, drift by a polynomial of degree 3; turns nearest to their tones"


def _squat(
    key: str,
    name: str,
    symbol: str,
    formula: str,
    function: Callable[[Squats], float],
    *,
    dimension: Dimension,
    how: str = _MOVED,
) -> Score[Squats]:
    return Score(
        id=f"squat_{key}",
        name=name,
        symbol=symbol,
        dimension=dimension,
        formula=formula,
        source=OWN,
        inputs=Squats,
        function=function,
        conventions=how,
        rate=25.0,
        seconds=1.0,
    )


SQUATS: tuple[Score[Squats], ...] = (
    _squat("count", "Squats", "K", "K", lambda one: float(len(one.cycles.bottoms)), dimension=COUNT),
    _squat(
        "depth",
        "Depth of squats",
        r"\bar d",
        r"\overline{z_{\mathrm{top}}-z_{\mathrm{bottom}}}",
        lambda one: float(one.cycles.depth.mean()),
        dimension=DISTANCE,
    ),
    _squat(
        "descent",
        "Descent",
        r"\bar t_\downarrow",
        r"\overline{t_{\mathrm{bottom}}-t_{\mathrm{top}}}",
        lambda one: float(one.cycles.descent.mean()),
        dimension=DURATION,
    ),
    _squat(
        "ascent",
        "Ascent",
        r"\bar t_\uparrow",
        r"\overline{t_{\mathrm{top}}-t_{\mathrm{bottom}}}",
        lambda one: float(one.cycles.ascent.mean()),
        dimension=DURATION,
    ),
    _squat(
        "peak_force",
        "Peak force of squats",
        r"\hat F",
        r"100\,\max F/BW",
        lambda one: 100.0 * float(one.force.max()) / one.weight,
        dimension=PERCENT,
        how="percent of body weight",
    ),
    _squat(
        "least_force",
        "Least force of squats",
        r"\check F",
        r"100\,\min F/BW",
        lambda one: 100.0 * float(one.force.min()) / one.weight,
        dimension=PERCENT,
        how="percent of body weight",
    ),
)


def _step(
    key: str,
    name: str,
    symbol: str,
    formula: str,
    function: Callable[[Steps], float],
    *,
    dimension: Dimension,
    source: Source = OWN,
) -> Score[Steps]:
    return Score(
        id=f"step_{key}",
        name=name,
        symbol=symbol,
        dimension=dimension,
        formula=formula,
        source=source,
        inputs=Steps,
        function=function,
        conventions="a transfer is where the load on the left crosses one half, by a tenth of its range to either side",
        rate=25.0,
        seconds=1.0,
    )


def _times(steps: Steps) -> np.ndarray:
    times: np.ndarray = np.diff(steps.transfers[0])
    return times


def asymmetry(steps: Steps) -> float:
    """Percent: support by the right over that by the left, as the symmetry index of the loads is."""
    left, right = (float(side.mean()) if len(side) else float("nan") for side in steps.supports)
    return 200.0 * (right - left) / (right + left)


STEPS: tuple[Score[Steps], ...] = (
    _step("count", "Steps", "K", "K", lambda one: float(len(one.transfers[0])), dimension=COUNT),
    _step(
        "time",
        "Step time",
        r"\bar t_s",
        r"\overline{\Delta t}",
        lambda one: float(_times(one).mean()) if len(_times(one)) else float("nan"),
        dimension=DURATION,
    ),
    _step(
        "variation",
        "Variation of the step time",
        r"\mathrm{CV}",
        r"100\,s_{\Delta t}/\overline{\Delta t}",
        lambda one: 100.0 * float(_times(one).std() / _times(one).mean()) if len(_times(one)) else float("nan"),
        dimension=PERCENT,
    ),
    _step(
        "asymmetry",
        "Asymmetry of support",
        r"\mathrm{SI}_t",
        r"100\,\frac{t_R-t_L}{\frac12(t_R+t_L)}",
        asymmetry,
        dimension=PERCENT,
        source=ROBINSON,
    ),
)


def _rise(
    key: str, name: str, symbol: str, formula: str, function: Callable[[Uprising], float], *, dimension: Dimension
) -> Score[Uprising]:
    return Score(
        id=f"rise_{key}",
        name=name,
        symbol=symbol,
        dimension=dimension,
        formula=formula,
        source=OWN,
        inputs=Uprising,
        function=function,
        conventions="between a tenth and nine tenths of the way from the seated force (5th percentile) to the weight",
        rate=25.0,
        seconds=1.0,
    )


RISES: tuple[Score[Uprising], ...] = (
    _rise("count", "Rises", "K", "K", lambda one: float(len(one.rises.at)), dimension=COUNT),
    _rise(
        "time",
        "Time of rising",
        r"\bar t_\uparrow",
        r"\overline{t_{90\%}-t_{10\%}}",
        lambda one: float(np.nanmean(one.rises.rising)) if np.isfinite(one.rises.rising).any() else float("nan"),
        dimension=DURATION,
    ),
    _rise(
        "sitting_time",
        "Time of sitting down",
        r"\bar t_\downarrow",
        r"\overline{t_{10\%}-t_{90\%}}",
        lambda one: float(np.nanmean(one.rises.sitting)) if np.isfinite(one.rises.sitting).any() else float("nan"),
        dimension=DURATION,
    ),
    _rise(
        "peak_force",
        "Peak force of rising",
        r"\hat F",
        r"100\,\max F/BW",
        lambda one: 100.0 * one.rises.peak / one.weight,
        dimension=PERCENT,
    ),
)
