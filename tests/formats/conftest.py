"""Small writers of foreign formats, independent of the readers under test."""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

Array = NDArray[np.float64]
Groups = dict[str, dict[str, Any]]
INTEL, DEC, MIPS = 84, 85, 86


def vax(values: Array) -> bytes:
    """F_floating, by frexp."""
    mantissa, exponent = np.frexp(np.abs(values))
    fraction = np.rint((mantissa - 0.5) * 2**24).astype(np.uint32)
    bits = (exponent + 128).astype(np.uint32) << 23 | fraction | (values < 0).astype(np.uint32) << 31
    bits[values == 0] = 0
    bits[np.isnan(values)] = 1 << 31
    return b"".join(struct.pack("<HH", int(b) >> 16, int(b) & 0xFFFF) for b in bits)


@dataclass
class C3d:
    """A C3D file to be: groups of parameters, raw analogue samples ``(frames, samples, channels)``."""

    groups: Groups
    raw: Array
    processor: int = INTEL
    floats: bool = True
    points: int = 0
    rate: float = 100.0
    first: int = 1
    frames: int | None = None
    block: int | None = None
    changes: dict[int, bytes] = field(default_factory=dict)

    def order(self) -> str:
        return ">" if self.processor == MIPS else "<"

    def word(self, value: int) -> bytes:
        return struct.pack(f"{self.order()}H", value & 0xFFFF)

    def reals(self, values: Any) -> bytes:
        flat = np.asarray(values, dtype=np.float64).ravel(order="F")
        return vax(flat) if self.processor == DEC else flat.astype(f"{self.order()}f4").tobytes()

    def parameter(self, value: Any) -> bytes:
        if isinstance(value, list):  # of strings
            width = max((len(text) for text in value), default=0)
            return bytes([255, 2, width, len(value)]) + b"".join(t.ljust(width).encode() for t in value)
        array = np.asarray(value)
        head = bytes([array.ndim, *array.shape])
        if array.dtype.kind in "iu":
            return b"\x02" + head + b"".join(self.word(int(v)) for v in array.ravel(order="F"))
        return b"\x04" + head + self.reals(array)

    def section(self) -> bytes:
        out = b""
        for number, (group, parameters) in enumerate(self.groups.items(), start=1):
            out += bytes([len(group), 256 - number]) + group.encode() + self.word(3) + b"\0"
            for name, value in parameters.items():
                body = self.parameter(value) + b"\0"
                out += bytes([len(name), number]) + name.encode() + self.word(len(body) + 2) + body
        blocks = -(-(len(out) + 6) // 512)
        return (bytes([1, 0x50, blocks, self.processor]) + out).ljust(512 * blocks, b"\0")

    def samples(self) -> bytes:
        n, _, _ = self.raw.shape
        points = np.tile([100.0, 200.0, 300.0, 0.0], (n, self.points))
        whole = np.concatenate([points, self.raw.reshape(n, -1)], axis=1)
        if self.floats:
            return self.reals(whole.T)
        return (whole.astype(np.int64) & 0xFFFF).astype(f"{self.order()}u2").tobytes()

    def encoded(self) -> bytes:
        frames, samples, channels = self.raw.shape
        announced = frames if self.frames is None else self.frames
        scale = -1.0 if self.floats else 1.0
        point = self.groups.setdefault("POINT", {})
        point |= {"USED": np.int16(self.points), "SCALE": np.float32(scale), "RATE": np.float32(self.rate)}
        point |= {"FRAMES": np.int32(min(announced, 65535)), "DATA_START": np.int16(0)} | point
        start = 2 + len(self.section()) // 512
        point["DATA_START"] = np.int16(self.block or start)
        header = bytes([2, 0x50]) + b"".join(
            map(self.word, [self.points, samples * channels, self.first, min(self.first + announced - 1, 65535), 10])
        )
        header += self.reals([scale]) + self.word(start) + self.word(samples) + self.reals([self.rate])
        data = bytearray(header.ljust(512, b"\0") + self.section() + self.samples())
        for at, piece in self.changes.items():
            data[at : at + len(piece)] = piece
        return bytes(data)

    def write(self, path: Path) -> Path:
        path.write_bytes(self.encoded())
        return path


CORNERS = np.array([[520.0, 180.0, 5.0], [520.0, 580.0, 5.0], [-80.0, 580.0, 5.0], [-80.0, 180.0, 5.0]])
COUNTS = {1: 6, 2: 6, 3: 8, 4: 6, 5: 8, 6: 12, 7: 8, 11: 8, 12: 8, 21: 12}


def platform_group(kinds: list[int], **changes: Any) -> dict[str, Any]:
    """FORCE_PLATFORM of plates side by side along x."""
    wide, first, channels = max(COUNTS[kind] for kind in kinds), 1, []
    for kind in kinds:
        channels.append([first + i if i < COUNTS[kind] else 0 for i in range(wide)])
        first += COUNTS[kind]
    origin = [[120.0, 200.0, -54.0] if kind in (3, 7) else [1.5, -2.0, -41.0] for kind in kinds]
    corners = [CORNERS + np.array([700.0 * i, 0.0, 0.0]) for i in range(len(kinds))]
    return {
        "USED": np.int16(len(kinds)),
        "TYPE": np.array(kinds, dtype=np.int16),
        "ZERO": np.array([1, 0], dtype=np.int16),
        "CHANNEL": np.array(channels, dtype=np.int16).T,
        "CORNERS": np.stack([c.T for c in corners], axis=2),
        "ORIGIN": np.array(origin).T,
    } | changes


def somebody(kind: int, n: int = 3000, seed: int = 0) -> Array:
    """Channels ``(n, c)`` of a person who sways slowly, in values that a 32-bit float holds."""
    rng = np.random.default_rng(seed)
    sway = np.cumsum(rng.normal(0.0, 1.0, (n, 2)), axis=0) / 5.0 + rng.normal(0.0, 0.1, (n, 2))
    channels = rng.normal(0.0, 2.0, (n, COUNTS[kind]))
    if kind in (3, 7):
        channels[:, 4:] += 175.0 + np.outer(sway[:, 0], [1, -1, -1, 1]) + np.outer(sway[:, 1], [1, 1, -1, -1])
    else:
        channels[:, 2] += 700.0
        channels[:, 3] += 700.0 * sway[:, 1] if kind != 1 else sway[:, 0]
        channels[:, 4] -= 700.0 * sway[:, 0] if kind != 1 else -sway[:, 1]
    return channels.astype(np.float32).astype(np.float64)


def laboratory(kinds: list[int], blocks: list[Array], samples: int = 10, **changes: Any) -> C3d:
    """A file of platforms of these kinds, whose channels are these blocks."""
    raw = np.concatenate(blocks, axis=1)
    n = raw.shape[1]
    analogue = {
        "USED": np.int16(n),
        "LABELS": [f"Ch{i}" for i in range(1, n + 1)],
        "UNITS": [""] * n,
        "SCALE": np.ones(n),
        "OFFSET": np.zeros(n, dtype=np.int16),
        "GEN_SCALE": np.float32(1.0),
        "RATE": np.float32(1000.0),
    }
    groups: Groups = {
        "POINT": {"UNITS": ["mm"], "LABELS": ["m"]},
        "ANALOG": analogue,
        "FORCE_PLATFORM": platform_group(kinds),
    }
    for name, value in changes.items():
        group, _, key = name.partition("__")
        groups[group][key] = value
    return C3d(groups, raw.reshape(-1, samples, n), points=1)


def xdf(streams: list[Mapping[str, Any]]) -> bytes:
    """An XDF file; a stream is name, type, labels, units, rate, t and values, format by the values' type."""
    out = b"XDF:" + _chunk(1, b"<?xml version='1.0'?><info><version>1.0</version></info>")
    for number, stream in enumerate(streams, start=1):
        out += _chunk(2, struct.pack("<I", number) + _stream_header(stream))
    for number, stream in enumerate(streams, start=1):
        for first in range(0, len(stream["t"]), 100):
            rows = slice(first, first + 100)
            out += _chunk(3, struct.pack("<I", number) + _samples(stream["t"][rows], stream["values"][rows]))
        count = f"<info><sample_count>{len(stream['t']) + stream.get('lost', 0)}</sample_count></info>"
        if stream.get("closed", True):
            out += _chunk(6, struct.pack("<I", number) + count.encode())
    return out


def _chunk(tag: int, content: bytes) -> bytes:
    return b"\x04" + struct.pack("<IH", len(content) + 2, tag) + content


def _samples(t: Array, values: Any) -> bytes:
    rows = b"".join(b"\x08" + struct.pack("<d", at) + row.tobytes() for at, row in zip(t, values, strict=True))
    return b"\x04" + struct.pack("<I", len(t)) + rows


def _stream_header(stream: Mapping[str, Any]) -> bytes:
    channels = "".join(
        f"<channel><label>{label}</label><unit>{unit}</unit></channel>"
        for label, unit in zip(stream["labels"], stream["units"], strict=True)
    )
    form = {"f8": "double64", "f4": "float32", "i4": "int32"}[np.dtype(stream["values"].dtype).str[1:]]
    return (
        f"<?xml version='1.0'?><info><name>{stream['name']}</name><type>{stream['type']}</type>"
        f"<channel_count>{len(stream['labels'])}</channel_count><nominal_srate>{stream['rate']}</nominal_srate>"
        f"<channel_format>{form}</channel_format><desc><channels>{channels}</channels></desc></info>"
    ).encode()


@pytest.fixture
def lab() -> Callable[..., C3d]:
    """Lay out a C3D file: kinds of platforms, blocks of channels, changes as ``GROUP__NAME=value``."""
    return laboratory


@pytest.fixture
def person() -> Callable[..., Array]:
    """Channels of somebody on a platform of a kind."""
    return somebody


@pytest.fixture
def xdf_file(tmp_path: Path) -> Callable[..., Path]:
    """Write streams as an XDF file; ``cut`` bytes are missing at its end."""

    def write(*streams: Mapping[str, Any], cut: int = 0, name: str = "trial.xdf") -> Path:
        data = xdf(list(streams))
        path = tmp_path / name
        path.write_bytes(data[: len(data) - cut])
        return path

    return write
