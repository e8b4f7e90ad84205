"""A stream that this program offers: channels with labels and units, samples with the station's times."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.lsl.library import clock_offset, liblsl
from otolith.drivers.replay.description import KEY, Description, packed

BUFFER: Final = 30
"""Seconds that liblsl keeps for a reader that is slow."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One column of a stream."""

    label: str
    unit: str
    kind: str
    """Of the XDF metadata pages: ``Force``, ``Moment``, ``Position``."""


class Outlet:
    """Found by others as soon as it is made, until it is closed. Raises BoardRefused where liblsl is missing.

    Opens sockets: make it in a thread. liblsl sends in threads of its own, so that ``push`` does not wait.
    """

    def __init__(
        self, name: str, kind: str, source: str, channels: Sequence[Channel], description: Description
    ) -> None:
        lsl = liblsl()
        rate = 0.0 if description.irregular else description.rate
        info = lsl.StreamInfo(name, kind, len(channels), rate, lsl.cf_double64, source)
        info.set_channel_labels([channel.label for channel in channels])
        info.set_channel_units([channel.unit for channel in channels])
        info.set_channel_types([channel.kind for channel in channels])
        _describe(info.desc(), description)
        self._offset = clock_offset()
        self._outlet: Any = lsl.StreamOutlet(info, 0, BUFFER)
        self.samples = 0

    def push(self, values: NDArray[np.float64], t: NDArray[np.int64]) -> None:
        """``(n, channels)`` samples at nanoseconds ``(n,)`` of ``CLOCK_MONOTONIC``; NaN is sent as it is."""
        if len(values) and self._outlet is not None:
            stamps = t * 1e-9 + self._offset
            self._outlet.push_chunk(np.ascontiguousarray(values, dtype=np.float64), stamps.tolist())
            self.samples += len(values)

    def close(self) -> None:
        """Take it back; readers find the stream lost. Safe to call twice."""
        self._outlet = None


def _describe(desc: Any, description: Description) -> None:  # noqa: ANN401 -- pylsl
    """Who made it, what stands where: for people and programs that know the XDF metadata pages; then our own JSON."""
    maker = desc.append_child("acquisition")
    for name, text in {
        "manufacturer": "Otolith",
        "model": description.model,
        "serial_number": description.serial,
        "simulated": "yes" if description.simulated else "no",
        "calibration": description.calibration,
    }.items():
        maker.append_child_value(name, text)
    setup = desc.append_child("force_platform")
    setup.append_child_value("axes", "x to the subject's right, y forward, mm")
    for cell in description.cells:
        _append(setup.append_child("cell"), {"label": cell.name, "X": cell.x, "Y": cell.y})
    for plate in description.plates:
        said = {"label": plate.name, "X": plate.x, "Y": plate.y, "turn": plate.turn}
        _append(setup.append_child("plate"), said | {"width": plate.width, "length": plate.length, "top": plate.top})
    desc.append_child_value(KEY, packed(description))


def _append(element: Any, said: dict[str, object]) -> None:  # noqa: ANN401 -- pylsl
    for name, value in said.items():
        element.append_child_value(name, str(value))
