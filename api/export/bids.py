"""BIDS (bids-specification.readthedocs.io): a behavioural recording, ``_physio.tsv.gz`` with its JSON.

Motion-BIDS was considered and is not used: it describes tracked points, and none of its channel types is a force. The
format of continuous physiological recordings takes any quantity at a fixed rate, and no header line.
"""

import gzip
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from otolith import __version__
from otolith.api.export.even import filled, refuse_uneven
from otolith.drivers.errors import RecordingError
from otolith.service.samples import Block, Samples

VERSION: Final = "1.10.0"
"""Of the specification."""
NOTHING: Final = "n/a"
RECORDING: Final = "forceplate"
LABEL: Final = re.compile(r"[A-Za-z0-9]{1,64}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a data set a recording belongs. Raises RecordingError for what is no label."""

    subject: str
    task: str

    def __post_init__(self) -> None:
        for name, label in (("subject", self.subject), ("task", self.task)):
            if not LABEL.fullmatch(label):
                raise RecordingError(f"--{name} is a label of BIDS: letters and digits only, not {label!r}")

    @property
    def folder(self) -> str:
        """Of the recording, in the data set."""
        return f"sub-{self.subject}/beh"

    @property
    def stem(self) -> str:
        """Of its two files."""
        return f"sub-{self.subject}_task-{self.task}_recording-{RECORDING}_physio"


class BidsWriter:
    """The table of one recording, compressed; what is missing are rows of ``n/a``."""

    def __init__(self, samples: Samples, path: Path) -> None:
        refuse_uneven(samples, "BIDS")
        self._raw = path.open("wb")
        self._file = gzip.GzipFile(filename="", fileobj=self._raw, mode="wb", compresslevel=6, mtime=0)

    def add(self, block: Block) -> None:
        """A line each."""
        for values, flags in filled(block):
            rows = zip(values.tolist(), flags.tolist(), strict=True)
            text = "".join("\t".join((*map(_cell, row), str(flag))) + "\n" for row, flag in rows)
            self._file.write(text.encode("ascii"))

    def close(self) -> None:
        """Nothing more is to be written."""
        if not self._raw.closed:
            try:
                self._file.close()
            finally:
                self._raw.close()


def sidecar(samples: Samples) -> str:
    """The JSON beside the table."""
    about = samples.description
    said: dict[str, Any] = {
        "SamplingFrequency": about.rate,
        "StartTime": 0.0,
        "Columns": [*samples.names, "flags"],
        "Manufacturer": about.family,
        "ManufacturersModelName": about.model + (" (simulated)" if about.simulated else ""),
        "DeviceSerialNumber": about.serial,
        "SoftwareVersions": f"otolith {__version__}",
        **{column.name: {"Description": column.told, "Units": column.unit} for column in samples.columns},
        "flags": {
            "Description": "0 is good; otherwise the sum of 1 saturated, 2 channel error, 4 missing or no number,"
            " 8 nobody on the board, 16 samples are missing before it, 32 incomplete"
        },
        "ForcePlatform": {
            "Axes": "x to the subject's right, y forward, mm",
            "Cells": [{"Name": cell.name, "X": cell.x, "Y": cell.y} for cell in about.cells],
            "Plates": [
                {"Name": p.name, "X": p.x, "Y": p.y, "Turn": p.turn, "Width": p.width, "Length": p.length, "Top": p.top}
                for p in about.plates
            ],
            "Calibration": about.calibration,
        },
    }
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def dataset() -> dict[str, str]:
    """Files that every data set has, by name; they are made where there are none."""
    description = {
        "Name": "Balance recordings",
        "BIDSVersion": VERSION,
        "DatasetType": "raw",
        "GeneratedBy": [{"Name": "otolith", "Version": __version__}],
    }
    return {
        "dataset_description.json": json.dumps(description, indent=2) + "\n",
        "README": "Recordings of force plates and balance boards, converted by otolith.\n",
    }


def _cell(value: float) -> str:
    return repr(value) if value == value else NOTHING  # noqa: PLR0124 -- NaN is what differs from itself
