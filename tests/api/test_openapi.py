"""The interface does what its reference says, for requests that a machine thinks up."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from otolith.service.store import Role

if TYPE_CHECKING:
    from tests.api.conftest import Bench


async def test_it_keeps_to_its_reference(served: "Bench", tmp_path: Path) -> None:
    """Schemathesis in a process of its own; tare is left out, since each takes a second."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{served.client.base_url}/api/v1/openapi.json"),
        *("--header", f"Authorization: Bearer {served.secrets[Role.ADMIN]}"),
        *("--phases", "coverage,fuzzing", "--max-examples", "4", "--seed", "1", "--exclude-path-regex", "tare"),
        *("--no-color", "--suppress-health-check", "all"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(100):
        out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
