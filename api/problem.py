"""Errors as RFC 9457 problem documents: what happened and what to do, never how the inside looks."""

import re
from functools import partial
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from otolith.service.errors import (
    CalibrationError,
    CalibrationRefused,
    ChallengeRefused,
    IdentifyRefused,
    ProgramError,
    ProgramRefused,
    RecordingRefused,
    ServiceError,
    StoreError,
    TareRefused,
    TriggerRefused,
    UnknownBoard,
    UnknownChallenge,
    UnknownEnrolment,
    UnknownPerson,
    UnknownProgram,
    UnknownRecording,
    UnknownRun,
    UnknownSession,
    UnknownToken,
    UnknownTrial,
)

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """An answer that is a problem: ``code`` is stable and for programs, ``detail`` is for people."""

    def __init__(self, status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}


def problem_document(status: int, code: str, detail: str, **extra: object) -> dict[str, Any]:
    """The members that every problem has, and ``extra`` ones."""
    return {
        "type": f"urn:otolith:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **extra,
    }


def problem_response(
    status: int, code: str, detail: str, headers: dict[str, str] | None = None, **extra: object
) -> Response:
    """The document as a response."""
    body = msgspec.json.encode(problem_document(status, code, detail, **extra))
    return Response(body, status, headers, MEDIA_TYPE)


SERVICE_CODES: dict[type[ServiceError], tuple[int, str]] = {
    UnknownBoard: (404, "unknown-board"),
    UnknownRecording: (404, "unknown-recording"),
    UnknownToken: (404, "unknown-token"),
    UnknownChallenge: (404, "unknown-challenge"),
    UnknownPerson: (404, "unknown-person"),
    UnknownSession: (404, "unknown-session"),
    UnknownRun: (404, "unknown-run"),
    UnknownTrial: (404, "unknown-trial"),
    UnknownProgram: (404, "unknown-program"),
    UnknownEnrolment: (404, "unknown-enrolment"),
    ChallengeRefused: (409, "challenge-refused"),
    TriggerRefused: (409, "trigger-refused"),
    ProgramRefused: (409, "program-refused"),
    ProgramError: (409, "program"),
    TareRefused: (409, "tare-refused"),
    CalibrationError: (409, "calibration"),
    CalibrationRefused: (409, "calibration-refused"),
    RecordingRefused: (409, "recording-refused"),
    IdentifyRefused: (409, "identify-refused"),
    StoreError: (503, "store"),
}
HTTP_CODES = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 416: "range-not-satisfiable"}
HTTP_DETAILS = {
    404: "There is nothing at this address; /api/v1/openapi.json lists what there is.",
    405: "This address does not offer that method; the Allow header lists those it does.",
}


async def _on_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 -- registered for Problem alone
    return problem_response(error.status, error.code, error.detail, error.headers)


async def _on_service(_: Request, error: Exception, *, status: int, code: str) -> Response:
    return problem_response(status, code, str(error))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 -- registered for HTTPException alone
    code = HTTP_CODES.get(error.status_code, "refused")
    detail = HTTP_DETAILS.get(error.status_code, str(error.detail))
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    if error.status_code == 405:  # noqa: PLR2004 -- Method Not Allowed; the router names the methods of one route alone
        headers["allow"] = _allowed(request) or headers.get("allow", "GET, HEAD")
    return problem_response(error.status_code, code, detail, headers)


def _allowed(request: Request) -> str:
    """The methods of every route at the request's address."""
    for template, operations in request.app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), request.url.path):
            return ", ".join(sorted(method.upper() for method in operations))
    return ""


async def _on_validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 -- registered for RequestValidationError alone
    faults = [{"at": _printable(fault["loc"]), "detail": fault["msg"]} for fault in error.errors()]
    where = "; ".join(f"{fault['at']}: {fault['detail']}" for fault in faults)
    return problem_response(422, "invalid", f"The request cannot be read. {where}", errors=faults)


def _printable(location: tuple[str | int, ...]) -> str:
    """The place of a fault; a client's own field name may hold what UTF-8 cannot."""
    return "/".join(map(str, location)).encode(errors="replace").decode()


SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457: `type` is stable and for programs, `detail` is for people.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"at": {"type": "string"}, "detail": {"type": "string"}}},
        },
    },
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}
"""For ``responses=`` of a router."""


def install_problems(app: FastAPI) -> None:
    """Make ``app`` answer every error, its own and the framework's, with a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http)
    for kind, (status, code) in SERVICE_CODES.items():
        app.add_exception_handler(kind, partial(_on_service, status=status, code=code))
    app.add_exception_handler(RequestValidationError, _on_validation)
