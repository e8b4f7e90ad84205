"""BDF+ (biosemi.com, edfplus.info): 24-bit integers in fixed ranges, with annotations where there is no number."""

import warnings
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.api.export.even import MISSING, filled, refuse_uneven
from otolith.drivers.batch import UNTRUSTED, Flag
from otolith.drivers.errors import RecordingError
from otolith.service.samples import Array, Block, Kind, Samples

DIGITAL: Final = 8_000_000
"""Counts at the end of the range, of the 8 388 607 that 24 bits hold: steps come out as round numbers."""
RANGES: Final[dict[Kind, float]] = {"position": 8000.0, "force": 16000.0, "moment": 8000.0}
"""Physical value at that end: steps are 0.001 mm, 0.002 N and 0.001 Nm."""
NOTHING: Final = -DIGITAL
"""Counts that mean: no number."""
ANNOTATIONS: Final = 8
"""That each data record has room for."""
GAP, INVALID, UNLOADED = "BAD_gap", "BAD_invalid", "BAD_unloaded"
"""Names that begin with BAD keep programs such as MNE from using that time."""


class BdfWriter:
    """A signal for each column, and one for the flags, at the recording's rate.

    The ranges are the same in every file, so that what was rounded once is not rounded again. Raises RecordingError
    without pyedflib, and for samples at no even rate.
    """

    def __init__(self, samples: Samples, path: Path) -> None:
        refuse_uneven(samples, "BDF")
        try:
            import pyedflib  # noqa: PLC0415  # an extra
        except ImportError as error:
            raise RecordingError("writing BDF needs pyedflib: pip install 'otolith[bdf]'") from error
        self._samples = samples
        self._per_record = max(1, round(samples.description.rate))
        self._rate = samples.description.rate
        n = len(samples.columns) + 1
        self._steps = np.array([RANGES[column.kind] / DIGITAL for column in samples.columns])
        self._file = pyedflib.EdfWriter(str(path), n, file_type=pyedflib.FILETYPE_BDFPLUS)
        with warnings.catch_warnings():  # it warns of every record length that is not its own choice
            warnings.simplefilter("ignore")
            self._file.set_number_of_annotation_signals(ANNOTATIONS)
            self._file.setDatarecordDuration(round(self._per_record / self._rate, 5))
            signals = [(column.name, column.unit, RANGES[column.kind]) for column in samples.columns]
            self._file.setSignalHeaders([self._header(*signal) for signal in [*signals, ("flags", "", DIGITAL)]])
            self._describe()
        self._held: list[NDArray[np.int32]] = []
        self._rows = self._records = 0
        self._runs = _Runs()
        self._open = True

    def add(self, block: Block) -> None:
        """Whole data records are written, the rest is held."""
        for values, flags in filled(block):
            self._take(values, flags, GAP if values is not block.values else None)
        self._write()

    def close(self) -> None:
        """The last record is filled up with no numbers, and annotated."""
        if not self._open:
            return
        self._open = False
        try:
            if rest := -self._rows % self._per_record:
                nothing = np.full((rest, len(self._samples.columns)), np.nan)
                self._take(nothing, np.full(rest, MISSING), GAP)
                self._write()
            for begin, length, word in self._runs.found[: ANNOTATIONS * self._records]:
                self._file.writeAnnotation(begin / self._rate, length / self._rate, word)
        finally:
            self._file.close()

    def _take(self, values: Array, flags: NDArray[np.uint32], word: str | None) -> None:
        self._runs.add(flags, word)
        self._held.append(np.column_stack([self._digits(values), flags.astype(np.int32)]))
        self._rows += len(values)

    def _digits(self, values: Array) -> NDArray[np.int32]:
        digits = np.rint(values / self._steps)
        beyond = np.abs(digits) >= DIGITAL
        if beyond.any():
            column = self._samples.columns[int(np.flatnonzero(beyond.any(axis=0))[0])]
            limit = RANGES[column.kind]
            raise RecordingError(
                f"{self._samples.source}: {column.name} leaves the range that BDF has for it,"
                f" {-limit:g} to {limit:g} {column.unit}; convert it to another format"
            )
        return np.where(np.isfinite(digits), digits, NOTHING).astype(np.int32)

    def _write(self) -> None:
        if self._rows < self._per_record:
            return
        rows = np.concatenate(self._held)
        whole = self._rows // self._per_record
        for record in np.split(rows[: whole * self._per_record], whole):
            self._file.blockWriteDigitalSamples(np.ascontiguousarray(record.T).ravel())
        self._held = [rows[whole * self._per_record :]]
        self._rows -= whole * self._per_record
        self._records += whole

    def _header(self, name: str, unit: str, limit: float) -> dict[str, str | float | None]:
        return {
            "label": name,
            "dimension": unit,
            "sample_frequency": self._rate,
            "physical_max": limit,
            "physical_min": -limit,
            "digital_max": DIGITAL,
            "digital_min": -DIGITAL,
            "transducer": "",
            "prefilter": "",
        }

    def _describe(self) -> None:
        about = self._samples.description
        if about.started:
            self._file.setStartdatetime(datetime.fromisoformat(about.started).replace(tzinfo=None))
        self._file.setEquipment(_plain(f"{about.model} {about.serial}{' simulated' if about.simulated else ''}"))
        self._file.setRecordingAdditional("lowest value means no number")


class _Runs:
    """Stretches without a number, and why: first row, length, word."""

    def __init__(self) -> None:
        self.found: list[tuple[int, int, str]] = []
        self._row = 0

    def add(self, flags: NDArray[np.uint32], word: str | None) -> None:
        """The next rows; of one word, or as each row's flags say."""
        bits = np.where((flags & np.uint32(UNTRUSTED)) != 0, 2, np.where((flags & np.uint32(Flag.UNLOADED)) != 0, 1, 0))
        edges = [0, *(np.flatnonzero(np.diff(bits)) + 1).tolist(), len(bits)] if word is None else [0, len(bits)]
        for begin, end in pairwise(edges):
            said = word or ("", UNLOADED, INVALID)[bits[begin]]
            if said and end > begin:
                self._note(self._row + begin, end - begin, said)
        self._row += len(flags)

    def _note(self, begin: int, length: int, word: str) -> None:
        if self.found and self.found[-1][2] == word and sum(self.found[-1][:2]) == begin:
            begin, length = self.found[-1][0], self.found.pop()[1] + length
        self.found.append((begin, length, word))


def _plain(text: str) -> str:
    """As a header field takes it: ASCII, short."""
    return text.encode("ascii", "replace").decode()[:30]
