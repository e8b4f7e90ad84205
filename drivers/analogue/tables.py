"""A plate description file, as it stands in TOML: its tables and what may be in them.

The units are in the names. Whatever is not listed here is refused. ``docs/boards/analogue-plates.md`` is the manual.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Positive = Annotated[float, Meta(gt=0.0, le=1e9)]
Length = Annotated[float, Meta(ge=-10_000.0, le=10_000.0)]
Size = Annotated[float, Meta(ge=50.0, le=10_000.0)]
Text = Annotated[str, Meta(min_length=1, max_length=64)]
Number = Annotated[int, Meta(ge=0, le=255)]
Direction = Literal["left", "right", "forward", "back", "up", "down"]

Six = tuple[float, float, float, float, float, float]
Row = float | Six
Rows = tuple[Row, Row, Row, Row, Row, Row]
"""Six rows of six numbers, or the six of a diagonal."""
OneOrSix = float | Six
"""For all outputs, or for each. Without bounds: msgspec 0.22 misreads those of a number that may also be a tuple."""


class Table(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Strict: a misspelt key is an error, not a default."""


class Wire(Table, frozen=True, kw_only=True):
    """An input of the DAQ, where a bare number does not say enough."""

    number: Number
    minus: Number | None = None
    """The other half of a differential input; None: against ground."""
    invert: bool = False
    """The signal is wired, or amplified, the wrong way round."""


Wired = int | Wire


class SixInputs(Table, frozen=True, kw_only=True):
    """Where the outputs of a six-component plate are."""

    Fx: Wired
    Fy: Wired
    Fz: Wired
    Mx: Wired
    My: Wired
    Mz: Wired


class EightInputs(Table, frozen=True, kw_only=True):
    """Where the outputs of a piezo-electric plate are: pairs of sensors horizontally, single ones vertically."""

    fx12: Wired
    fx34: Wired
    fy14: Wired
    fy23: Wired
    fz1: Wired
    fz2: Wired
    fz3: Wired
    fz4: Wired


class Plate(Table, frozen=True, kw_only=True, tag_field="kind"):
    """What a plate of every kind has."""

    name: Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9 _-]{0,31}$")]
    maker: Text
    model: Text
    serial: Text
    certificate: str = ""
    """Number or date of the certificate that the figures are from."""
    place_mm: tuple[Length, Length] = (0.0, 0.0)
    """Centre of the surface on the whole board: to the subject's right, and forward."""
    turn_deg: Annotated[float, Meta(ge=-360.0, le=360.0)] = 0.0
    """Clockwise, seen from above."""
    span_v: Annotated[float, Meta(gt=0.0, le=20.0)] = 10.0
    """The largest voltage that its outputs take, plus or minus."""


class WrenchTable(Plate, frozen=True, kw_only=True):
    """A plate that measures force and moment."""

    surface_mm: tuple[Size, Size]
    """Across and along, as the subject stands: right and forward."""
    covering_mm: Annotated[float, Meta(ge=0.0, le=500.0)] = 0.0
    """Thickness of what lies on the plate."""
    axes: tuple[Direction, Direction, Direction] = ("left", "forward", "down")
    """Where the maker's x, y and z point for a subject who faces the plate's front."""
    sense: Literal["action", "reaction"] = "action"
    """Whether the outputs are what the person does to the plate, or the plate to the person."""


class Sensing(WrenchTable, frozen=True, kw_only=True):
    """Six outputs."""

    inputs: SixInputs
    zero_v: Six = (0.0,) * 6
    """Outputs of the empty plate, in the order of ``inputs``."""
    gain: OneOrSix = 1.0
    """Of the amplifier."""


class Amti(Sensing, frozen=True, kw_only=True, tag="amti"):
    """A strain-gauge plate and its bridge amplifier; one of the three matrices, as the certificate has it."""

    origin_mm: tuple[Length, Length, Length]
    """X0 Y0 Z0: the point that moments are about, from the centre of the surface, in the maker's axes."""
    excitation_v: OneOrSix | None = None
    sensitivity: Rows | None = None
    """µV/(V N) and µV/(V N m): rows are outputs, columns loads."""
    calibration: Rows | None = None
    """N and N m per µV/V: rows are loads, columns outputs."""
    newtons_per_volt: Rows | None = None
    """N and N m per volt before ``gain``, of an amplifier that takes no excitation from us: rows are loads."""


class Bertec(Sensing, frozen=True, kw_only=True, tag="bertec"):
    """A plate with its own amplifier; moments are about the centre of the surface unless ``origin_mm`` says where."""

    newtons_per_volt: Rows
    """N and N m per volt at a ``gain`` of 1: rows are loads, columns outputs."""
    origin_mm: tuple[Length, Length, Length] = (0.0, 0.0, 0.0)


class Kistler(WrenchTable, frozen=True, kw_only=True, tag="kistler"):
    """A piezo-electric plate: ``mv_per_n``, or else ``pc_per_n`` and ``range_pc`` of its charge amplifier.

    Three numbers are x, y, z; eight are in the order of ``inputs``. Sensitivities without their sign: charge amplifiers
    invert, and certificates write the minus or do not.
    """

    inputs: EightInputs
    lever_mm: tuple[Positive, Positive]
    """a and b: from the centre to the sensors along x and y."""
    az0_mm: Annotated[float, Meta(ge=-500.0, le=0.0)]
    """From the sensors' plane to the surface, z down: negative."""
    pc_per_n: tuple[Positive, ...] | None = None
    range_pc: tuple[Positive, ...] | None = None
    """Charge that makes ``full_scale_v`` at the amplifier's output."""
    full_scale_v: Positive = 10.0
    mv_per_n: tuple[Positive, ...] | None = None
    """Of a plate with its amplifier inside, in the range that it is switched to."""
    zero_v: tuple[float, float, float, float, float, float, float, float] = (0.0,) * 8


class Gauge(Table, frozen=True, kw_only=True):
    """A load cell on an amplifier: ``newtons_per_volt``, or else the four figures of its rating."""

    input: Wired
    newtons_per_volt: Positive | None = None
    capacity_n: Positive | None = None
    rated_mv_v: Positive | None = None
    """Output at capacity."""
    excitation_v: Positive | None = None
    gain: Positive | None = None
    zero_v: float = 0.0


class CellTable(Gauge, frozen=True, kw_only=True):
    """A load cell and where it stands: from the plate's centre to the right, and forward."""

    name: Text
    x_mm: Length
    y_mm: Length


class Cells(Plate, frozen=True, kw_only=True, tag="cells"):
    """A plate on single vertical load cells."""

    cell: Annotated[tuple[CellTable, ...], Meta(min_length=1, max_length=64)]


class Vertical(Plate, frozen=True, kw_only=True, tag="vertical"):
    """A plate that says its vertical force alone."""

    gauge: Gauge


OfWrench = Amti | Bertec | Kistler
OnCells = Cells | Vertical


class PlateFile(Table, frozen=True, kw_only=True):
    """The whole file."""

    format: Literal["otolith-plates/1"]
    example: bool = False
    """The figures are of no real plate: good for simulation, refused for measuring."""
    plate: Annotated[tuple[OfWrench | OnCells, ...], Meta(min_length=1, max_length=16)]
