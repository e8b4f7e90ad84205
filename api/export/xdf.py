"""XDF (github.com/sccn/xdf, specification 1.0): one stream with a time stamp for every sample."""

import struct
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

import numpy as np

from otolith.drivers.replay.description import KEY, packed
from otolith.service.samples import Block, Samples

FILE, STREAM, SAMPLES, OFFSET, FOOTER = 1, 2, 3, 4, 6
"""Tags of chunks."""
ID: Final = struct.pack("<I", 1)
"""Of the one stream."""
FLAGS: Final = "flags"


class XdfWriter:
    """The columns and the flags as channels, double precision; time stamps are seconds since the first sample.

    There is one clock, so the clock offsets that the format asks for are zero.
    """

    def __init__(self, samples: Samples, path: Path) -> None:
        self._file = path.open("wb")
        self._dtype = np.dtype([("size", "u1"), ("t", "<f8"), ("values", "<f8", (len(samples.columns) + 1,))])
        self._count, self._ends = 0, [0.0, 0.0]
        self._file.write(b"XDF:")
        started = samples.description.started or ""
        self._chunk(FILE, f"<?xml version='1.0'?><info><version>1.0</version><datetime>{started}</datetime></info>")
        self._chunk(STREAM, ID, _header(samples))
        self._chunk(OFFSET, ID, struct.pack("<dd", 0.0, 0.0))

    def add(self, block: Block) -> None:
        """One chunk of samples."""
        rows = np.empty(len(block), dtype=self._dtype)
        rows["size"], rows["t"] = 8, block.t
        rows["values"][:, :-1], rows["values"][:, -1] = block.values, block.flags
        self._chunk(SAMPLES, ID, b"\x04", struct.pack("<I", len(block)), rows.tobytes())
        self._ends = [self._ends[0] if self._count else float(block.t[0]), float(block.t[-1])]
        self._count += len(block)

    def close(self) -> None:
        """The footer, by which a reader sees that nothing was cut off."""
        if self._file.closed:
            return
        try:
            first, last = self._ends
            self._chunk(OFFSET, ID, struct.pack("<dd", last, 0.0))
            self._chunk(
                FOOTER,
                ID,
                f"<?xml version='1.0'?><info><first_timestamp>{first!r}</first_timestamp><last_timestamp>{last!r}"
                f"</last_timestamp><sample_count>{self._count}</sample_count></info>",
            )
        finally:
            self._file.close()

    def _chunk(self, tag: int, *parts: bytes | str) -> None:
        content = struct.pack("<H", tag) + b"".join(
            part if isinstance(part, bytes) else part.encode() for part in parts
        )
        self._file.write(b"\x04" + struct.pack("<I", len(content)) + content)


def _header(samples: Samples) -> str:
    about = samples.description
    channels = [{"label": column.name, "unit": column.unit, "type": column.kind} for column in samples.columns]
    channels.append({"label": FLAGS, "unit": "", "type": FLAGS})
    setup = [_element("cell", {"label": cell.name, "X": cell.x, "Y": cell.y}) for cell in about.cells]
    for plate in about.plates:
        said = {"label": plate.name, "X": plate.x, "Y": plate.y, "turn": plate.turn}
        setup.append(_element("plate", said | {"width": plate.width, "length": plate.length, "top": plate.top}))
    maker = {"manufacturer": "Otolith", "model": about.model, "serial_number": about.serial}
    desc = (
        f"<channels>{''.join(_element('channel', channel) for channel in channels)}</channels>"
        f"{_element('acquisition', maker | {'simulated': 'yes' if about.simulated else 'no'})}"
        f"<force_platform><axes>x to the subject's right, y forward, mm</axes>{''.join(setup)}</force_platform>"
        f"<{KEY}>{_text(packed(about))}</{KEY}>"
    )
    info = {
        "name": about.name,
        "type": "Force",
        "channel_count": len(channels),
        "nominal_srate": 0.0 if about.irregular else about.rate,
        "channel_format": "double64",
        "source_id": about.serial or about.name,
        "created_at": 0,
    }
    told = "".join(f"<{name}>{_text(value)}</{name}>" for name, value in info.items())
    return f"<?xml version='1.0'?><info>{told}<desc>{desc}</desc></info>"


def _element(name: str, said: dict[str, Any]) -> str:
    return f"<{name}>{''.join(f'<{key}>{_text(value)}</{key}>' for key, value in said.items())}</{name}>"


def _text(value: object) -> str:
    """As XML text; control characters, which XML cannot hold, are left out."""
    plain = value if isinstance(value, str) else repr(value)
    return escape("".join(c for c in plain if c.isprintable() or c in "\t\n"))
