"""Parquet: columns with their units, row groups as they come, the description in the file's metadata."""

from pathlib import Path
from typing import Final

import numpy as np

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.description import KEY, packed
from otolith.service.samples import Block, Samples

ROWS: Final = 1 << 17
"""Of a row group."""


class ParquetWriter:
    """``t``, the columns, and ``flags``; float64, and uint32 for the flags. Raises RecordingError without pyarrow."""

    def __init__(self, samples: Samples, path: Path) -> None:
        try:
            import pyarrow as pa  # noqa: PLC0415  # an extra, and 170 MB
            from pyarrow import parquet  # noqa: PLC0415
        except ImportError as error:
            raise RecordingError("writing Parquet needs pyarrow: pip install 'otolith[archive]'") from error
        told = [("t", "s", "time since the first sample"), *((c.name, c.unit, c.told) for c in samples.columns)]
        fields = [
            pa.field(name, pa.float64(), metadata={"unit": unit, "description": text}) for name, unit, text in told
        ]
        fields.append(pa.field("flags", pa.uint32(), metadata={"description": "bits of otolith's Flag; 0 is good"}))
        self._schema = pa.schema(fields, metadata={KEY: packed(samples.description)})
        self._table = pa.table
        names = [name for name, _, _ in told]
        self._writer = parquet.ParquetWriter(
            path,
            self._schema,
            compression="zstd",
            use_dictionary=False,
            column_encoding={**dict.fromkeys(names, "BYTE_STREAM_SPLIT"), "flags": "DELTA_BINARY_PACKED"},
            write_page_checksum=True,
        )
        self._held: list[Block] = []

    def add(self, block: Block) -> None:
        """Held until a row group is full."""
        self._held.append(block)
        if sum(map(len, self._held)) >= ROWS:
            self._write()

    def close(self) -> None:
        """The last row group, and the footer."""
        try:
            self._write()
        finally:
            self._writer.close()

    def _write(self) -> None:
        held, self._held = self._held, []
        if not held:
            return
        values = np.concatenate([block.values for block in held])
        columns = [np.concatenate([block.t for block in held]), *values.T]
        flags = np.concatenate([block.flags for block in held])
        self._writer.write_table(self._table([*columns, flags], schema=self._schema))
