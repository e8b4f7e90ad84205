"""What the station says of itself and its boards; both edges (REST/WebSocket, MQTT) translate from here."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from otolith.drivers.board import WrenchPlate
from otolith.service.bearing import SideSource

RecordingMode = Literal["always", "on_demand"]
"""Part of the continuous journal, or asked for by somebody."""


class BoardPhase(StrEnum):
    """Where a board is in its life; ``reason`` says why whenever it is not streaming."""

    CONNECTING = "connecting"
    STREAMING = "streaming"
    SILENT = "silent"
    LOST = "lost"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """How well samples arrive, over the last ten seconds (counters: since the start of the station)."""

    rate_hz: float
    jitter_ms: float
    """Standard deviation of the interval between completions."""
    lost: int
    malformed: int
    overruns: int
    latency_p50_ms: float
    """USB completion to published on the hub."""
    latency_p99_ms: float
    samples: int


@dataclass(frozen=True, slots=True)
class ClockState:
    """How the board's own clock runs against the station's, by a regression over the last half minute."""

    source: Literal["clock", "count"]
    """What was regressed: the board's clock, or the number of the sample."""
    residual_ms: float
    """Root mean square of what arrivals are off the line."""
    skew_ppm: float
    """Parts per million that the board is faster than its own clock, or its nominal rate, says."""
    jumps: int
    """Since it was connected: the board's clock was set or its count broke, and the line began anew."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The even times at which streaming sway is computed."""

    rate_hz: float
    method: Literal["samples", "swarii"]
    """The board's own samples, or resampled ones."""
    window_s: float
    """Of the resampling; 0 where there is none."""
    latency_s: float
    """By which the newest of them lags behind the newest sample, at most."""


@dataclass(frozen=True, slots=True)
class TareState:
    """The zero in use."""

    at: str
    """RFC 3339."""
    by: str
    zero: tuple[float, ...]
    """Counts per cell."""
    noise_n: float
    """Standard deviation of the summed force during the tare, newtons."""
    offset_n: float | None = None
    """The summed force at this zero by the calibration's own; None for one taken before this was kept."""


@dataclass(frozen=True, slots=True)
class CalibrationState:
    """The calibration file in use."""

    hash: str
    """Of its content, ``sha256:`` and 64 hexadecimal digits."""
    version: int
    """Counts the calibrations of this board on this station."""
    kind: str
    """``linear``, ``piecewise``, ``matrix``."""
    date: str
    """RFC 3339; empty where the file does not say."""
    by: str
    age_days: int | None
    """Whole days since; None where the file does not say when."""
    due: bool
    """Older than the site allows."""
    force_u_n: float | None
    """Expanded uncertainty (coverage factor 2) of ``load_n`` anywhere on the surface, N."""
    cop_u_mm: float | None
    """Of its CoP, mm."""
    load_n: float | None


@dataclass(frozen=True, slots=True)
class RecordingState:
    """The journal being written."""

    id: str
    since: str
    seq: int
    """Acknowledged: every sample up to this one is on disk."""
    samples: int
    mode: RecordingMode


@dataclass(frozen=True, slots=True)
class BoardState:
    """One board, all that a screen or a topic shows."""

    id: str
    moniker: str
    phase: BoardPhase
    reason: str
    """Plain words; empty while streaming."""
    since: str
    """RFC 3339, of the phase."""
    name: str = ""
    """What the site calls it; empty where the configuration gives no name."""
    family: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    simulated: bool = False
    rate_nominal: float = 0.0
    battery: float | None = None
    """0 to 1, as the board told last; None where it has none."""
    cells_x: tuple[float, ...] = ()
    cells_y: tuple[float, ...] = ()
    has_cop: bool = True
    """Whether its loads have a centre of pressure; without one there are forces only, and no sway."""
    plates: tuple[WrenchPlate, ...] = ()
    """Of a board that measures wrenches, or is made of several boards; its loads come in sixes then."""
    sides: SideSource = "none"
    """How left and right load are known: each side has its plate, by the leverage of cells, or not at all."""
    latency_s: float = 0.0
    """Seconds that a sample spends in the board at least, before it is sent."""
    closed_loop: bool = True
    """Whether that leaves room for a platform that follows the person."""
    calibration: str = ""
    """``Calibration.source``."""
    calibrated: CalibrationState | None = None
    """None where no file is in use but the board's own calibration."""
    health: StreamHealth | None = None
    clock: ClockState | None = None
    """None until it streams, and on a board that samples when it likes."""
    grid: Grid | None = None
    """Of its streaming sway."""
    tare: TareState | None = None
    recording: RecordingState | None = None


@dataclass(frozen=True, slots=True)
class SeenBoard:
    """A board that is plugged in, and that the configuration does not name."""

    moniker: str
    """What to write into the configuration."""
    model: str
    serial: str
    problem: str
    """Why it could not be opened; empty where nothing stands against it."""


@dataclass(frozen=True, slots=True)
class StationState:
    """The station as a whole."""

    station: str
    version: str
    since: str
    ready: bool
    faults: tuple[str, ...]
    seen: tuple[SeenBoard, ...] = ()
    """Plugged in here, or at a server that the configuration names, and not configured."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened once, for people to read and screens to show; never a substitute for state."""

    at: str
    """RFC 3339."""
    kind: str
    """``tare``, ``recording-started``, ``recording-stopped``, ``board-identified``, ``board-crashed``, ``calibrated``,
    ``calibration-due``, ``button`` (of the board itself), ``battery-low``,
    ``clock-jumped``."""
    board: str
    """Board id, or empty where the whole station is meant."""
    by: str
    """Who asked for it; ``station`` where nobody did."""
    message: str
    """Plain words."""
