"""A calibration's report as Markdown and as a page that needs nothing else."""

import html
from collections.abc import Iterable, Sequence
from typing import Final

from otolith.service.calibrating.report import Report, SurfaceReport
from otolith.service.calibrating.verification import Verification

Table = tuple[Sequence[str], list[Sequence[str]]]
STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #bbb;padding:.2rem .6rem;text-align:left}"
    "figure{display:inline-block;margin:0 2rem 1rem 0}li.warning{font-weight:600}"
)
SHADES: Final = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))
"""Viridis (van der Walt and Smith, CC0), by which rising values rise in lightness too."""


def markdown(report: Report) -> str:
    """The whole report."""
    parts = [f"# {_title(report)}", *_facts(report)]
    parts += [f"**Note:** {_plain(warning)}" for warning in report.warnings]
    for heading, table in _tables(report):
        parts += [f"## {heading}", _markdown_table(table)]
    return "\n\n".join(parts) + "\n"


def page(report: Report) -> str:
    """The same as HTML, with both maps as pictures."""
    body = [f"<h1>{html.escape(_title(report))}</h1>", *(f"<p>{html.escape(fact)}</p>" for fact in _facts(report))]
    if report.warnings:
        body.append(
            "<ul>" + "".join(f'<li class="warning">{html.escape(one)}</li>' for one in report.warnings) + "</ul>"
        )
    body.append(_maps(report.surface))
    for heading, table in _tables(report):
        body += [f"<h2>{html.escape(heading)}</h2>", _html_table(table)]
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(_title(report))}</title>'
    return f"{head}<style>{STYLE}</style><body>{''.join(body)}</body></html>\n"


def verification_table(found: Verification) -> Table:
    """Every weight of a check."""
    rows = [
        (
            one.label,
            f"{one.force:.1f}",
            f"{one.force_error:+.2f}",
            "" if one.cop_error is None else f"{one.cop_error:.1f}",
            "" if one.e_n is None else f"{one.e_n:.2f}",
        )
        for one in found.states
    ]
    return ("state", "force, N", "error, N", "CoP error, mm", "E_n"), [*rows]


def _title(report: Report) -> str:
    number = f" no. {report.version}" if report.version else " (not kept)"
    return f"Calibration{number} of {report.model}, {report.board}"


def _facts(report: Report) -> list[str]:
    surface = report.surface
    force = max(map(max, surface.force))
    centre = max(map(max, surface.cop)) if surface.cop else None
    facts = [f"{'SIMULATED board. ' if report.simulated else ''}{report.date} by {report.by}. {report.note}".strip()]
    facts.append(
        f"Anywhere on the surface, {surface.newtons:.0f} N are known to ±{force:.2f} N"
        + (f" and their CoP to ±{centre:.2f} mm" if centre is not None else "")
        + " (expanded uncertainty of the calibration, coverage factor 2, about 95 %; the zero's is the tare's own)."
    )
    weights = ", ".join(f"{name} ± {1e3 * u:.3g} g" for name, _, u in report.weights)
    facts.append(
        f"Gravity {report.gravity:.5f} ± {report.gravity_u:.5f} m/s² ({report.gravity_source}); places to"
        f" {report.u_place:g} mm, cells to {report.u_cell:g} mm; weights {weights} (standard uncertainties);"
        " air buoyancy corrected."
    )
    return [*facts, f"Hash: {report.hash}"] if report.hash else facts


def _tables(report: Report) -> list[tuple[str, Table]]:
    full = report.full_scale_n
    quality = [
        ("heaviest load", f"{full:.1f} N", "100 %"),
        *(
            (name, f"{value:+.2f} N" if value is not None else "not tried", _percent(value, full))
            for name, value in (
                ("hysteresis (unloading less loading)", report.hysteresis_n),
                ("non-linearity", report.nonlinearity_n),
                ("repeatability (standard deviation)", report.repeatability_n),
                ("drift of the zero", report.drift_n),
                ("drift of the zero per minute", report.drift_n_per_min),
            )
        ),
        ("scatter over what is expected", f"{report.birge or 0.0:.2f}", f"chi² {report.chi2:.1f} of {report.dof}"),
    ]
    coefficients = [
        (one.name, f"{one.value:.7g}", f"{one.u:.2g}", _percent(one.u, abs(one.value)), one.unit)
        for one in report.coefficients
    ]
    residuals = [
        (
            one.label,
            f"{one.force_known:.1f}",
            f"{one.force:+.2f}",
            f"{one.expected:.2f}",
            "" if one.cop is None else f"{one.cop[0]:+.1f}, {one.cop[1]:+.1f}",
            f"{one.surprise:.1f}",
        )
        for one in report.residuals
    ]
    return [
        ("The board", (("figure", "value", "of the heaviest load"), [*quality])),
        ("Coefficients", (("coefficient", "value", "standard uncertainty", "relative", "unit"), [*coefficients])),
        (
            "Residuals (indicated less known)",
            (("state", "force, N", "error, N", "expected, N", "CoP ML, AP, mm", "squared residual"), [*residuals]),
        ),
    ]


def _percent(value: float | None, whole: float) -> str:
    return f"{100.0 * value / whole:.2f} %" if value is not None and whole > 0.0 else ""


def _plain(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")


def _markdown_table(table: Table) -> str:
    heads, rows = table
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(_plain(cell) for cell in row)} |" for row in lines)


def _html_table(table: Table) -> str:
    heads, rows = table
    top = "".join(f"<th>{html.escape(head)}</th>" for head in heads)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"


def _maps(surface: SurfaceReport) -> str:
    force = _map(surface, surface.force, f"Force of {surface.newtons:.0f} N", "N")
    return force + (_map(surface, surface.cop, f"CoP at {surface.newtons:.0f} N", "mm") if surface.cop else "")


def _map(surface: SurfaceReport, values: list[list[float]], title: str, unit: str) -> str:
    """A picture of expanded uncertainty over the board seen from above, forward up."""
    flat = [value for row in values for value in row]
    low, high = min(flat), max(flat)
    width, height = len(surface.x), len(surface.y)
    squares = "".join(
        f'<rect x="{10 * column}" y="{10 * (height - 1 - row)}" width="10.5" height="10.5" fill="{fill}"/>'
        for row, line in enumerate(values)
        for column, fill in enumerate(_shades(line, low, high))
    )
    caption = f"{title}: ±{low:.2f} {unit} (dark) to ±{high:.2f} {unit} (bright)"
    box = f'viewBox="0 0 {10 * width} {10 * height}" width="{14 * width}" height="{14 * height}"'
    words = html.escape(caption)
    return (
        f'<figure><svg {box} role="img" aria-label="{words}">{squares}</svg><figcaption>{words}</figcaption></figure>'
    )


def _shades(line: Iterable[float], low: float, high: float) -> list[str]:
    found = []
    for value in line:
        at = (len(SHADES) - 1) * (value - low) / (high - low) if high > low else 0.0
        n = min(int(at), len(SHADES) - 2)
        mixed = [round(a + (b - a) * (at - n)) for a, b in zip(SHADES[n], SHADES[n + 1], strict=True)]
        found.append(f"rgb({mixed[0]},{mixed[1]},{mixed[2]})")
    return found
