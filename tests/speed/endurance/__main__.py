"""``python -m tests.speed.endurance --minutes 10``: many boards in one station, every sample checked."""

import argparse
import asyncio
import sys

from rich.console import Console
from tests.speed.endurance.page import page, summary, table
from tests.speed.endurance.run import endure


def main() -> int:
    """Run; 0 where every sample came once and in order and the delay is within its limit."""
    parser = argparse.ArgumentParser(prog="python -m tests.speed.endurance", description="Many boards, one station.")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (default: 10)")
    parser.add_argument("--plates", type=int, default=8, help="OFP plates of six components at 1 kHz (default: 8)")
    parser.add_argument("--boards", type=int, default=4, help="Wii boards at 100 Hz (default: 4)")
    parser.add_argument("--no-recording", action="store_true", help="keep no continuous journal")
    parser.add_argument("--markdown", action="store_true", help="write the page docs/reference/endurance.md")
    chosen = parser.parse_args()
    seconds = 60.0 * chosen.minutes
    every = min(10.0, seconds / 6.0)
    outcome = asyncio.run(endure(seconds, chosen.plates, chosen.boards, every=every, record=not chosen.no_recording))
    if chosen.markdown:
        sys.stdout.write(page(outcome, recording=not chosen.no_recording))
    else:
        console = Console(width=110)
        console.print(table(outcome))
        console.print(summary(outcome), markup=False)
    return 0 if outcome.whole and outcome.account.newest.percentile(99.0) <= 5.0 else 1


if __name__ == "__main__":
    sys.exit(main())
