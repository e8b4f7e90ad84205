"""A controller and its plates, as the rest of the program understands them."""

from typing import Final

from otolith.drivers.board import BoardInfo, Cell, WrenchPlate, turned
from otolith.drivers.calibration import Linear
from otolith.drivers.errors import MonikerError
from otolith.drivers.monikers import Place, Stance
from otolith.drivers.tec_gihan.asking import Facts, PlateFacts
from otolith.drivers.tec_gihan.codec.block import size
from otolith.drivers.tec_gihan.codec.numbers import AXES, BAUD, BITS, FULL_SCALE, RANGES, RATES, samples_in_block

FAMILY: Final = "tec_gihan"
ASIDE: Final = 600.0
"""mm between the centres of plates that nobody has placed: side by side, from the left."""
REACTION: Final = (-1.0, 1.0, 1.0, -1.0, 1.0, 1.0)
"""From the controller's axes to ours. Its z points down, and its forces are those on the plate: the maker's formulas
for the CoP, Mx' = Mx - Fy az and My' = My + Fx az, hold in no other axes. Ours: the ground's reaction, z up, same x.
"""
N_MM: Final = (1.0, 1.0, 1.0, 1e3, 1e3, 1e3)
"""From N and N m."""


def board_info(facts: Facts, moniker: str, stance: Stance, *, simulated: bool) -> BoardInfo:
    """Who it is; raises MonikerError where the options do not fit it."""
    if stance.cells:
        raise MonikerError("a plate of six components has no cells; leave out cells=")
    count, rate = len(facts.plates), RATES[facts.rate]
    plates = places_of(facts.plates, stance)
    span = RANGES.index(facts.range)
    gain = tuple(
        REACTION[k] * N_MM[k] * plate.scales[span][k] / FULL_SCALE for plate in facts.plates for k in range(AXES)
    )
    return BoardInfo(
        moniker=moniker,
        family=FAMILY,
        model=f"Tec Gihan controller with {count} {'plate' if count == 1 else 'plates'}, range {facts.range}",
        serial=facts.serial,
        firmware=facts.version,
        unit="count",
        rate=rate,
        cells=(),
        calibration=Linear(gain, (0.0,) * len(gain), "factory"),
        simulated=simulated,
        plates=plates,
        latency=latency(facts.rate, count),
    )


def latency(word: str, plates: int) -> float:
    """Seconds from the oldest sample of a block to its last byte: the block fills, then it crosses the line."""
    samples = samples_in_block(word)
    return samples / RATES[word] + size(samples, plates) * BITS / BAUD


def places_of(plates: tuple[PlateFacts, ...], stance: Stance) -> tuple[WrenchPlate, ...]:
    """Where they stand, by the options; raises MonikerError where these are of another number of plates."""
    where = _places(stance.places, len(plates))
    return tuple(_plate(one, index, at, stance.turn) for index, (one, at) in enumerate(zip(plates, where, strict=True)))


def _plate(facts: PlateFacts, index: int, at: Place, turn: int) -> WrenchPlate:
    """With its place turned about the board's centre, where the whole board is turned."""
    (centre,) = turned([Cell("", at.x, at.y)], turn)
    return WrenchPlate(str(facts.serial or index + 1), centre.x, centre.y, at.turn + turn, top=1e3 * facts.depth)


def _places(given: tuple[Place, ...], count: int) -> tuple[Place, ...]:
    if given and len(given) != count:
        raise MonikerError(f"places= has {len(given)} places, and this controller has {count} plates")
    return given or tuple(Place(ASIDE * (index - (count - 1) / 2.0), 0.0, 0.0) for index in range(count))
