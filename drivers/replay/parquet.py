"""Recordings in Parquet files: the chosen columns and no others are read."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.description import KEY, unpacked
from otolith.drivers.replay.grid import Block, labelled
from otolith.drivers.replay.recording import Recording, described
from otolith.drivers.replay.table import read_grid

MAGIC = b"PAR1"
UNIT = b"unit"
"""Key of a field's metadata that may hold its unit."""


def read_parquet(
    path: Path, columns: Mapping[str, str] | None = None, units: str | None = None, rate: float | None = None
) -> Recording:
    """Read a Parquet file as :func:`~otolith.drivers.replay.table.read_table` reads text.

    A column's unit is in its name or in its field's metadata, ``unit``; times may be timestamps. Raises RecordingError.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415  # an extra, and 170 MB
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise RecordingError(f"{path}: reading Parquet needs pyarrow: pip install 'otolith[archive]'") from error
    with _damage(path):
        file = parquet.ParquetFile(path, page_checksum_verification=True)
    with file:
        about = unpacked((file.schema_arrow.metadata or {}).get(KEY.encode()))
        return described(read_grid(_grid(path, file, pa), columns, units, rate), about)


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Turn whatever pyarrow raises at damaged bytes, which it does not promise, into RecordingError."""
    try:
        yield
    except FileNotFoundError as error:
        raise RecordingError(f"{path}: there is no such file") from error
    except Exception as error:
        raise RecordingError(f"{path}: the Parquet file is damaged or cut short: {_first_line(error)}") from error


def _grid(path: Path, file: Any, pa: Any) -> Block:  # noqa: ANN401 -- pyarrow has no types
    with _damage(path):
        schema = file.schema_arrow
        fields = [schema.field(i) for i in range(len(schema))]
        header = tuple(labelled(field.name, _unit(field.metadata)) for field in fields)
        rows = file.metadata.num_rows

    def fetch(column: int) -> NDArray[np.float64]:
        name, kind = fields[column].name, fields[column].type
        timed = pa.types.is_timestamp(kind) or pa.types.is_duration(kind)
        if not (timed or pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
            raise RecordingError(f"{path}, column {name!r}: holds {kind}, not numbers")
        with _damage(path):
            values = file.read(columns=[name]).column(0)
            if len(values) != rows:
                raise ValueError(f"column {name!r} has {len(values)} of {rows} rows")
            if timed:
                return _seconds(values, kind, pa)
            return np.array(values.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)

    return Block(str(path), header, rows, fetch)


def _seconds(values: Any, kind: Any, pa: Any) -> NDArray[np.float64]:  # noqa: ANN401 -- as above
    """Seconds from the first time: as integers first, for a float cannot hold nanoseconds since 1970."""
    ticks = values.cast(pa.int64())
    if ticks.null_count:
        return np.full(len(ticks), np.nan)
    whole = ticks.to_numpy(zero_copy_only=False)
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
    since: NDArray[np.float64] = (whole - whole[:1]) / per_second
    return since


def _unit(metadata: Mapping[bytes, bytes] | None) -> str | None:
    return metadata[UNIT].decode() if metadata and UNIT in metadata else None


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
