"""The dashboard's built files at ``/``, or a page that says how to build them."""

from pathlib import Path
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

DIST: Final = Path(__file__).parent / "dashboard" / "dist"
NOT_BUILT: Final = """The station is running, but its dashboard was not built.

In a checkout of the project run:  make dashboard
An installed otolith always carries it.

The API is at /api/v1, its description at /api/v1/openapi.json
"""


class DashboardMount(Mount):
    """Everything but the API and the broker, so that those answer 404 and 405 for themselves."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """No match under ``/api`` and ``/mqtt``."""
        first = scope["path"].split("/", 2)[1:2]
        return (Match.NONE, {}) if first in (["api"], ["mqtt"]) else super().matches(scope)


async def _not_built(_: object) -> PlainTextResponse:
    return PlainTextResponse(NOT_BUILT, 503)


def dashboard_route(folder: Path = DIST) -> BaseRoute:
    """The route to append last."""
    if (folder / "index.html").is_file():
        return DashboardMount("/", StaticFiles(directory=folder, html=True), name="dashboard")
    return Route("/", _not_built)
