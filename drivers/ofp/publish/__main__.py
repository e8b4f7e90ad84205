"""Writes the published files anew."""

import json
import sys
from pathlib import Path

from otolith.drivers.ofp.publish.header import header
from otolith.drivers.ofp.publish.tables import with_tables
from otolith.drivers.ofp.publish.vectors import vectors


def publish(folder: Path) -> None:
    """``ofp.h`` and ``ofp-vectors.json`` whole, and the tables of ``ofp.md``, whose words are written by hand."""
    (folder / "ofp.h").write_text(header())
    (folder / "ofp-vectors.json").write_text(json.dumps(vectors(), indent=2) + "\n")
    paper = folder / "ofp.md"
    paper.write_text(with_tables(paper.read_text()))


if __name__ == "__main__":
    publish(Path(sys.argv[1]))
