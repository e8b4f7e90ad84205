"""Jumps: height by flight and by impulse, strength indices, phases."""

from collections.abc import Callable

from otolith.dsp.jump import GRAVITY, Jump, flight_height
from otolith.dsp.metrics.inputs import Dropping, Jumping
from otolith.dsp.metrics.metric import DISTANCE, DURATION, FORCE, POWER, PURE, VELOCITY, Dimension, Score, Source

MCMAHON = Source("McMahon, Suchomel, Lake, Comfort", 2018, "phases of the countermovement jump")
LINTHORNE = Source("Linthorne", 2001)
_EDGES = (
    "weight from the first second; onset 30 ms before 5 SD (0.1 % of weight at least); feet off below 10 N;"
    " g = 9.80665 m/s²"
)


def flight(jump: Jump) -> float:
    """Seconds in the air."""
    return jump.seconds(jump.take_off, jump.landing)


def impulse_height(jump: Jump) -> float:
    """Height above take-off by the impulse-momentum theorem, mm."""
    return 1000.0 * jump.take_off_velocity**2 / (2.0 * GRAVITY)


def time_to_take_off(jump: Jump) -> float:
    """Seconds from onset."""
    return jump.seconds(jump.onset, jump.take_off)


def _jump(
    key: str,
    name: str,
    symbol: str,
    formula: str,
    function: Callable[[Jump], float],
    *,
    dimension: Dimension,
    source: Source = MCMAHON,
) -> Score[Jumping]:
    return Score(
        id=f"cmj_{key}",
        name=f"{name}, countermovement jump",
        symbol=symbol,
        dimension=dimension,
        formula=formula,
        source=source,
        inputs=Jumping,
        function=lambda recorded: function(recorded.jump),
        conventions=_EDGES,
        rate=200.0,
        seconds=2.0,
    )


JUMPS: tuple[Score[Jumping], ...] = (
    _jump(
        "height_flight",
        "Height by flight time",
        "h_t",
        r"\frac{g\,t_f^2}{8}",
        lambda jump: flight_height(flight(jump)),
        dimension=DISTANCE,
        source=LINTHORNE,
    ),
    _jump(
        "height_impulse",
        "Height by impulse",
        "h_J",
        r"\frac{v_{to}^2}{2g},\quad v_{to}=\frac1m\int(F-mg)\,dt",
        impulse_height,
        dimension=DISTANCE,
        source=LINTHORNE,
    ),
    _jump("flight_time", "Flight time", "t_f", r"t_{\mathrm{landing}}-t_{to}", flight, dimension=DURATION),
    _jump(
        "time_to_take_off",
        "Time to take-off",
        r"\mathrm{TTT}",
        r"t_{to}-t_{\mathrm{onset}}",
        time_to_take_off,
        dimension=DURATION,
    ),
    _jump(
        "rsi_modified",
        "Modified reactive strength index",
        r"\mathrm{RSI_{mod}}",
        r"\frac{h_J}{\mathrm{TTT}}",
        lambda jump: impulse_height(jump) / time_to_take_off(jump),
        dimension=VELOCITY,
        source=Source("Ebben, Petushek", 2010, "RSImod"),
    ),
    _jump(
        "take_off_velocity",
        "Take-off velocity",
        "v_{to}",
        r"\frac1m\int_{\mathrm{onset}}^{to}(F-mg)\,dt",
        lambda jump: 1000.0 * jump.take_off_velocity,
        dimension=VELOCITY,
    ),
    _jump(
        "unweighting_time",
        "Unweighting phase",
        "t_u",
        r"t(\min v)-t_{\mathrm{onset}}",
        lambda jump: jump.seconds(jump.onset, jump.slowest),
        dimension=DURATION,
    ),
    _jump(
        "braking_time",
        "Braking phase",
        "t_b",
        r"t(v=0)-t(\min v)",
        lambda jump: jump.seconds(jump.slowest, jump.lowest),
        dimension=DURATION,
    ),
    _jump(
        "propulsion_time",
        "Propulsion phase",
        "t_p",
        "t_{to}-t(v=0)",
        lambda jump: jump.seconds(jump.lowest, jump.take_off),
        dimension=DURATION,
    ),
    _jump(
        "depth",
        "Countermovement depth",
        "d",
        r"-\min_{t<to}\int v\,dt",
        lambda jump: -1000.0 * float(jump.displacement[: jump.take_off + 1].min()),
        dimension=DISTANCE,
    ),
    _jump(
        "peak_force",
        "Peak force before take-off",
        r"\hat F",
        r"\max_{t<to}F",
        lambda jump: float(jump.force[jump.onset : jump.take_off].max()),
        dimension=FORCE,
    ),
    _jump(
        "peak_landing_force",
        "Peak force of the landing",
        r"\hat F_l",
        r"\max_{t\ge t_{\mathrm{landing}}}F",
        lambda jump: float(jump.force[jump.landing :].max()),
        dimension=FORCE,
    ),
    _jump(
        "peak_power",
        "Peak power before take-off",
        r"\hat P",
        r"\max_{t<to}F\,v",
        lambda jump: float(jump.power[jump.onset : jump.take_off].max()),
        dimension=POWER,
    ),
    _jump(
        "mean_propulsion_power",
        "Mean power of propulsion",
        r"\bar P",
        r"\operatorname{mean}_{v=0\ldots to}F\,v",
        lambda jump: float(jump.power[jump.lowest : jump.take_off].mean()),
        dimension=POWER,
    ),
)


def _drop(
    key: str,
    name: str,
    symbol: str,
    formula: str,
    function: Callable[[Dropping], float],
    *,
    dimension: Dimension,
) -> Score[Dropping]:
    return Score(
        id=f"dj_{key}",
        name=f"{name}, drop jump",
        symbol=symbol,
        dimension=dimension,
        formula=formula,
        source=Source("Young", 1995, "reactive strength index"),
        inputs=Dropping,
        function=function,
        conventions="contact and flight at 10 N; g = 9.80665 m/s²",
        rate=200.0,
        seconds=0.5,
    )


REBOUNDS: tuple[Score[Dropping], ...] = (
    _drop(
        "height",
        "Height by flight time",
        "h",
        r"\frac{g\,t_f^2}{8}",
        lambda drop: flight_height(drop.rebound.flight),
        dimension=DISTANCE,
    ),
    _drop(
        "contact_time",
        "Contact time",
        r"\mathrm{CT}",
        r"t_{to}-t_{\mathrm{contact}}",
        lambda drop: drop.rebound.contact,
        dimension=DURATION,
    ),
    _drop(
        "rsi",
        "Reactive strength index",
        r"\mathrm{RSI}",
        r"\frac{h}{\mathrm{CT}}",
        lambda drop: flight_height(drop.rebound.flight) / drop.rebound.contact,
        dimension=VELOCITY,
    ),
    _drop(
        "rsi_ratio",
        "Reactive strength ratio",
        r"\mathrm{RSR}",
        r"\frac{t_f}{\mathrm{CT}}",
        lambda drop: drop.rebound.flight / drop.rebound.contact,
        dimension=PURE,
    ),
)
