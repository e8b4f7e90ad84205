"""Leaning: limits of stability, rhythmic weight shifts, and the indices of a board that tilts."""

from collections.abc import Callable

from otolith.dsp import clinical
from otolith.dsp.metrics.inputs import Lean, Tilt
from otolith.dsp.metrics.metric import ANGLE, ANGULAR_RATE, DURATION, PERCENT, Dimension, Score, Source

NEUROCOM = Source("NeuroCom International", 2008, "Balance Manager clinical interpretation guide")
_START = "movement starts at 5 % of the maximum excursion and first ends where 0.1 s bring no progress"


def _lean(
    key: str,
    name: str,
    symbol: str,
    formula: str,
    function: Callable[[Lean], float],
    *,
    dimension: Dimension,
    conventions: str = _START,
) -> Score[Lean]:
    return Score(
        id=key,
        name=name,
        symbol=symbol,
        dimension=dimension,
        formula=formula,
        source=NEUROCOM,
        inputs=Lean,
        function=function,
        conventions=conventions,
        rate=25.0,
        seconds=8.0,
        status="unverified",
    )


LIMITS: tuple[Score[Lean], ...] = (
    _lean(
        "los_reaction_time",
        "Reaction time",
        r"\mathrm{RT}",
        r"\min\{t: a(t)>0.05\max a\},\quad a=(\theta-\theta_0)\cdot u",
        lambda lean: lean.excursion.reaction_time,
        dimension=DURATION,
        conventions=f"from the cue; a is the lean towards the target; {_START}",
    ),
    _lean(
        "los_movement_velocity",
        "Movement velocity",
        r"\mathrm{MVL}",
        r"\frac{a(t_{95})-a(t_5)}{t_{95}-t_5}",
        lambda lean: lean.excursion.velocity,
        dimension=ANGULAR_RATE,
        conventions=f"between 5 and 95 % of the endpoint excursion; {_START}",
    ),
    _lean(
        "los_endpoint_excursion",
        "Endpoint excursion",
        r"\mathrm{EPE}",
        r"100\,\frac{a(t_{\mathrm{end}})}{a_{\mathrm{target}}}",
        lambda lean: 100.0 * lean.excursion.endpoint / lean.target,
        dimension=PERCENT,
    ),
    _lean(
        "los_maximum_excursion",
        "Maximum excursion",
        r"\mathrm{MXE}",
        r"100\,\frac{\max a}{a_{\mathrm{target}}}",
        lambda lean: 100.0 * lean.excursion.maximum / lean.target,
        dimension=PERCENT,
        conventions="of the whole trial",
    ),
    _lean(
        "los_directional_control",
        "Directional control",
        r"\mathrm{DCL}",
        r"100\,\frac{\Delta a-\sum_i|b_{i+1}-b_i|}{\Delta a}",
        lambda lean: lean.excursion.directional_control,
        dimension=PERCENT,
        conventions=f"b is the lean aside, during the first movement; {_START}",
    ),
    _lean(
        "rws_velocity",
        "On-axis velocity of rhythmic weight shifts",
        r"\bar v_{\mathrm{RWS}}",
        r"\frac{1}{T}\sum_i|a_{i+1}-a_i|",
        lambda lean: lean.shift.velocity,
        dimension=ANGULAR_RATE,
        conventions="T = (N - 1) / rate",
    ),
    _lean(
        "rws_directional_control",
        "Directional control of rhythmic weight shifts",
        r"\mathrm{DCL}_{\mathrm{RWS}}",
        r"100\,\frac{\sum_i|\Delta a_i|-\sum_i|\Delta b_i|}{\sum_i|\Delta a_i|}",
        lambda lean: lean.shift.directional_control,
        dimension=PERCENT,
        conventions="a along the paced axis, b across",
    ),
)


def _tilt(key: str, name: str, formula: str, function: Callable[[Tilt], float]) -> Score[Tilt]:
    return Score(
        id=key,
        name=name,
        symbol=rf"\mathrm{{{key.removesuffix('_tilt').upper()}}}",
        dimension=ANGLE,
        formula=formula,
        source=Source("Arnold, Schmitz", 1998, "Biodex stability indices"),
        inputs=Tilt,
        function=function,
        conventions="tilt about level, of a board that tilts: no figure of a fixed plate",
        rate=10.0,
        seconds=10.0,
        status="unverified",
    )


TILTS: tuple[Score[Tilt], ...] = (
    _tilt(
        "osi_tilt",
        "Overall stability index",
        r"\sqrt{\tfrac1N\sum(X^2+Y^2)}",
        lambda tilt: clinical.stability_indices(tilt.ml, tilt.ap).overall,
    ),
    _tilt(
        "apsi_tilt",
        "Antero-posterior stability index",
        r"\sqrt{\tfrac1N\sum Y^2}",
        lambda tilt: clinical.stability_indices(tilt.ml, tilt.ap).antero_posterior,
    ),
    _tilt(
        "mlsi_tilt",
        "Medio-lateral stability index",
        r"\sqrt{\tfrac1N\sum X^2}",
        lambda tilt: clinical.stability_indices(tilt.ml, tilt.ap).medio_lateral,
    ),
)
