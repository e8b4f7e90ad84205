"""What a site decides: one TOML file, overruled by ``OTOLITH_…`` in the environment, overruled by arguments."""

import os
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from otolith.service.config_sources import Source, merge, read_file
from otolith.service.errors import ConfigError
from otolith.service.sections import (
    BoardConfig,
    CalibrationConfig,
    FusedConfig,
    FusedPart,
    HttpConfig,
    LslConfig,
    MqttConfig,
    PipelineConfig,
    RecordingConfig,
)

__all__ = [
    "BoardConfig",
    "CalibrationConfig",
    "Config",
    "ConfigError",
    "FusedConfig",
    "FusedPart",
    "HttpConfig",
    "LslConfig",
    "MqttConfig",
    "PipelineConfig",
    "RecordingConfig",
    "load_config",
]


def default_folder() -> Path:
    """Where the station keeps its state: ``$XDG_STATE_HOME/otolith``."""
    home = os.environ.get("XDG_STATE_HOME")
    return Path(home or Path.home() / ".local" / "state") / "otolith"


class Config(BaseSettings):
    """Everything a station needs to know. Made directly, it reads neither file nor environment."""

    model_config = SettingsConfigDict(
        env_prefix="OTOLITH_", env_nested_delimiter="__", extra="forbid", frozen=True, validate_default=True
    )

    station: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")] = "station-1"
    """In topics and file names."""
    folder: Path = Field(default_factory=default_folder)
    """State: records and recordings."""
    database: str | None = None
    """SQLAlchemy URL of an async driver; SQLite in ``folder`` where None."""
    boards: list[BoardConfig] = []
    fused: list[FusedConfig] = []
    """Boards made of several of ``boards``."""
    http: HttpConfig = HttpConfig()
    mqtt: MqttConfig = MqttConfig()
    lsl: LslConfig = LslConfig()
    pipeline: PipelineConfig = PipelineConfig()
    recording: RecordingConfig = RecordingConfig()
    calibration: CalibrationConfig = CalibrationConfig()
    one_cpu: bool = True
    """Keep all that handles samples on one processor, where it is quickest; false lets the system place it."""

    @property
    def calibrations(self) -> Path:
        """Where calibration files are."""
        return self.calibration.folder or self.folder / "calibrations"

    @field_validator("boards")
    @classmethod
    def _no_board_twice(cls, boards: list[BoardConfig]) -> list[BoardConfig]:
        monikers = [board.moniker for board in boards]
        twice = {moniker for moniker in monikers if monikers.count(moniker) > 1}
        if twice:
            raise ValueError(f"board listed twice: {', '.join(sorted(twice))}")
        return boards

    @model_validator(mode="after")
    def _fused_of_boards(self) -> Self:
        known = {board.moniker for board in self.boards}
        for fused in self.fused:
            for part in fused.parts:
                if part.board not in known:
                    raise ValueError(f"fused {fused.id}: {part.board} is none of [[boards]]")
        names = [fused.id for fused in self.fused]
        if len(set(names)) != len(names):
            raise ValueError("two fused boards have the same id")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments alone; :func:`load_config` composes the other sources."""
        return (init_settings,)


def load_config(path: Path | None, **overrides: Any) -> Config:  # noqa: ANN401 - values are validated by Config
    """Read the file (none: defaults), then the environment, then ``overrides``; tables merge key by key.

    Overrides of None were not given. Paths in the file are relative to it. Raises ConfigError with file, line and
    reason.
    """
    sources = [
        Source("argument {}", _given(overrides)),
        Source("environment variable OTOLITH_{}", _environment()),
        read_file(path) if path else Source("", {}),
    ]
    merged: dict[str, Any] = {}
    for source in reversed(sources):
        merged = merge(merged, source.values)
    try:
        return Config(**merged)
    except ValidationError as error:
        raise ConfigError("\n".join(_complaint(detail, sources) for detail in error.errors())) from error


def _environment() -> dict[str, Any]:
    try:
        return EnvSettingsSource(Config)()
    except SettingsError as error:
        raise ConfigError(f"environment: {error}: {error.__cause__}") from error


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is None, tables included."""
    tables = {key: _given(value) if isinstance(value, dict) else value for key, value in values.items()}
    return {key: value for key, value in tables.items() if value is not None and value != {}}


def _complaint(detail: ErrorDetails, sources: list[Source]) -> str:
    """Where the value came from, its name, and what is wrong with it; never the value itself."""
    loc = detail["loc"]
    place = next((place for source in sources if (place := source.place(loc))), None)
    name = ".".join(str(part) for part in loc)
    reason = "no such setting" if detail["type"] == "extra_forbidden" else detail["msg"].removeprefix("Value error, ")
    return ": ".join(part for part in (place, name, reason) if part)
