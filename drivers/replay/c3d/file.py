"""A C3D file on disk: opened once, samples fetched channel by channel."""

import mmap
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.c3d.layout import KEY, SATURATED, Layout, layout, sample_rate
from otolith.drivers.replay.c3d.parameters import BLOCK, Parameters
from otolith.drivers.replay.c3d.platforms import PlatformRecord, platforms
from otolith.drivers.replay.grid import Block, labelled

Array = NDArray[np.float64]

SOFTWARE = "otolith"
"""MANUFACTURER:SOFTWARE of the files that this program writes."""
FLAGS = "FLAGS"
"""Label of the channel of flags in them."""


class C3dFile:
    """The analogue side of a C3D file. Raises RecordingError naming the file, the place, and what was expected."""

    def __init__(self, path: Path) -> None:
        self.source = str(path)
        self._data = _mapped(path)
        try:
            self._parameters, self._layout = parse(self._data)
            self.platforms: tuple[PlatformRecord, ...] = platforms(self._parameters, self._layout.channels)
            self._scales, self._offsets = self._scaling()
        except RecordingError as error:
            raise RecordingError(f"{path}: {error}") from error

    def __len__(self) -> int:
        return self._layout.frames * self._layout.samples

    @property
    def encoding(self) -> str:
        """Intel, DEC or SGI/MIPS."""
        return self._parameters.encoding.name

    @property
    def unit(self) -> str | None:
        """POINT:UNITS, the unit of every length, where the file says it."""
        return next(iter(self._parameters.texts("POINT:UNITS")), "") or None

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the analogue channels, as far as they have one."""
        return self._named("ANALOG:LABELS")

    @property
    def units(self) -> tuple[str, ...]:
        """What the file says each channel is measured in; empty where it says nothing."""
        return self._named("ANALOG:UNITS")

    @property
    def ours(self) -> bool:
        """This program wrote it."""
        return self._parameters.texts("MANUFACTURER:SOFTWARE") == (SOFTWARE,)

    @property
    def flags(self) -> Array | None:
        """``(n,)`` values of the channel in which this program keeps the flags; None in files of others."""
        return self.channel(self.labels.index(FLAGS)) if self.ours and FLAGS in self.labels else None

    @property
    def baseline(self) -> tuple[int, int] | None:
        """Frames of the empty platform by FORCE_PLATFORM:ZERO, from 1, both included; None where it names none."""
        ends = self._parameters.numbers("FORCE_PLATFORM:ZERO")
        first, last = (int(end) for end in ends[:2]) if len(ends) > 1 else (0, 0)
        return (first, last) if 1 <= first <= last else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What the file contradicts itself in, and how it was read."""
        said, found = self._parameters.count("POINT:FRAMES"), self._layout.frames
        if said in (None, SATURATED, found) or found >= SATURATED:
            return ()
        return (f"POINT:FRAMES says {said} frames, the header {found}; the header's were read",)

    def rate(self, given: float | None = None) -> float:
        """Samples per second. Raises RecordingError where the file does not tell, or not what is ``given``."""
        try:
            found = sample_rate(self._data, self._parameters, self._layout.samples)
        except RecordingError as error:
            if given is not None:
                return given
            raise RecordingError(f"{self.source}: {error}") from error
        if given is not None and abs(given - found) > 1e-3 * found:
            raise RecordingError(f"{self.source}: the file says {found:g} Hz, the given rate {given:g} Hz")
        return found

    def channel(self, number: int) -> Array:
        """``(n,)`` samples of a channel, from 0: (raw - OFFSET) x SCALE x GEN_SCALE."""
        raw = self._layout.raw(self._data, number, unsigned=self._unsigned)
        scaled: Array = (raw - self._offsets[number]) * self._scales[number]
        return scaled

    def grid(self) -> Block:
        """The channels as named columns."""
        pairs = zip(self.labels, self.units, strict=True)
        header = tuple(labelled(name, unit if unit != "V" else None) for name, unit in pairs)
        return Block(self.source, header, len(self), self.channel)

    @property
    def _unsigned(self) -> bool:
        return any(text.upper() == "UNSIGNED" for text in self._parameters.texts("ANALOG:FORMAT"))

    def _named(self, name: str) -> tuple[str, ...]:
        texts, n = self._parameters.all_texts(name), self._layout.channels
        return (*texts[:n], *([""] * (n - len(texts))))

    def _scaling(self) -> tuple[Array, Array]:
        n, parameters = self._layout.channels, self._parameters
        general = parameters.number("ANALOG:GEN_SCALE")
        scales = parameters.all_numbers("ANALOG:SCALE")
        offsets = parameters.all_numbers("ANALOG:OFFSET", unsigned=self._unsigned)
        for name, values in (("SCALE", scales), ("OFFSET", offsets)):
            if len(values) < n:
                raise RecordingError(f"ANALOG:{name} has {len(values)} values for {n} channels")
        return scales[:n] * (1.0 if general is None else general), offsets[:n]


def parse(data: memoryview) -> tuple[Parameters, Layout]:
    """Parameters and layout of a whole file's bytes. Raises RecordingError, without the file's name."""
    if len(data) < BLOCK or data[1] != KEY:
        found = f"it is {len(data)} bytes long" if len(data) < BLOCK else f"byte 1 is {data[1]:#04x}, not {KEY:#04x}"
        raise RecordingError(f"not a C3D file: {found}")
    parameters = Parameters(data, data[0])
    return parameters, layout(data, parameters)


def _mapped(path: Path) -> memoryview:
    """The file as memory; it is let go with the last view of it."""
    try:
        with path.open("rb") as file:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except FileNotFoundError as error:
        raise RecordingError(f"{path}: there is no such file") from error
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:  # an empty file cannot be mapped
        raise RecordingError(f"{path}: the file is empty") from error
