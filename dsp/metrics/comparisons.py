"""Scores over conditions and sides: Romberg, sensory analysis, mCTSIB, symmetry, weight distribution."""

from collections.abc import Callable

from otolith.dsp import clinical
from otolith.dsp.metrics.inputs import Comparison, FourConditions, Quadrants, Sides, SixConditions, TwoTasks
from otolith.dsp.metrics.metric import AS_GIVEN, PERCENT, PURE, Dimension, Score, Source, Status

ROMBERG = Source("Njiokiktjien, van Parys", 1976, "Romberg quotient")
SOT = Source("Nashner, Peters", 1990, "sensory organisation test")
ICTSIB = Source("APDM Wearable Technologies", 2020, "ICTSIB composites")
CTSIB = Source("APDM Wearable Technologies", 2020, "CTSIB combined scores")


def change(later: float, earlier: float) -> float:
    """Change in percent of ``earlier``."""
    return 100.0 * (clinical.romberg(later, earlier) - 1.0)


def left_share(sides: Sides) -> float:
    """Percent of the load on the left."""
    return 100.0 * clinical.romberg(sides.left, sides.left + sides.right)


def distribution(shares: Quadrants) -> float:
    """Weight distribution index."""
    return clinical.weight_distribution_index(
        (shares.toes_left, shares.toes_right, shares.heel_left, shares.heel_right)
    )


COMPARISONS: tuple[Score[Comparison], ...] = (
    Score(
        id="romberg_quotient",
        name="Romberg quotient",
        symbol=r"\mathrm{RQ}",
        dimension=PURE,
        formula=r"\frac{m_{\mathrm{EC}}}{m_{\mathrm{EO}}}",
        source=ROMBERG,
        inputs=Comparison,
        function=lambda trials: clinical.romberg(trials.closed, trials.opened),
        conventions="of any figure m, by one recipe",
        rate=0.0,
        seconds=0.0,
    ),
    Score(
        id="percent_change",
        name="Change, eyes closed",
        symbol=r"\Delta_\%",
        dimension=PERCENT,
        formula=r"100\,\frac{m_{\mathrm{EC}}-m_{\mathrm{EO}}}{m_{\mathrm{EO}}}",
        source=ROMBERG,
        inputs=Comparison,
        function=lambda trials: change(trials.closed, trials.opened),
        conventions="of any figure m, by one recipe",
        rate=0.0,
        seconds=0.0,
    ),
    Score(
        id="normalised_difference",
        name="Normalised difference, eyes closed",
        symbol=r"\delta",
        dimension=PURE,
        formula=r"\frac{m_{\mathrm{EC}}-m_{\mathrm{EO}}}{m_{\mathrm{EC}}+m_{\mathrm{EO}}}",
        source=Source("Cornilleau-Pérès et al.", 2005, "stabilisation ratio, without the logarithm"),
        inputs=Comparison,
        function=lambda trials: clinical.romberg(trials.closed - trials.opened, trials.closed + trials.opened),
        conventions="of any figure m, by one recipe; -1 to 1",
        rate=0.0,
        seconds=0.0,
        status="unverified",
    ),
)

DUAL: tuple[Score[TwoTasks], ...] = (
    Score(
        id="dual_task_cost",
        name="Dual-task cost",
        symbol=r"\mathrm{DTC}",
        dimension=PERCENT,
        formula=r"100\,\frac{m_{\mathrm{dual}}-m_{\mathrm{single}}}{m_{\mathrm{single}}}",
        source=Source("Plummer, Eskes", 2015, "dual-task effect, with the sign of a cost where more is worse"),
        inputs=TwoTasks,
        function=lambda tasks: change(tasks.dual, tasks.single),
        conventions="of any figure m, by one recipe; of sway, positive is worse",
        rate=0.0,
        seconds=0.0,
        status="unverified",
    ),
)


def _sensory(
    key: str, name: str, symbol: str, formula: str, function: Callable[[SixConditions], float]
) -> Score[SixConditions]:
    return Score(
        id=f"sot_{key}",
        name=name,
        symbol=symbol,
        dimension=PERCENT if key == "composite" else PURE,
        formula=formula,
        source=SOT,
        inputs=SixConditions,
        function=function,
        conventions="C1-C6 are the mean equilibrium scores of the six conditions",
        rate=0.0,
        seconds=0.0,
    )


SENSORY: tuple[Score[SixConditions], ...] = (
    _sensory(
        "composite",
        "Composite equilibrium score",
        r"\mathrm{CES}",
        r"\frac{C_1+C_2+3(C_3+C_4+C_5+C_6)}{14}",
        lambda six: clinical.sot_composite(six.scores),
    ),
    _sensory(
        "somatosensory",
        "Somatosensory ratio",
        r"\mathrm{SOM}",
        r"\frac{C_2}{C_1}",
        lambda six: clinical.sensory_analysis(six.scores).somatosensory,
    ),
    _sensory(
        "visual",
        "Visual ratio",
        r"\mathrm{VIS}",
        r"\frac{C_4}{C_1}",
        lambda six: clinical.sensory_analysis(six.scores).visual,
    ),
    _sensory(
        "vestibular",
        "Vestibular ratio",
        r"\mathrm{VEST}",
        r"\frac{C_5}{C_1}",
        lambda six: clinical.sensory_analysis(six.scores).vestibular,
    ),
    _sensory(
        "preference",
        "Visual preference",
        r"\mathrm{PREF}",
        r"\frac{C_3+C_6}{C_2+C_5}",
        lambda six: clinical.sensory_analysis(six.scores).preference,
    ),
)


def _modified(
    key: str,
    name: str,
    formula: str,
    function: Callable[[FourConditions], float],
    *,
    dimension: Dimension = PERCENT,
    source: Source = ICTSIB,
    status: Status = "verified",
) -> Score[FourConditions]:
    return Score(
        id=f"ctsib_{key}",
        name=name,
        symbol=rf"\mathrm{{CTSIB}}_{{\mathrm{{{key.replace('_', ' ')}}}}}",
        dimension=dimension,
        formula=formula,
        source=source,
        inputs=FourConditions,
        function=function,
        conventions="m is one figure of each condition: EO, EC on firm ground, EOF, ECF on foam; no sensory"
        " organisation test, whose support sways",
        rate=0.0,
        seconds=0.0,
        status=status,
    )


MODIFIED: tuple[Score[FourConditions], ...] = (
    _modified(
        "composite",
        "Composite of the modified CTSIB",
        r"\tfrac14(m_{\mathrm{EO}}+m_{\mathrm{EC}}+m_{\mathrm{EOF}}+m_{\mathrm{ECF}})",
        lambda four: (four.firm_open + four.firm_closed + four.foam_open + four.foam_closed) / 4.0,
        dimension=AS_GIVEN,
        source=Source("NeuroCom International; APDM", 2020, "mCTSIB composite: the mean of the conditions"),
    ),
    _modified(
        "visual",
        "Visual composite",
        r"100\min\left(\frac{m_{\mathrm{EC}}-m_{\mathrm{EO}}}{m_{\mathrm{EO}}},"
        r"\frac{m_{\mathrm{ECF}}-m_{\mathrm{EOF}}}{m_{\mathrm{EOF}}}\right)",
        lambda four: min(change(four.firm_closed, four.firm_open), change(four.foam_closed, four.foam_open)),
    ),
    _modified(
        "proprioceptive",
        "Proprioceptive composite",
        r"100\min\left(\frac{m_{\mathrm{EOF}}-m_{\mathrm{EO}}}{m_{\mathrm{EO}}},"
        r"\frac{m_{\mathrm{ECF}}-m_{\mathrm{EC}}}{m_{\mathrm{EC}}}\right)",
        lambda four: min(change(four.foam_open, four.firm_open), change(four.foam_closed, four.firm_closed)),
    ),
    _modified(
        "vestibular",
        "Vestibular composite",
        r"100\,\frac{m_{\mathrm{ECF}}-m_{\mathrm{EO}}}{m_{\mathrm{EO}}}",
        lambda four: change(four.foam_closed, four.firm_open),
    ),
)
"""Percent changes, the lesser of two where two conditions show it."""


def _quotients(
    kind: str, said: str, senses: tuple[str, str, str], source: Source, status: Status
) -> tuple[Score[FourConditions], ...]:
    """The same three quotients, under the names that a school gives them."""
    numerators: tuple[tuple[str, Callable[[FourConditions], float]], ...] = (
        (r"m_{\mathrm{EC}}", lambda four: four.firm_closed),
        (r"m_{\mathrm{EOF}}", lambda four: four.foam_open),
        (r"m_{\mathrm{ECF}}", lambda four: four.foam_closed),
    )

    def quotient(sense: str, numerator: str, closed: Callable[[FourConditions], float]) -> Score[FourConditions]:
        return _modified(
            f"{kind}_{sense}",
            f"{sense.capitalize()}, {said}",
            rf"\frac{{{numerator}}}{{m_{{\mathrm{{EO}}}}}}",
            lambda four: clinical.romberg(closed(four), four.firm_open),
            dimension=PURE,
            source=source,
            status=status,
        )

    return tuple(quotient(sense, *one) for sense, one in zip(senses, numerators, strict=True))


QUOTIENTS = (
    *_quotients("removed", "named by what is taken away", ("vision", "somatosensory", "vestibular"), CTSIB, "verified"),
    *_quotients(
        "left",
        "named by what is left, as in the SOT",
        ("somatosensory", "visual", "vestibular"),
        Source("Nashner, Peters", 1990, "ratios of the sensory organisation test, of foam in place of its support"),
        "unverified",
    ),
)
"""Two schools call EC/EO and EOF/EO by opposite names: there is no consensus, so both stand side by side."""

LOADING: tuple[Score[Sides] | Score[Quadrants], ...] = (
    Score(
        id="left_share",
        name="Share of the left",
        symbol=r"\%L",
        dimension=PERCENT,
        formula=r"100\,\frac{\sum F_L}{\sum F_L+\sum F_R}",
        source=Source("Genthon, Rougier", 2005, "weight-bearing"),
        inputs=Sides,
        function=left_share,
        conventions="vertical loads",
        rate=0.0,
        seconds=0.0,
    ),
    Score(
        id="symmetry_index",
        name="Symmetry index",
        symbol=r"\mathrm{SI}",
        dimension=PERCENT,
        formula=r"100\,\frac{R-L}{\frac12(R+L)}",
        source=Source("Robinson, Herzog, Nigg", 1987, "symmetry index"),
        inputs=Sides,
        function=lambda sides: clinical.symmetry_index(sides.left, sides.right),
        conventions="positive is right",
        rate=0.0,
        seconds=0.0,
    ),
    Score(
        id="weight_distribution_index",
        name="Weight distribution index",
        symbol=r"\mathrm{WDI}",
        dimension=PERCENT,
        formula=r"\sqrt{\tfrac14\sum_{q=1}^{4}(100\,F_q/\textstyle\sum F-25)^2}",
        source=Source("Kohen-Raz", 1991, "tetra-ataxiametric weight distribution"),
        inputs=Quadrants,
        function=distribution,
        conventions="ddof 0, of the mean loads",
        rate=0.0,
        seconds=0.0,
    ),
)
