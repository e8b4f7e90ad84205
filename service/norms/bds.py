"""Norms of the Human Balance Data Set (Santos, Duarte 2016, CC BY 4.0), computed from its published table.

``python -m otolith.service.norms.bds`` prints them; ``--write`` makes the norm file that ships.
"""

import csv
import gzip
import io
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from otolith.dsp.metrics.registry import DEFINITIONS
from otolith.service.challenges.challenge import Eyes, Stance, SurfaceKind
from otolith.service.challenges.setting import DeviceClass
from otolith.service.norms.file import SHIPPED, written
from otolith.service.norms.norm import LEVELS, Band, Entry, Norm
from otolith.service.norms.statistics import band

TABLE: Final = SHIPPED / "BDSinfoCOP.txt.gz"
FILE: Final = SHIPPED / "bds-2016.json"
EYES: Final = {"Open": Eyes.OPEN, "Closed": Eyes.CLOSED}
SURFACES: Final = {"Firm": SurfaceKind.FIRM, "Foam": SurfaceKind.FOAM}
BANDS: Final = {"young": (18.0, 60.0), "older": (60.0, 87.0)}
"""Years; the data set's own groups, Young and Old."""
FIGURES: Final = {"mean_velocity": ("COPvelo", 10.0, "mm/s"), "prediction_ellipse_area": ("COParea", 100.0, "mm²")}
"""Metric id to the table's column, mm or mm² in its unit, and ours."""
QUOTIENT: Final = "romberg_quotient"
Stood = tuple[Eyes, SurfaceKind]


@dataclass(frozen=True, slots=True)
class Person:
    """Means over the trials of each condition, by eyes and surface, of one figure in our unit."""

    age: float
    disabled: bool
    means: Mapping[Stood, float]


def people(figure: str) -> list[Person]:
    """Everybody in the table."""
    column, factor, _ = FIGURES[figure]
    with gzip.open(TABLE) as file:
        rows = list(csv.DictReader(io.TextIOWrapper(file, encoding="utf-8"), delimiter="\t"))
    trials: defaultdict[str, defaultdict[tuple[Eyes, SurfaceKind], list[float]]] = defaultdict(
        lambda: defaultdict(list)
    )
    known: dict[str, tuple[float, bool]] = {}
    for row in rows:
        trials[row["Subject"]][EYES[row["Vision"]], SURFACES[row["Surface"]]].append(factor * float(row[column]))
        known[row["Subject"]] = float(row["Age"]), row["Disability"] == "Yes"
    return [Person(*known[who], {where: fmean(some) for where, some in of.items()}) for who, of in trials.items()]


def in_band(everybody: Sequence[Person], ages: tuple[float, float]) -> list[Person]:
    """Those between two ages."""
    return [one for one in everybody if ages[0] <= one.age < ages[1]]


def norm() -> Norm:
    """The norm file, computed."""
    disabled = sum(person.disabled for person in people("mean_velocity"))
    return Norm(
        format="otolith-norm/1",
        id="bds-2016",
        name="Human Balance Data Set",
        population="163 people in Brazil: 87 of 18 to 59 years, 76 of 60 to 86",
        source="Santos DA, Duarte M. A public data set of human balance evaluations. PeerJ 2016; 4: e2648;"
        " data: PhysioNet HBEDB, doi 10.13026/C2WW2W",
        licence="CC BY 4.0",
        device=DeviceClass.FORCE_PLATE,
        device_name="laboratory force plate of six components",
        rate_hz=100.0,
        recipes=("ispgr",),
        filter="low-pass at 10 Hz without lag",
        duration_s=60.0,
        trials=3,
        stance=Stance.TEMPLATE,
        stance_text="feet on marks, arms at the sides",
        cautions=(f"{disabled} of the 163 people have a disability, and are in the figures",),
        entries=tuple(_entries()),
    )


def _entries() -> Iterator[Entry]:
    for figure, (_, _, unit) in FIGURES.items():
        everybody = people(figure)
        for surface in SURFACES.values():
            for eyes in EYES.values():
                values = _means(everybody, (eyes, surface))
                yield _entry(values, figure=figure, of="", unit=unit, eyes=(eyes,), surface=surface)
    for surface in SURFACES.values():
        values = {label: quotients(in_band(people("mean_velocity"), ages), surface) for label, ages in BANDS.items()}
        both = Eyes.OPEN, Eyes.CLOSED
        yield _entry(values, figure=QUOTIENT, of="mean_velocity", unit="1", eyes=both, surface=surface)


def _means(everybody: Sequence[Person], stood: Stood) -> dict[str, list[float]]:
    return {
        label: [one.means[stood] for one in in_band(everybody, ages) if stood in one.means]
        for label, ages in BANDS.items()
    }


def quotients(some: Sequence[Person], surface: SurfaceKind) -> list[float]:
    """Eyes closed over eyes open, of those who did both."""
    opened, closed = (Eyes.OPEN, surface), (Eyes.CLOSED, surface)
    return [one.means[closed] / one.means[opened] for one in some if opened in one.means and closed in one.means]


def _entry(
    values: Mapping[str, Sequence[float]],
    *,
    figure: str,
    of: str,
    unit: str,
    eyes: tuple[Eyes, ...],
    surface: SurfaceKind,
) -> Entry:
    found = tuple(band(label, ages, values[label]) for label, ages in BANDS.items())
    fewer = [f"{one.n} of the {whole} {one.label}" for one, whole in zip(found, (87, 76), strict=True) if one.n < whole]
    caution = f"only {' and '.join(fewer)} have trials of this condition: the figure is of those who stood it"
    return Entry(
        figure=figure,
        of=of,
        definition=DEFINITIONS[figure].definition,
        unit=unit,
        eyes=eyes,
        surface=surface,
        bands=found,
        cautions=(caution,) if fewer else (),
    )


def table(made: Norm) -> str:
    """As the design prints it: mean ± SD (P5-P95), cm/s and cm²; then the quotients."""
    rows = ["condition    | speed cm/s young | older | 95 % ellipse cm² young | older"]
    found = {(one.figure, one.eyes, one.surface): one.bands for one in made.entries}
    for surface in SURFACES.values():
        for eyes in EYES.values():
            speed = [_cell(one, 10.0, 2) for one in found["mean_velocity", (eyes,), surface]]
            area = [_cell(one, 100.0, 1) for one in found["prediction_ellipse_area", (eyes,), surface]]
            rows.append(" | ".join([f"{eyes} {surface}", *speed, *area]))
    for surface in SURFACES.values():
        bands = found[QUOTIENT, (Eyes.OPEN, Eyes.CLOSED), surface]
        rows.append(f"Romberg quotient {surface} | " + " | ".join(f"{one.mean:.2f}±{one.sd:.2f}" for one in bands))
    return "\n".join(rows)


def _cell(one: Band, factor: float, digits: int) -> str:
    low, high = one.percentiles[LEVELS.index(5)], one.percentiles[LEVELS.index(95)]
    mean, sd, p5, p95 = (f"{value / factor:.{digits}f}" for value in (one.mean, one.sd, low, high))
    return f"{mean}±{sd} ({p5}-{p95})"


if __name__ == "__main__":
    computed = norm()
    if "--write" in sys.argv[1:]:
        FILE.write_text(written(computed), encoding="utf-8")
    sys.stdout.write(table(computed) + "\n")
