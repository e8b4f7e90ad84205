"""Recordings in Parquet files: the chosen columns and no others are read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.grid import Block, labelled
from otolith.drivers.replay.recording import Recording
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
    try:
        with parquet.ParquetFile(path) as file:
            return read_grid(_grid(str(path), file, pa), columns, units, rate)
    except FileNotFoundError as error:
        raise RecordingError(f"{path}: there is no such file") from error
    except (pa.ArrowException, OSError) as error:
        raise RecordingError(f"{path}: the Parquet file is damaged or cut short: {_first_line(error)}") from error


def _grid(source: str, file: Any, pa: Any) -> Block:  # noqa: ANN401 -- pyarrow has no types
    schema = file.schema_arrow
    fields = [schema.field(i) for i in range(len(schema))]

    def fetch(column: int) -> NDArray[np.float64]:
        name, kind = fields[column].name, fields[column].type
        values = file.read(columns=[name]).column(0)
        if pa.types.is_timestamp(kind) or pa.types.is_duration(kind):
            return _seconds(values, kind, pa)
        if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
            raise RecordingError(f"{source}, column {name!r}: holds {kind}, not numbers")
        numbers: NDArray[np.float64] = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return np.array(numbers, dtype=np.float64)

    header = tuple(labelled(field.name, _unit(field.metadata)) for field in fields)
    return Block(source, header, file.metadata.num_rows, fetch)


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
