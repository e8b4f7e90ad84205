"""Tokens: who may use this station."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from otolith.api.context import Admin, StationHere
from otolith.api.problem import Problem
from otolith.api.reply import reply, tagged_reply
from otolith.service.store import Role, TokenRow

router = APIRouter(prefix="/tokens", tags=["tokens"])

TokenId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="`id` of a token")]


class TokenStart(BaseModel):
    """The token to make."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w .@-]+$")]
    role: Role


class TokenMade(BaseModel):
    """A new token; its secret is shown this once."""

    token: TokenRow
    secret: str


@router.get("", response_model=list[TokenRow])
async def list_tokens(request: Request, station: StationHere, _: Admin) -> Response:
    """All tokens, oldest first, revoked ones too; without their secrets."""
    return tagged_reply(request, await station.store.tokens.list())


@router.post("", status_code=201, response_model=TokenMade)
async def create_token(start: TokenStart, station: StationHere, admin: Admin) -> Response:
    """Make a token."""
    row, secret = await station.store.tokens.create(start.name, start.role)
    await station.store.audit.append(by=admin.name, action="token-created", subject=row.id, detail=row.role)
    return reply({"token": row, "secret": secret}, 201)


@router.delete("/{token_id}", response_model=TokenRow)
async def revoke_token(token_id: TokenId, station: StationHere, admin: Admin) -> Response:
    """End a token now, and the live connections that use it within a second."""
    if token_id == admin.token:
        raise Problem(409, "own-token", "A token cannot revoke itself; log in with another admin token first.")
    row = await station.store.tokens.revoke(token_id)
    await station.store.audit.append(by=admin.name, action="token-revoked", subject=row.id)
    return reply(row)
