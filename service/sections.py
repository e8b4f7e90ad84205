"""The tables of the configuration: what each of them decides, and what is refused."""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Port = Annotated[int, Field(ge=0, le=65535)]
"""0: any free port."""


def is_loopback(host: str) -> bool:
    """Whether listening there is for this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Section(BaseModel):
    """A table of the file: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BoardConfig(Section):
    """A board that the station keeps open."""

    moniker: Text
    name: str = ""
    """For people; the moniker where empty."""
    calibration: Path | None = None
    """A calibration file bound to the board's serial; the board's own calibration where None."""


class FusedPart(Section):
    """One of the boards of a fused one, and where its centre is on it."""

    board: Text
    """Its moniker, as under ``[[boards]]``."""
    x: Annotated[float, Field(ge=-5000, le=5000)] = 0.0
    """mm to the subject's right of the centre of the whole."""
    y: Annotated[float, Field(ge=-5000, le=5000)] = 0.0
    """mm forward of it."""
    turn: Annotated[float, Field(ge=-360, le=360)] = 0.0
    """Degrees clockwise, seen from above."""


class FusedConfig(Section):
    """Several boards that are used as one: one CoP, and what each side really bears."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,48}$")]
    """It is the board ``fused-<id>`` in topics and URLs."""
    name: str = ""
    """For people."""
    parts: Annotated[tuple[FusedPart, ...], Field(min_length=2, max_length=8)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        boards = [part.board for part in self.parts]
        places = [(part.x, part.y) for part in self.parts]
        if len(set(boards)) != len(boards):
            raise ValueError(f"{self.id}: a board is listed twice")
        if len(set(places)) != len(places):
            raise ValueError(f"{self.id}: two boards cannot be in one place: give x and y, in mm")
        return self


class HttpConfig(Section):
    """Where the API and the dashboard listen."""

    host: Text = "127.0.0.1"
    port: Port = 8000
    tls_cert: Path | None = None
    tls_key: Path | None = None
    allow_remote: bool = False
    """Listen beyond loopback; otherwise such a host is refused."""
    hosts: tuple[Text, ...] = ()
    """Further DNS names by which people reach this station; addresses and the machine's own name always work."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("TLS needs both tls_cert and tls_key")
        if not is_loopback(self.host) and not self.allow_remote:
            raise ValueError(f"host {self.host!r} is reachable from other machines: set allow_remote = true to mean it")
        return self


class MqttConfig(Section):
    """The broker: our own in this process, or one that the site runs."""

    embedded: bool = True
    host: Text = "127.0.0.1"
    port: Port = 1883
    username: str | None = None
    password: SecretStr | None = None
    websocket: bool = True
    """Offer MQTT over WebSocket at ``/mqtt`` of the API."""
    allow_remote: bool = False
    """Let the embedded broker listen beyond loopback; otherwise such a host is refused."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.embedded and not is_loopback(self.host) and not self.allow_remote:
            raise ValueError(f"host {self.host!r} is reachable from other machines: set allow_remote = true to mean it")
        if self.password is not None and not self.username:
            raise ValueError("a password needs a username")
        return self


class LslConfig(Section):
    """Streams of the Lab Streaming Layer; needs the extra ``lsl``."""

    enabled: bool = False
    """Offer every board as two streams. liblsl answers discovery on this machine alone, unless ``lsl_api.cfg`` says
    otherwise; but its data port cannot be bound to one address, and has no login: close it in the firewall."""


class PipelineConfig(Section):
    """How counts become centre of pressure and sway; the same for every board of the station."""

    cutoff_hz: Annotated[float, Field(gt=0, le=500)] = 10.0
    """Causal Butterworth low-pass of the displayed CoP."""
    order: Annotated[int, Field(ge=1, le=8)] = 2
    threshold_n: Annotated[float, Field(gt=0, le=1000)] = 20.0
    """Less vertical force than this is nobody on the board."""
    window_s: Annotated[float, Field(ge=1, le=600)] = 30.0
    """Of the streaming sway figures."""
    grid_hz: Annotated[float, Field(ge=10, le=100)] = 25.0
    """Sway of a board that samples unevenly is computed on a grid of this rate by SWARII ..."""
    grid_window_s: Annotated[float, Field(ge=0.02, le=1)] = 0.08
    """... in windows of this width; both as Quijoux et al. 2021 and the recipe ``quijoux25``."""
    tare_noise_n: Annotated[float, Field(gt=0, le=100)] = 2.0
    """A tare is refused above this standard deviation of the summed force."""
    tare_limit_n: Annotated[float, Field(gt=0, le=1000)] = 100.0
    """A tare is refused when the summed force by the calibration's own zero is further from none than this."""


class CalibrationConfig(Section):
    """How boards are calibrated, and when again."""

    folder: Path | None = None
    """Where the files are; ``calibrations`` in the station's folder where None."""
    due_days: Annotated[int, Field(ge=1, le=3650)] = 365
    """A calibration older than this is announced as due."""
    settle_s: Annotated[float, Field(ge=0.01, le=60)] = 1.0
    """For how long a weight has to stand still before it is measured."""
    average_s: Annotated[float, Field(ge=0.01, le=60)] = 3.0
    """How long each reading is averaged."""
    noise_n: Annotated[float, Field(gt=0, le=100)] = 2.0
    """Largest standard deviation of the force while a weight is measured."""


class RecordingConfig(Section):
    """The journal."""

    mode: Literal["always", "on_demand"] = "always"
    segment_s: Annotated[float, Field(ge=1, le=86400)] = 600.0
    """Of one file in mode ``always``."""
    keep_mb: Annotated[float, Field(gt=0)] = 2048.0
    """Oldest segments of mode ``always`` go beyond this; what was recorded on demand stays."""
