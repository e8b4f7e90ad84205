"""``python -m tests.speed``: every race of this folder, as a table or as JSON; exit 1 where a goal is missed."""

import argparse
import importlib
import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from tests.speed.growth import LIMITS_MS, Cost, curve, exponent, met, n_log_n
from tests.speed.harness import NOISE, Absent, Result, programme, run

from otolith.dsp._dispatch import instruction_set

GROWTH = "growth of the cost of a report"
"""What ``--only`` finds it by."""
WIDTH = 140
"""Columns of the table where the output is no terminal."""
INTRODUCTION = """# Speed

Written by

    python -m tests.speed --markdown > docs/reference/speed.md

on {date}: {machine}.

Each race runs ours and a peer in turns in one process, and keeps the best lap of each; times are nanoseconds per
sample, and "faster" is the peer's over ours. Goals allow {noise:.0%} for a machine that is shared. A package that
gives another answer is not raced. `make bench` runs the same, and the latency of a whole station besides.

The peers come with `pip install 'otolith[bench]'`. openbalance (MIT) and micromotion (GPL-3.0-or-later) are run where
they compute the same figure from the same numbers: CoP, path length, sample entropy, fluctuation analysis at given
scales. Their other figures are not raced. Neither is needed by, or shipped with, Otolith.

## Races

"""
REPORT = (
    "The report is the 72 descriptors of Quijoux et al., fluctuation analysis, rambling and trembling of both axes,"
    " low-pass included."
)


def main() -> int:
    """Run the programme; 0 where every goal is met."""
    arguments = _arguments()
    for module in sorted(Path(__file__).parent.glob("*.py")):
        if not module.stem.startswith("_"):
            importlib.import_module(f"tests.speed.{module.stem}")
    results, absent = _run(arguments.only, quiet=arguments.json or arguments.markdown)
    costs = curve() if arguments.only.lower() in GROWTH else []
    if arguments.json:
        report = {"machine": _machine(), "noise": NOISE, "absent": absent, "results": [asdict(r) for r in results]}
        report["growth"] = [asdict(cost) for cost in costs]
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
    elif arguments.markdown:
        sys.stdout.write(_page(results, absent, costs))
    else:
        _print(results, absent)
        _print_growth(costs)
    return 0 if all(result.met for result in results) and (not costs or met(costs)) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.speed", description="Speed as ratios against peers.")
    parser.add_argument("--json", action="store_true", help="write the results as JSON")
    parser.add_argument("--markdown", action="store_true", help="write the page docs/reference/speed.md")
    parser.add_argument("--only", default="", help="run only the races whose name contains this")
    return parser.parse_args()


def _run(only: str, *, quiet: bool) -> tuple[list[Result], list[str]]:
    console = Console(stderr=True, quiet=quiet)
    results, absent = [], []
    for entry in programme():
        if only.lower() not in entry.name.lower():
            continue
        with console.status(entry.name):
            try:
                results.append(run(entry))
            except Absent as reason:
                absent.append(f"{entry.name}: {reason}")
    return results, absent


def _machine() -> dict[str, str]:
    return {
        "processor": _processor(),
        "kernels": instruction_set(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "load": f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _print(results: list[Result], absent: list[str]) -> None:
    machine = ", ".join(f"{key} {value}" for key, value in _machine().items())
    table = Table(title="Speed against peers in the same run", caption=f"{machine}; noise allowance {NOISE:.0%}")
    for heading in ("race", "peer"):
        table.add_column(heading, no_wrap=True)
    for heading in ("ours, ns", "peer, ns", "faster", "goal", ""):
        table.add_column(heading, justify="right")
    for r in results:
        mark = "" if r.goal == "-" else "[green]met[/]" if r.met else "[red]missed[/]"
        table.add_row(r.name, r.peer, f"{r.ours_ns:,.2f}", f"{r.peer_ns:,.2f}", f"{r.speedup:,.2f}x", r.goal, mark)
    console = Console()
    console.width = max(console.width, WIDTH)
    console.print(table)
    for reason in absent:
        console.print(f"not run: {reason}")


def _growth_rows(costs: list[Cost]) -> list[tuple[str, ...]]:
    return [
        (
            f"{cost.rate:g}",
            f"{cost.n}",
            f"{cost.report:.2f}",
            f"{cost.sampen:.3f}",
            f"{cost.whole:.2f}",
            f"≤ {LIMITS_MS[cost.rate]:g}" if cost.rate in LIMITS_MS else "-",
        )
        for cost in costs
    ]


def _growth_sentence(costs: list[Cost]) -> str:
    powers = {part: exponent(costs, part, against=float) for part in ("report", "sampen")}
    return (
        f"The report grows with N to the power {powers['report']:.2f}, that is (N log N) to the power"
        f" {exponent(costs, 'report', against=n_log_n):.2f} (goal: no more than 1); sample entropy with N to the power"
        f" {powers['sampen']:.2f}."
    )


GROWTH_HEADS = ("Hz", "N", "report, ms", "one SampEn, ms", "report with SampEn, ms", "goal, ms")


def _print_growth(costs: list[Cost]) -> None:
    if not costs:
        return
    table = Table(*GROWTH_HEADS, title="Cost of 30 s of one trial", caption=_growth_sentence(costs))
    for row in _growth_rows(costs):
        table.add_row(*row)
    Console(width=WIDTH).print(table)


def _page(results: list[Result], absent: list[str], costs: list[Cost]) -> str:
    """``docs/reference/speed.md``."""
    machine = ", ".join(f"{key} {value}" for key, value in _machine().items())
    races = [
        (r.name, r.peer, f"{r.ours_ns:,.2f}", f"{r.peer_ns:,.2f}", f"{r.speedup:,.2f}x", r.goal, _mark(r))
        for r in results
    ]
    heads = ("race", "peer", "ours, ns", "peer, ns", "faster", "goal", "")
    parts = [
        INTRODUCTION.format(date=datetime.now(UTC).date(), machine=machine, noise=NOISE),
        _markdown(heads, races),
        "".join(f"\nNot run: {reason}\n" for reason in absent),
    ]
    if costs:
        growth = _markdown(GROWTH_HEADS, _growth_rows(costs))
        trials = "30 s of one trial (the shortest: 15 s), its rate changed by interpolation."
        parts.append(f"\n## Growth\n\n{trials} {REPORT}\n\n{growth}\n")
        parts.append(_growth_sentence(costs) + "\n")
    return "".join(parts)


def _mark(result: Result) -> str:
    return "" if result.goal == "-" else "met" if result.met else "**missed**"


def _markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (heads, ["---"] * len(heads), *rows)
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
