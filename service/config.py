"""What a site decides: one TOML file, overruled by ``OTOLITH_…`` in the environment, overruled by arguments."""

import os
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from otolith.service.errors import ConfigError
from otolith.service.sections import BoardConfig, HttpConfig, MqttConfig, PipelineConfig, RecordingConfig

__all__ = [
    "BoardConfig",
    "Config",
    "ConfigError",
    "HttpConfig",
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
    http: HttpConfig = HttpConfig()
    mqtt: MqttConfig = MqttConfig()
    pipeline: PipelineConfig = PipelineConfig()
    recording: RecordingConfig = RecordingConfig()

    @model_validator(mode="after")
    def _no_board_twice(self) -> Self:
        monikers = [board.moniker for board in self.boards]
        twice = {moniker for moniker in monikers if monikers.count(moniker) > 1}
        if twice:
            raise ValueError(f"board listed twice: {', '.join(sorted(twice))}")
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

    Raises ConfigError with file, line and reason.
    """
    raise NotImplementedError
