"""``python -m tests.speed``: every race of this folder, as a table or as JSON; exit 1 where a goal is missed."""

import argparse
import importlib
import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from tests.speed.harness import NOISE, Absent, Result, programme, run

from otolith.dsp._dispatch import instruction_set

WIDTH = 140
"""Columns of the table where the output is no terminal."""


def main() -> int:
    """Run the programme; 0 where every goal is met."""
    arguments = _arguments()
    for module in sorted(Path(__file__).parent.glob("*.py")):
        if not module.stem.startswith("_"):
            importlib.import_module(f"tests.speed.{module.stem}")
    results, absent = _run(arguments.only, quiet=arguments.json)
    if arguments.json:
        report = {"machine": _machine(), "noise": NOISE, "absent": absent, "results": [asdict(r) for r in results]}
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
    else:
        _print(results, absent)
    return 0 if all(result.met for result in results) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.speed", description="Speed as ratios against peers.")
    parser.add_argument("--json", action="store_true", help="write the results as JSON")
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


if __name__ == "__main__":
    sys.exit(main())
