"""``python -m tests.fuzz --minutes 10``: every codec under atheris, guided by coverage; ends by itself.

The time is shared by all targets, one process after the other. What crashes a reader is kept in ``--keep`` as a file
that ``python -m tests.fuzz --target NAME --again FILE`` tries again.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

MISSING = "atheris is missing: pip install 'otolith[fuzz]' (wheels for Linux on x86-64; elsewhere it needs clang)\n"
LONGEST = 4096
"""Bytes of an input; no report is longer, and files grow by repetition."""
GRACE = 60.0
"""Seconds to start, and to end after the time given."""


def main() -> int:
    """Run; 0 where nothing crashed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Codecs against any bytes.")
    parser.add_argument("--minutes", type=float, default=10.0, help="in all (default: 10)")
    parser.add_argument("--target", action="append", default=[], help="one of them only; may be given again")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-crashes"), help="folder for what crashes")
    parser.add_argument("--again", type=Path, help="try one input again, without atheris")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.inside:
        return _fuzz(chosen.target[0], chosen.minutes, chosen.keep)
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - atheris has to see the import where it fuzzes

    targets = {target.name: target for target in TARGETS}
    names = chosen.target or list(targets)
    if unknown := set(names) - set(targets):
        parser.error(f"no target {', '.join(unknown)}; there are {', '.join(targets)}")
    if chosen.again:
        targets[names[0]](chosen.again.read_bytes())
        return 0
    chosen.keep.mkdir(parents=True, exist_ok=True)
    failed = [name for name in names if not _one(name, chosen.minutes / len(names), chosen.keep)]
    sys.stdout.write(f"{len(names)} targets, {chosen.minutes:g} minutes: {', '.join(failed) or 'nothing'} crashed\n")
    return 1 if failed else 0


def _one(name: str, minutes: float, keep: Path) -> bool:
    command = [sys.executable, "-m", "tests.fuzz", "--inside", "--target", name]
    command += ["--minutes", str(minutes), "--keep", str(keep)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60.0 * minutes + GRACE, check=False)
    said = [line for line in done.stderr.splitlines() if line.startswith(("Done", "stat::", "atheris", "==", " ==="))]
    sys.stdout.write(f"{name}: {'; '.join(said[:1]) or 'no result'}\n")
    if done.returncode:
        sys.stdout.write(done.stdout + done.stderr)
    sys.stdout.flush()
    return not done.returncode


def _fuzz(name: str, minutes: float, keep: Path) -> int:
    try:
        import atheris  # noqa: PLC0415 - an extra
    except ImportError:
        sys.stderr.write(MISSING)
        return 2
    with atheris.instrument_imports(include=["otolith", "tests.fuzz.targets"]):
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - inside the instrumentation

    target = next(target for target in TARGETS if target.name == name)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(target.seeds):
            (Path(corpus) / f"seed-{number}").write_bytes(seed)
        limits = [f"-max_total_time={max(1, round(60.0 * minutes))}", f"-max_len={LONGEST}", "-rss_limit_mb=2048"]
        keeping = f"-artifact_prefix={keep.resolve()}/{name}-"
        atheris.Setup([sys.argv[0], *limits, "-timeout=10", keeping, corpus], target)
        atheris.Fuzz()  # ends the process
    return 0


if __name__ == "__main__":
    sys.exit(main())
