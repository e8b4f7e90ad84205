"""What the kernel's own driver of a Wii Balance Board keeps in sysfs: calibration, battery, light."""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from otolith.drivers.errors import BoardRefused, ReportError
from otolith.drivers.wii.vitals import level

POINTS: Final = 12
"""Counts in ``bboard_calib``: four cells at 0 kg, at 17 kg, at 34 kg."""
SCALE: Final = 255
"""The kernel calls this much of a status's battery byte 100 %."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """The folder of a HID device that ``hid-wiimote`` drives."""

    folder: Path

    def points(self) -> tuple[tuple[int, ...], ...]:
        """Counts of TR, BR, TL, BL at 0, 17 and 34 kg, asked of the board: may block two seconds; ReportError."""
        try:
            counts = [int(part, 16) for part in (self.folder / "bboard_calib").read_text().strip().split(":")]
        except (OSError, ValueError) as error:
            raise ReportError(f"the kernel tells no calibration: {error}") from error
        if len(counts) != POINTS:
            raise ReportError(f"the kernel tells a calibration of {len(counts)} numbers, not {POINTS}")
        return tuple(tuple(counts[at : at + 4]) for at in (0, 4, 8))

    def fingerprint(self) -> str:
        """A name for the board, made of its calibration; nothing where there is none. May block as ``points``."""
        try:
            return f"{zlib.crc32(repr(self.points()).encode()):08x}"
        except ReportError:
            return ""

    def battery(self) -> float | None:
        """0 to 1; asks the board, whose data pause for it. None where the kernel does not say. May block a second."""
        for file in self.folder.glob("power_supply/*/capacity"):
            try:
                return level(round(int(file.read_text()) * SCALE / 100))
            except (OSError, ValueError):
                return None
        return None

    def light(self, *, on: bool) -> None:
        """Switch the front light; raises BoardRefused."""
        files = list(self.folder.glob("leds/*:p0/brightness"))
        if not files:
            raise BoardRefused("the kernel shows no light of this board")
        try:
            files[0].write_text(f"{on:d}")
        except OSError as error:
            raise BoardRefused(
                f"{files[0]} may not be written by this user ({error.strerror}): the kernel gives its lights to root "
                "alone; take via=hidraw, which needs no more than its node"
            ) from error
