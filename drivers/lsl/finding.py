"""The stream that a moniker means: sought, connected, and asked what it is."""

from dataclasses import dataclass
from typing import Any, Final

from otolith.drivers.errors import BoardNotFound, BoardRefused, BoardTimeout
from otolith.drivers.lsl.chart import Chart, chart
from otolith.drivers.lsl.library import liblsl, own_configuration
from otolith.drivers.monikers import Lsl, form
from otolith.drivers.replay.description import KEY, unpacked
from otolith.drivers.replay.roles import parse_columns

SEEK: Final = 1.0
"""Seconds that a stream has to be found."""
SECOND: Final = 0.25
"""Seconds that another one of that name has to be found, too."""
ANSWER: Final = 5.0
"""Seconds that a stream has to say what it is, and what its clock shows."""
BUFFER: Final = 30
"""Seconds that liblsl keeps for us."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """An open stream."""

    inlet: Any
    name: str
    source: str
    rate: float
    even: bool
    """It has a rate of its own."""
    offset: float
    """Seconds from its sender's clock to this machine's liblsl clock."""
    chart: Chart
    simulated: bool


def found_stream(moniker: Lsl) -> Found:
    """Blocks for up to some seconds. Raises BoardNotFound, BoardRefused, BoardTimeout."""
    lsl = liblsl()
    info = _sought(lsl, moniker)
    name = info.name()
    if info.channel_format() in (lsl.cf_string, lsl.cf_undefined):
        raise BoardRefused(f"the stream {name!r} holds text (markers, notes), not numbers; it cannot be a board")
    even = info.nominal_srate() > 0.0
    rate = info.nominal_srate() if even else moniker.rate
    if rate is None:
        raise BoardRefused(f"the stream {name!r} comes as it comes and names no rate; say about how fast, with rate=")
    inlet = lsl.StreamInlet(info, max_buflen=BUFFER, recover=False)
    try:
        whole = inlet.info(ANSWER)
        offset = inlet.time_correction(ANSWER)
        inlet.open_stream(ANSWER)
    except lsl.util.TimeoutError as error:
        raise BoardTimeout(f"the stream {name!r} was announced and does not answer") from error
    except lsl.util.LostError as error:
        raise BoardNotFound(f"the stream {name!r} went away while it was being opened") from error
    description = unpacked(whole.desc().child_value(KEY))
    count = whole.channel_count()
    labels, units = (
        [text or "" for text in told or [""] * count]
        for told in (whole.get_channel_labels(), whole.get_channel_units())
    )
    columns = parse_columns(moniker.columns) if moniker.columns else None
    return Found(
        inlet=inlet,
        name=name,
        source=info.source_id(),
        rate=rate,
        even=even,
        offset=float(offset),
        chart=chart(name, labels, units, columns=columns, length=moniker.units, description=description),
        simulated=description is not None and description.simulated,
    )


def _sought(lsl: Any, moniker: Lsl) -> Any:  # noqa: ANN401 -- pylsl
    wanted = f"{moniker.by}='{moniker.value}'" + (f" and hostname='{moniker.host}'" if moniker.host else "")
    found = lsl.resolve_bypred(wanted, 1, SEEK)
    if not found:
        raise BoardNotFound(f"no stream {form(moniker)}; {_there(lsl)}")
    found = lsl.resolve_bypred(wanted, 2, SECOND) or found
    if len(found) > 1:
        raise BoardNotFound(f"{form(moniker)} could be several streams; say which: {_listed(found)}")
    return found[0]


def _there(lsl: Any) -> str:  # noqa: ANN401 -- pylsl
    where = "where lsl_api.cfg lets it look" if own_configuration() else "on this machine, further only by lsl_api.cfg"
    return f"there are, {where}: {_listed(lsl.resolve_streams(SECOND)) or 'none'}"


def _listed(streams: list[Any]) -> str:
    told = [f"{s.name()!r} ({s.type() or 'no type'}, {s.hostname()}, source_id {s.source_id()!r})" for s in streams]
    return ", ".join(told)
