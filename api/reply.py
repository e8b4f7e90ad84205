"""JSON answers: NaN as null, and an ETag by which an unchanged answer is not sent twice."""

import hashlib

import msgspec
from starlette.requests import Request
from starlette.responses import Response


def reply(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """``value`` as JSON, not to be kept."""
    return Response(msgspec.json.encode(value), status, headers, "application/json")


def tagged_reply(request: Request, value: object) -> Response:
    """``value`` as JSON with its ETag, or 304 where the client has it already."""
    body = msgspec.json.encode(value)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "private, no-cache", "vary": "authorization, cookie"}
    if tag in _tags(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, "application/json")


def _tags(header: str) -> set[str]:
    """The tags that a client has; a weak one is as good as a strong one for this comparison (RFC 9110, 8.8.3.2)."""
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
