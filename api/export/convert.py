"""From samples to a file in another format: all of it or nothing, and never over one that is there."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from otolith.api.export.bdf import BdfWriter
from otolith.api.export.bids import BidsWriter, Place, dataset, sidecar
from otolith.api.export.c3d import C3dWriter
from otolith.api.export.csv import CsvWriter
from otolith.api.export.parquet import ParquetWriter
from otolith.api.export.writer import Writer
from otolith.api.export.xdf import XdfWriter
from otolith.service.samples import Samples

Progress = Callable[[int], None]
"""Told how many more samples are written."""


class Exists(Exception):
    """The file is there already; its name is the message."""


@dataclass(frozen=True, slots=True)
class Format:
    """One file of one recording."""

    ending: str
    media_type: str
    make: Callable[[Samples, Path], Writer]


FORMATS: Final[dict[str, Format]] = {
    "parquet": Format(".parquet", "application/vnd.apache.parquet", ParquetWriter),
    "csv": Format(".csv", "text/csv; charset=us-ascii", CsvWriter),
    "c3d": Format(".c3d", "application/octet-stream", C3dWriter),
    "xdf": Format(".xdf", "application/octet-stream", XdfWriter),
    "bdf": Format(".bdf", "application/octet-stream", BdfWriter),
}
MODE: Final = 0o640
"""Of the file, as of a journal: it is about a person."""
BIDS: Final = "bids"
"""A folder, not a file."""


def convert(samples: Samples, to: str, out: Path, *, force: bool = False, progress: Progress = lambda _: None) -> Path:
    """Write ``out`` in one of ``FORMATS``. Raises Exists, RecordingError, OSError; then ``out`` is what it was."""
    with _replacing(out, force=force) as draft:
        write(samples, FORMATS[to].make, draft, progress)
    return out


def convert_to_bids(
    samples: Samples, place: Place, out: Path, *, force: bool = False, progress: Progress = lambda _: None
) -> Path:
    """Add the recording to the data set in the folder ``out``, which is made where there is none. Raises as above."""
    folder = out / place.folder
    table, about = folder / f"{place.stem}.tsv.gz", folder / f"{place.stem}.json"
    if about.exists() and not force:
        raise Exists(str(about))
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in dataset().items():
        if not (out / name).exists():
            (out / name).write_text(text, encoding="utf-8")
    with _replacing(table, force=force) as draft:
        write(samples, BidsWriter, draft, progress)
    with _replacing(about, force=force) as draft:
        draft.write_text(sidecar(samples), encoding="utf-8")
    return table


def write(samples: Samples, make: Callable[[Samples, Path], Writer], path: Path, progress: Progress) -> None:
    """Every block through a writer, which is closed whatever happens."""
    writer = make(samples, path)
    try:
        for block in samples.blocks():
            writer.add(block)
            progress(len(block))
    except BaseException:
        with suppress(Exception):  # the first error is the one to tell
            writer.close()
        raise
    writer.close()


@contextmanager
def _replacing(path: Path, *, force: bool) -> Iterator[Path]:
    """A draft beside ``path``, which takes its place when all went well, and is gone when not."""
    if path.exists() and not force:
        raise Exists(str(path))
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        draft.chmod(MODE)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        if force:
            draft.replace(path)
        else:
            _link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _link(draft: Path, path: Path) -> None:
    """Give the draft its name, unless somebody else has taken it in the meantime."""
    try:
        os.link(draft, path)
    except FileExistsError as error:
        raise Exists(str(path)) from error
    except OSError:  # a file system without hard links
        draft.replace(path)
