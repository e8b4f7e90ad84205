"""The log: structlog to standard error, with every secret left out."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

SECRETS: Final = frozenset({"token", "secret", "password", "authorization", "cookie"})


def without_secrets(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor: whatever is named like a secret is not written."""
    for name in SECRETS & event.keys():
        event[name] = "(not logged)"
    return event


def configure_logging() -> None:
    """Lines for people on a terminal, JSON elsewhere; other libraries speak from warnings upwards."""
    terminal = sys.stderr.isatty()
    # Plain tracebacks: the pretty ones show local variables, and among them secrets.
    people = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_secrets,
            *([] if terminal else [structlog.processors.format_exc_info]),
            people if terminal else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
