"""``otolith prove``."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from otolith.api.cli.failure import FAILED
from otolith.api.cli.output import JsonFlag, console, print_json
from otolith.drivers.errors import BoardRefused
from otolith.drivers.opening import open_board
from otolith.drivers.proving import Proof, Provable


def prove(
    moniker: Annotated[str, typer.Argument(help="Which board; `otolith boards` lists them.")],
    *,
    seconds: Annotated[float, typer.Option(help="How long.", min=0.1, max=86400.0)] = 10.0,
    as_json: JsonFlag = False,
) -> None:
    """Have a board send its test pattern, and judge what comes.

    ```console
    otolith prove usb:09db:00ea?plate=lab.toml --seconds 60
    ```

    It holds where all of the pattern came, once and in order; if not, the exit status is 1. OFP plates and the MCC
    USB-1608FS-Plus have such a pattern.
    """
    proof = asyncio.run(_prove(moniker, seconds))
    counts = asdict(proof)
    if as_json:
        print_json({**counts, "holds": proof.holds})
    else:
        verdict = "[green]it holds[/]" if proof.holds else "[red]it does not hold[/]"
        console().print(f"{verdict}: " + ", ".join(f"{name} {count:g}" for name, count in counts.items()))
    if not proof.holds:
        raise typer.Exit(FAILED)


async def _prove(moniker: str, seconds: float) -> Proof:
    async with await open_board(moniker) as board:
        if not isinstance(board, Provable):
            raise BoardRefused(f"{board.info.model} has no test pattern")
        return await board.prove(seconds)
