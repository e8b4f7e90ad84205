"""The web server inside the station's loop: when it fails, the station does not pretend to serve."""

from pathlib import Path

import pytest

from otolith.api.listen import CannotListen, Server
from otolith.api.serve import serve_until_stopped
from otolith.service.config import load_config


async def test_a_web_server_that_dies_ends_the_station(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def dies(self: Server) -> None:
        """Stand in for an event loop of uvicorn that returns although nobody asked it to stop."""

    monkeypatch.setattr(Server, "main_loop", dies)
    config = load_config(None, folder=tmp_path, http={"port": 0}, mqtt={"port": 0})
    with pytest.raises(CannotListen, match="ended by itself"):
        await serve_until_stopped(config, announce=lambda _: None)
