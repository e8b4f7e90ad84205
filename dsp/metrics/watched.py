"""What somebody watched, counted or read off: errors, times that a stance was held, a reach."""

from otolith.dsp.metrics.inputs import Counted, FourStages, Held, Reached, SixStances, TwoAreas
from otolith.dsp.metrics.metric import COUNT, DISTANCE, DURATION, PURE, Score, Source

BESS = Source("Riemann, Guskiewicz, Shields", 1999, "Balance Error Scoring System")
MOST_ERRORS = 10
"""Of one stance."""
SHORTEST_HOLD = 5.0
"""Seconds; a stance held for less has the most errors."""
STAGE = 10.0
"""Seconds for which each of the four stages is to be held."""


def bess_errors(counted: Counted) -> float:
    """Of one stance: ten at most, and ten where it was not held for five seconds."""
    return float(MOST_ERRORS if counted.held < SHORTEST_HOLD else min(counted.errors, MOST_ERRORS))


def bess_total(stances: SixStances) -> float:
    """Of six stances, 0 to 60."""
    firm = stances.double_firm + stances.single_firm + stances.tandem_firm
    return firm + stances.double_foam + stances.single_foam + stances.tandem_foam


def stages_held(stages: FourStages) -> float:
    """How many stages in a row were held for ten seconds, from the first."""
    held = (stages.side_by_side, stages.semi_tandem, stages.tandem, stages.one_leg)
    return float(next((n for n, seconds in enumerate(held) if seconds < STAGE), len(held)))


WATCHED: tuple[
    Score[Counted] | Score[SixStances] | Score[Held] | Score[FourStages] | Score[Reached] | Score[TwoAreas], ...
] = (
    Score(
        id="bess_errors",
        name="Errors of one stance",
        symbol="E",
        dimension=COUNT,
        formula=r"\begin{cases}10&t_{\mathrm{held}}<5\,\mathrm{s}\\\min(n,10)&\text{else}\end{cases}",
        source=BESS,
        inputs=Counted,
        function=bess_errors,
        conventions="n errors keyed in 20 s; several at once are one",
        rate=0.0,
        seconds=0.0,
    ),
    Score(
        id="bess_total",
        name="Total of the Balance Error Scoring System",
        symbol=r"\mathrm{BESS}",
        dimension=COUNT,
        formula=r"\sum_{s=1}^{6}E_s",
        source=BESS,
        inputs=SixStances,
        function=bess_total,
        conventions="double, single and tandem stance on firm ground and on foam; 0 to 60",
        rate=0.0,
        seconds=0.0,
    ),
    Score(
        id="time_held",
        name="Time held",
        symbol=r"t_{\mathrm{held}}",
        dimension=DURATION,
        formula=r"t_{\mathrm{left}}-t_{\mathrm{begin}}",
        source=Source("Springer, Marin, Cyhan, Roberts, Gill", 2007, "unipedal stance test"),
        inputs=Held,
        function=lambda stance: stance.held,
        conventions="until the person steps off or whoever watches sees the stance left; no more than was asked for",
        rate=0.0,
        seconds=0.0,
    ),
    Score(
        id="stages_held",
        name="Stages held",
        symbol="S",
        dimension=COUNT,
        formula=r"\max\{s:t_1,\dots,t_s\ge 10\,\mathrm{s}\}",
        source=Source("Centers for Disease Control and Prevention", 2017, "STEADI, 4-stage balance test"),
        inputs=FourStages,
        function=stages_held,
        conventions="feet side by side, half a step, heel to toe, one leg; fewer than three say more risk of falls",
        rate=0.0,
        seconds=0.0,
    ),
    Score(
        id="functional_reach",
        name="Functional reach",
        symbol=r"\mathrm{FR}",
        dimension=DISTANCE,
        formula=r"d_{\mathrm{end}}-d_{\mathrm{start}}",
        source=Source("Duncan, Weiner, Chandler, Studenski", 1990, "functional reach"),
        inputs=Reached,
        function=lambda reach: reach.distance,
        conventions="of the third metacarpal along a yardstick at the height of the shoulder; keyed",
        rate=0.0,
        seconds=0.0,
    ),
    Score(
        id="hull_to_ellipse",
        name="Hull over prediction ellipse",
        symbol=r"\rho",
        dimension=PURE,
        formula=r"\frac{A_{\mathrm{hull}}}{A_{95}}",
        source=Source("Wollseifen; Schubert, Kirchner", 2014, "the two areas; their quotient is no published index"),
        inputs=TwoAreas,
        function=lambda areas: areas.hull / areas.ellipse,
        conventions="of one trial; large where a few excursions leave a small cloud",
        rate=0.0,
        seconds=0.0,
        status="unverified",
    ),
)
