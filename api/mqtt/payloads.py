"""What is inside the messages, one type per topic: JSON, and MessagePack where the topic ends in ``/bin``.

Every payload has ``v`` (version of its shape), ``t`` (RFC 3339, microseconds, UTC) and ``seq``. NaN travels as null
in JSON and as itself in MessagePack. The reference in ``docs/reference/asyncapi.yaml`` is made from these types.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec

from otolith.drivers.board import WrenchPlate
from otolith.service.bearing import SideSource
from otolith.service.guidance.guidance import Quantity
from otolith.service.state import BoardPhase, ClockState, Grid, RecordingState, SeenBoard, StreamHealth

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every payload begins with."""

    v: Literal[1] = 1
    t: str
    """When what it tells was so."""
    seq: int
    """Messages of this topic since the station began; in cop and trace the number of the (first) sample."""


class StationStatus(Payload, frozen=True, kw_only=True):
    """The station as a whole; retained. The broker itself publishes ``online: false`` when the station is gone."""

    online: bool
    version: str
    since: str
    ready: bool
    faults: list[str]
    seen: list[SeenBoard]
    """Boards that are plugged in and not configured."""


class BoardStatus(Payload, frozen=True, kw_only=True):
    """One board; retained."""

    phase: BoardPhase
    reason: str
    since: str
    name: str
    """What the site calls it; may be empty."""
    family: str
    model: str
    serial: str
    firmware: str
    simulated: bool
    battery: float | None
    """0 to 1."""
    rate_nominal: float
    cells_x: list[float]
    """Millimetres to the subject's right of the centre, in the order of the trace's loads."""
    cells_y: list[float]
    """Millimetres forward of the centre."""
    has_cop: bool
    """Whether its loads have a centre of pressure; without one there are forces only, and no sway."""
    plates: list[WrenchPlate]
    """Of a board that measures wrenches, or is made of several boards; empty for one of cells."""
    sides: SideSource
    """How left and right load are known: a plate for each side, the leverage of cells, or not at all."""
    latency_s: float
    """Seconds that a sample spends in the board at least, before it is sent."""
    calibration: str
    calibration_hash: str | None
    """Of the calibration file in use; null where the board's own calibration is."""
    calibration_age_days: int | None
    """Whole days; null where nobody knows."""
    calibration_due: bool
    """Older than the site allows."""
    tared_at: str | None
    health: StreamHealth | None
    clock: ClockState | None
    """None on a board that samples when it likes."""
    grid: Grid | None
    """Of its sway."""
    recording: RecordingState | None


class Cop(Payload, frozen=True, kw_only=True):
    """The newest sample, at most 50 times a second. Millimetres and newtons."""

    ml: float | None
    """To the right, unfiltered."""
    ap: float | None
    """Forward, unfiltered."""
    ml_smooth: float | None
    """Through the causal filter."""
    ap_smooth: float | None
    force: float
    valid: bool
    """Somebody stands there and nothing casts doubt on the sample."""
    flags: int
    """Why not: 1 saturated, 2 channel error, 4 invalid, 8 unloaded, 16 after a gap, 32 incomplete, 64 without CoP."""
    left_percent: float | None = None
    """Of the vertical force; null while nobody stands there, and where the board cannot tell (its ``sides``)."""
    right_percent: float | None = None


class TraceBlock(Payload, frozen=True, kw_only=True):
    """Consecutive samples in columns, one entry per sample. Millimetres and newtons.

    NaN where there is no CoP: nobody stands there, or the board has none.
    """

    missed: int
    """Samples lost immediately before the first."""
    t0_ns: int
    """When the first sample was taken by the station's monotonic clock; ``t`` is the same moment by the calendar."""
    arrived_ns: int
    """When the report with the newest sample completed, by the same clock."""
    dt_ns: list[int]
    """Nanoseconds after the first sample."""
    loads: list[list[float]]
    """One column per cell, or six per plate: Fx Fy Fz, and Mx My Mz in newton millimetres."""
    force: list[float]
    ml: list[float]
    ap: list[float]
    ml_smooth: list[float]
    ap_smooth: list[float]
    flags: list[int]


class SwayFigures(Payload, frozen=True, kw_only=True):
    """Figures of the newest window, at most ten times a second. Millimetres and seconds.

    Definitions: the metrics of the same names.
    """

    n: int
    """Valid samples in the window."""
    grid: Grid
    """The even times at which the figures were computed."""
    seconds: float
    """The window they cover."""
    mean_velocity: float | None
    path_length: float | None
    rms_ml: float | None
    rms_ap: float | None
    rms_radius: float | None
    range_ml: float | None
    range_ap: float | None
    prediction_ellipse_area: float | None
    mean_frequency: float | None
    mean_ml: float | None
    mean_ap: float | None
    ellipse_major: float | None
    ellipse_minor: float | None
    ellipse_angle: float | None


class SpokenCue(msgspec.Struct, frozen=True):
    """Something for the person's ears and eyes."""

    key: str
    text: str
    """In the session's language."""
    tone: str
    speak: bool


class SessionEventPayload(Payload, frozen=True, kw_only=True):
    """One thing that happened in a run of a challenge; ``seq`` counts the events of the run, without a hole."""

    run: str
    kind: str
    """``phase``, ``cue``, ``trial``, ``note``, ``result``, ``error-keyed``."""
    phase: str
    trigger: str | None
    trial: str
    attempt: int
    remaining_s: float | None
    reason: str
    cues: list[SpokenCue]
    allowed: list[str]
    """What an operator can press now."""
    data: dict[str, Any]
    """Of kinds ``trial`` and ``result``: the figures."""


class ProgramEventPayload(Payload, frozen=True, kw_only=True):
    """Something happened to somebody on a program; ``seq`` counts the messages of this topic since the start.

    No name, answer or reason: an operator reads those over REST.
    """

    enrolment_seq: int
    """To be sent back with a decision by hand, so that nobody decides on what has changed."""
    kind: Literal["begun", "set", "decision"]
    program: str
    session: str
    run: str
    rung: str
    """What is trained from now on."""
    next: dict[str, str]
    """The same in plain words, by language."""
    set: str
    """Of kinds ``set`` and ``decision``: the trial."""
    asks: list[str]
    """Of kind ``set``: the symptoms to ask for now."""
    decision: str
    outcome: str
    """``advance``, ``stay``, ``regress``, ``stop``, ``complete``."""
    because: str
    """Key of the sentence that explains it."""
    ended: str
    """``complete`` or ``withdrawn`` once the program is over."""


class GuidancePayload(Payload, frozen=True, kw_only=True):
    """A moment of a task with a target, and where the target goes next; ``seq`` counts those of one record, from 0.

    A board that reports in batches makes several moments at once: draw between messages by ``ahead``.
    """

    run: str
    trial: str
    board: str
    t_ns: int
    """The sample by the station's monotonic clock; ``t`` is the same moment by the calendar."""
    elapsed_s: float
    """Since the record began."""
    quantity: Quantity
    target: tuple[float, ...]
    """mm to the right and forward of the person's own middle, or N."""
    band: float
    """mm or N: closer than this is on target."""
    shape: Literal["circle", "square"]
    """Of the band around a place."""
    cursor: tuple[float, ...] | None
    """What the person is to see of what they do, with gain and assistance; null where they are to see nothing."""
    error: float | None
    """mm or N, of what the person does, without gain and assistance; null where nobody stands on the board."""
    on_target: bool
    ahead: tuple[tuple[float, ...], ...]
    """Where the target will be, every ``ahead_s`` from here; it stays where it is if nobody is to foresee it."""
    ahead_s: float
    beat_s: float | None
    """Seconds to the next tone of the metronome; null where there is none."""
    rate_hz: float
    """How many of these a second are made of this board's samples."""
    latency_ms: float
    """From the load to this message, as designed: the board, its batch, the filter."""


class Verb(StrEnum):
    """What a station can be told to do; the last level of ``cmd/{verb}``."""

    TARE = "tare"
    START_RECORDING = "start_recording"
    STOP_RECORDING = "stop_recording"
    IDENTIFY = "identify"
    START_CHALLENGE = "start_challenge"
    START_PROGRAM = "start_program"
    PRESS = "press"
    STOP_CHALLENGE = "stop_challenge"


class Command(Payload, frozen=True, kw_only=True):
    """An order; the verb is in the topic. ``t`` is when it was given: it is void five seconds later."""

    seq: int = 0
    id: Name
    """Chosen by the sender, new for each order, the same when the order is repeated."""
    client: Name
    """Where the answer goes: ``reply/{client}``."""
    board: Name
    challenge: str = ""
    """Of ``start_challenge``: which one; ``challenge/variant`` for another length of it."""
    session: str = ""
    """Of ``start_challenge``: in which session; a new one, of nobody, where empty.

    Of ``start_program``: the person's visit; where empty, their newest on this board if it goes on, else a new one."""
    enrolment: str = ""
    """Of ``start_program``: whose sets."""
    button: str = ""
    """Of ``press``: ``start``, ``ready``, ``redo``, ``skip``, ``touch``, ``fell``, ``stop``."""


class Code(StrEnum):
    """How an order ended."""

    DONE = "done"
    EXPIRED = "expired"
    RETAINED = "retained"
    MALFORMED = "malformed"
    UNKNOWN_VERB = "unknown_verb"
    UNKNOWN_BOARD = "unknown_board"
    REFUSED = "refused"
    BUSY = "busy"


class Reply(Payload, frozen=True, kw_only=True):
    """The answer to one order."""

    id: str
    verb: str
    board: str
    code: Code
    reason: str
    """Why not, in plain words; empty when done."""
    recording: str | None = None
    """The id of the recording that was started or stopped."""
    run: str | None = None
    """The id of the run that was started."""


encode_json = msgspec.json.Encoder().encode
encode_bin = msgspec.msgpack.Encoder().encode
