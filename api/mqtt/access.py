"""Who may do what on the broker: a table of two functions, and the name that a connection goes by."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from otolith.api.mqtt.topics import Kind, Topic, TopicError, tree
from otolith.service.store import Role, TokenRow

Verify = Callable[[str], Awaitable[TokenRow | None]]
"""``Store.tokens.verify``: the token of a secret, or None."""

MAX_SECRET: Final = 256
"""Characters; longer is refused before anything is computed of it."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who is at the other end of a connection: a token."""

    id: str
    name: str
    role: Role


async def authenticate(verify: Verify, password: str | None) -> Account | None:
    """The account of a token's secret, given as the password; the user name may be anything."""
    token = await verify(password) if password and len(password) <= MAX_SECRET else None
    return None if token is None else Account(str(token.id), token.name, token.role)


def may_subscribe(station: str, topic_filter: str) -> bool:
    """Everybody with a token reads all that this station says, and nothing else: no ``$SYS``, no filter above it."""
    return topic_filter.startswith(f"{tree(station)}/")


def may_publish(account: Account, station: str, topic: str) -> bool:
    """Operators give commands. What the station says is published by the station alone, from inside."""
    try:
        return Topic.parse(topic, station).kind is Kind.COMMAND and account.role.allows(Role.OPERATOR)
    except TopicError:
        return False
