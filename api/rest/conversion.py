"""A recording converted for download, by a process of its own: nothing that it does can hold up a board."""

import asyncio
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from otolith.api.cli.failure import DATA
from otolith.api.export.convert import FORMATS
from otolith.api.problem import Problem

GENTLE: Final = 10
"""Niceness of the process."""


async def converted(journal: Path, to: str, name: str, turns: asyncio.Semaphore) -> FileResponse:
    """The journal in another format, to be downloaded as ``name``. Problem 422 where the format cannot hold it."""
    form = FORMATS[to]
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="otolith-"))
    out = folder / f"{name}{form.ending}"
    try:
        async with turns:
            status, said = await _run(journal, to, out)
        _refuse(status, said.replace(str(journal), name).removeprefix("otolith: "))
        found = await asyncio.to_thread(out.stat)
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        raise
    return FileResponse(
        out,
        media_type=form.media_type,
        filename=out.name,
        stat_result=found,
        headers={"cache-control": "private, no-store"},
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )


async def _run(journal: Path, to: str, out: Path) -> tuple[int, str]:
    """Exit status of the command, and what it said of a failure; it does not outlive the request."""
    command = [sys.executable, "-m", "otolith.api.cli", "convert", str(journal), "--to", to, "--out", str(out)]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        with suppress(ProcessLookupError):  # it is over already
            os.setpriority(os.PRIO_PROCESS, process.pid, GENTLE)
        _, said = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, said.decode("utf-8", "replace").strip()


def _refuse(status: int, said: str) -> None:
    """Problem, unless the command succeeded."""
    if status == DATA:
        raise Problem(422, "cannot-convert", said)
    if status:
        detail = "The recording could not be converted; the station's disk may be full."
        raise Problem(500, "conversion-failed", detail)
