"""The tables of the specification, in Markdown."""

import re
from collections.abc import Mapping
from typing import Final

from otolith.drivers.ofp.codec import identity
from otolith.drivers.ofp.codec.form import Form
from otolith.drivers.ofp.codec.frames import ANSWER, ASK
from otolith.drivers.ofp.codec.packet import FORM as DATA
from otolith.drivers.ofp.codec.records import INFO, PLACE, STATE

_BLOCK: Final = re.compile(r"(<!-- made: ([a-z0-9-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_FORMS: Final = {form.name: form for form in (DATA, INFO, PLACE, STATE, ASK, ANSWER)}
_BYTES: Final = {
    "device": identity.DEVICE,
    "configuration": identity.CONFIGURATION,
    "bos": identity.bos(),
    "ms-os-20": identity.ms_os_20(),
    "url": identity.url(),
}


def with_tables(text: str) -> str:
    """The same text with every block between ``<!-- made: name -->`` and ``<!-- end -->`` made anew; KeyError."""
    return _BLOCK.sub(lambda found: f"{found[1]}{_blocks()[found[2]]}{found[3]}", text)


def blocks(text: str) -> list[str]:
    """Names of the blocks of a text."""
    return [found[2] for found in _BLOCK.finditer(text)]


def _blocks() -> Mapping[str, str]:
    tables = {name: _table(form) for name, form in _FORMS.items()}
    return tables | {name: _dump(data) for name, data in _BYTES.items()}


def _table(form: Form) -> str:
    rows = [
        f"| {offset} | {field.name} | {field.type}{f'[{field.count}]' if field.count > 1 else ''} | {field.about} |\n"
        for offset, field in form.offsets()
    ]
    return "| offset | field | type | meaning |\n|---|---|---|---|\n" + "".join(rows)


def _dump(data: bytes) -> str:
    lines = [data[at : at + 16].hex(" ").upper() for at in range(0, len(data), 16)]
    return "```text\n" + "\n".join(lines) + "\n```\n"
