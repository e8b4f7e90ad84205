"""``otolith db``."""

import asyncio

import typer

from otolith.api.cli.tokens import ConfigOption, with_store
from otolith.service.store import Store

db = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="markdown")


@db.callback()
def about() -> None:
    """Look after the station's records."""


@db.command()
def upgrade(config: ConfigOption = None) -> None:
    """Bring the records to the form that this version reads. Starting the station does it too."""

    async def opened(_: Store) -> None:
        """Opening is what upgrades."""

    asyncio.run(with_store(config, opened))
    typer.echo("The records are up to date.")
