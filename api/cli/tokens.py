"""``otolith token``: who may use the station of a configuration."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.table import Table

from otolith.api.cli.output import JsonFlag, console, print_json
from otolith.service.config import load_config
from otolith.service.station import Station
from otolith.service.store import Role, Store, TokenRow

T = TypeVar("T")
ConfigOption = Annotated[Path | None, typer.Option(help="The station's TOML file.", show_default="none")]

token = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="markdown")


@token.callback()
def about() -> None:
    """Make, list and revoke tokens of the station.

    They are kept in the station's folder; the station may be running. Roles: viewer, operator (tares, records),
    admin (also tokens).

    ```console
    otolith token create --role operator --name "exam room 2"
    otolith token list
    ```
    """


@token.command()
def create(
    *,
    role: Annotated[Role, typer.Option(help="What it may do.")],
    name: Annotated[str, typer.Option(help="Whose it is, for people.")] = "command line",
    config: ConfigOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a token; its secret is shown this once."""

    async def made(store: Store) -> tuple[TokenRow, str]:
        return await store.tokens.create(name, role)

    row, secret = asyncio.run(with_store(config, made))
    if as_json:
        print_json({"token": row, "secret": secret})
    else:
        typer.echo(secret)


@token.command("list")
def list_(*, config: ConfigOption = None, as_json: JsonFlag = False) -> None:
    """List all tokens, revoked ones too, without their secrets."""

    async def listed(store: Store) -> tuple[TokenRow, ...]:
        return await store.tokens.list()

    rows = asyncio.run(with_store(config, listed))
    if as_json:
        print_json(rows)
        return
    table = Table("id", "name", "role", "made", "revoked")
    for row in rows:
        table.add_row(row.id, row.name, row.role, row.created, row.revoked or "")
    console().print(table)


@token.command()
def revoke(
    token_id: Annotated[str, typer.Argument(help="Its id, from `otolith token list`.")], config: ConfigOption = None
) -> None:
    """End a token now."""

    async def revoked(store: Store) -> TokenRow:
        return await store.tokens.revoke(token_id)

    row = asyncio.run(with_store(config, revoked))
    typer.echo(f"{row.id} ({row.name}) is revoked")


async def with_store(config: Path | None, work: Callable[[Store], Awaitable[T]]) -> T:
    """Open the records of the station that the file describes, work, close. Raises ConfigError, StoreError."""
    station = Station(load_config(config))
    station.config.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with station.store as store:
        return await work(store)
