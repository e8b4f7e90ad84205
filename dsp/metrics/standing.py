"""Coming to stand: dynamic stability after a landing, and rising from a chair."""

from collections.abc import Callable

from otolith.dsp import landing
from otolith.dsp.metrics.inputs import Landing, Rising
from otolith.dsp.metrics.metric import DURATION, FORCE, FORCE_RATE, PERCENT, PURE, Dimension, Score, Source

WIKSTROM = Source("Wikstrom, Tillman, Smith, Borsa", 2005, "dynamic postural stability index")
COLBY = Source("Colby, Hintermeister, Torry, Steadman", 1999, "time to stabilisation")


def _landing(
    key: str,
    name: str,
    symbol: str,
    formula: str,
    function: Callable[[Landing], float],
    *,
    dimension: Dimension = PURE,
    source: Source = WIKSTROM,
    conventions: str = "3 s from contact at 10 N; n samples",
) -> Score[Landing]:
    return Score(
        id=key,
        name=name,
        symbol=symbol,
        dimension=dimension,
        formula=formula,
        source=source,
        inputs=Landing,
        function=function,
        conventions=conventions,
        rate=100.0,
        seconds=landing.WINDOW,
        status="unverified",
    )


_SEQUENTIAL = "3 s from contact at 10 N; sequential estimation; ddof 0"

LANDINGS: tuple[Score[Landing], ...] = (
    _landing(
        "dpsi",
        "Dynamic postural stability index",
        r"\mathrm{DPSI}",
        r"\frac{1}{BW}\sqrt{\tfrac1n\sum\left(F_x^2+F_y^2+(BW-F_z)^2\right)}",
        lambda landed: landed.stability.overall,
    ),
    _landing(
        "dpsi_ml",
        "Medio-lateral stability index of a landing",
        r"\mathrm{MLSI}",
        r"\frac{1}{BW}\sqrt{\tfrac1n\sum F_x^2}",
        lambda landed: landed.stability.medio_lateral,
    ),
    _landing(
        "dpsi_ap",
        "Antero-posterior stability index of a landing",
        r"\mathrm{APSI}",
        r"\frac{1}{BW}\sqrt{\tfrac1n\sum F_y^2}",
        lambda landed: landed.stability.antero_posterior,
    ),
    _landing(
        "dpsi_vertical",
        "Vertical stability index of a landing",
        r"\mathrm{VSI}",
        r"\frac{1}{BW}\sqrt{\tfrac1n\sum(BW-F_z)^2}",
        lambda landed: landed.stability.vertical,
    ),
    _landing(
        "tts_vertical",
        "Time to stabilisation, vertical",
        r"\mathrm{TTS}_z",
        r"\min\{t:|F_z-BW|\le 0.05\,BW\text{ on }[t,t+1\,\mathrm{s})\}",
        lambda landed: landing.vertical_time(landed.fz, landed.rate, landed.weight),
        dimension=DURATION,
        source=Source("Ross, Guskiewicz", 2003, "time to stabilisation"),
        conventions="from contact at 10 N",
    ),
    _landing(
        "tts_ml",
        "Time to stabilisation, medio-lateral",
        r"\mathrm{TTS}_x",
        r"\min\{t:|\bar F_x(t')-\bar F_x|\le 0.25\,\mathrm{SD}(F_x)\ \forall t'\ge t\}",
        lambda landed: landing.horizontal_time(landed.fx, landed.fz, landed.rate),
        dimension=DURATION,
        source=COLBY,
        conventions=_SEQUENTIAL,
    ),
    _landing(
        "tts_ap",
        "Time to stabilisation, antero-posterior",
        r"\mathrm{TTS}_y",
        r"\min\{t:|\bar F_y(t')-\bar F_y|\le 0.25\,\mathrm{SD}(F_y)\ \forall t'\ge t\}",
        lambda landed: landing.horizontal_time(landed.fy, landed.fz, landed.rate),
        dimension=DURATION,
        source=COLBY,
        conventions=_SEQUENTIAL,
    ),
)


def _rise(
    key: str,
    name: str,
    symbol: str,
    formula: str,
    function: Callable[[Rising], float],
    *,
    dimension: Dimension,
) -> Score[Rising]:
    return Score(
        id=f"sts_{key}",
        name=f"{name}, sit to stand",
        symbol=symbol,
        dimension=dimension,
        formula=formula,
        source=Source("NeuroCom International", 2008, "sit to stand"),
        inputs=Rising,
        function=function,
        conventions="sitting is the first 0.5 s; onset at 2.5 % of body weight from it; seat-off where the feet first"
        " carry body weight",
        rate=50.0,
        seconds=2.0,
        status="unverified",
    )


RISES: tuple[Score[Rising], ...] = (
    _rise(
        "transfer_time",
        "Weight transfer time",
        r"\mathrm{WTT}",
        r"t_{\mathrm{seat\ off}}-t_{\mathrm{onset}}",
        lambda recorded: recorded.rise.seat_off - recorded.rise.onset,
        dimension=DURATION,
    ),
    _rise(
        "rising_index",
        "Rising index",
        r"\mathrm{RI}",
        r"100\,\frac{\max F-BW}{BW}",
        lambda recorded: 100.0 * (recorded.rise.peak / recorded.weight - 1.0),
        dimension=PERCENT,
    ),
    _rise(
        "peak_force",
        "Peak force",
        r"\hat F",
        r"\max F",
        lambda recorded: recorded.rise.peak,
        dimension=FORCE,
    ),
    _rise(
        "rate_of_force",
        "Steepest rise of force",
        r"\dot F_{\max}",
        r"\max_{t\le t(\hat F)}\frac{\Delta F}{\Delta t}",
        lambda recorded: recorded.rise.steepest,
        dimension=FORCE_RATE,
    ),
    _rise(
        "settling_time",
        "Time to stabilise",
        "t_s",
        r"\min\{t:|F-BW|\le 0.05\,BW\text{ on }[t,t+1\,\mathrm{s})\}",
        lambda recorded: recorded.rise.settling,
        dimension=DURATION,
    ),
)
