"""The generated references under ``docs/reference``; ``python -m otolith.api.reference docs/reference`` writes them."""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from otolith.api.app import create_app
from otolith.api.cli.manual import manual
from otolith.api.messages import Hello, ServerMessage
from otolith.service.challenges.challenge import Challenge
from otolith.service.config import Config
from otolith.service.norms.norm import Norm
from otolith.service.programs.program import Program
from otolith.service.sections import Section
from otolith.service.station import Station


def live_schema() -> dict[str, Any]:
    """JSON Schema of ``/api/v1/live``: the document itself is a message of the server, ``$defs/Hello`` the client's."""
    (server, _), components = msgspec.json.schema_components([ServerMessage, Hello], ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ServerMessage",
        "description": "A message of the WebSocket /api/v1/live; the client's first message is $defs/Hello.",
        **server,
        "$defs": components,
    }


def file_schema(kind: type[Section], title: str) -> dict[str, Any]:
    """JSON Schema of a definition file, for editors and for whoever writes one by a program."""
    schema = kind.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}


def openapi() -> dict[str, Any]:
    """OpenAPI of ``/api/v1``."""
    return create_app(Station(Config())).openapi()


def render(document: dict[str, Any]) -> str:
    """Text of a reference: sorted and indented, so that differences read well."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def references() -> dict[str, str]:
    """File name to content of every generated reference."""
    return {
        "cli.md": manual(),
        "challenge.schema.json": render(file_schema(Challenge, "Challenge file")),
        "norm.schema.json": render(file_schema(Norm, "Norm file")),
        "program.schema.json": render(file_schema(Program, "Program file")),
        "live.schema.json": render(live_schema()),
        "openapi.json": render(openapi()),
    }


def main(folder: Path) -> None:
    """Write every reference into ``folder``."""
    for name, text in references().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
