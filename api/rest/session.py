"""Sessions: a browser trades its token for a cookie that its scripts cannot read."""

import math
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.responses import Response

from otolith.api.auth import COOKIE, MAX_SECRET, Identity, foreign_origin
from otolith.api.context import ContextHere, Viewer
from otolith.api.problem import Problem
from otolith.api.reply import reply
from otolith.api.throttle import LoginThrottle
from otolith.service.store import Role

router = APIRouter(prefix="/session", tags=["session"])

DEVICE_COOKIE: Final = "otolith_device"
SESSION_SECONDS: Final = 12 * 3600
"""A working day."""
DEVICE_SECONDS: Final = 365 * 24 * 3600
PATH: Final = "/api/"

log = structlog.get_logger(__name__)


class Login(BaseModel):
    """The token, as it was shown when it was made."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[SecretStr, Field(min_length=1, max_length=MAX_SECRET)]


class SessionState(BaseModel):
    """Who is logged in."""

    name: str
    role: Role


def _state(identity: Identity) -> dict[str, str]:
    return {"name": identity.name, "role": identity.role}


@router.get("", response_model=SessionState)
async def get_session(identity: Viewer) -> Response:
    """Who is asking."""
    return reply(_state(identity))


@router.post("", response_model=SessionState)
async def log_in(request: Request, login: Login, context: ContextHere) -> Response:
    """Trade a token for a session cookie."""
    if foreign_origin(request):
        raise Problem(403, "foreign-origin", "Another site's page cannot log a browser in here.")
    device = context.throttle.device(request.cookies.get(DEVICE_COOKIE, ""))
    _refuse_if_throttled(context.throttle, device)
    secret = login.token.get_secret_value()
    identity = await context.access.identity(secret)
    if identity is None:
        context.throttle.failed(device)
        log.warning("login refused", known_device=bool(device))
        raise Problem(401, "token-refused", "The token is wrong or revoked.", {"www-authenticate": "Bearer"})
    context.throttle.succeeded(device)
    response = reply(_state(identity))
    _set_cookie(request, response, COOKIE, secret, SESSION_SECONDS)
    _set_cookie(request, response, DEVICE_COOKIE, context.throttle.new_device(), DEVICE_SECONDS)
    return response


@router.delete("", status_code=204)
async def log_out() -> Response:
    """Forget the session cookie; the token stays valid."""
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="strict")
    return response


def _refuse_if_throttled(throttle: LoginThrottle, device: str) -> None:
    wait = math.ceil(throttle.wait(device))
    if wait:
        detail = f"Too many wrong tokens; try again in {wait} s."
        raise Problem(429, "too-many-logins", detail, {"retry-after": str(wait)})


def _set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """Set a cookie for this station's API alone, out of reach of scripts and of other sites."""
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, seconds, path=PATH, secure=secure, httponly=True, samesite="strict")
