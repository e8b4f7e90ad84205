"""A challenge in the terminal: in real time, with keys, on a board that is simulated to its bytes."""

import asyncio
import json
import os
import pty
import re
import sys
from contextlib import suppress
from pathlib import Path

import pytest

SIM = "sim:btracks?load=script:sway"
SHORT = """
format = "otolith-challenge/1"
id = "short"
name = { en = "Short", de = "Kurz", fr = "Court" }
description = { en = "x", de = "x", fr = "x" }
sources = ["nobody"]
status = "unverified"
zero = { before = "never", after = "never" }
[[conditions]]
id = "ec"
name = { en = "Shut", de = "Zu", fr = "Clos" }
eyes = "closed"
duration_s = 1
settle_s = 0.3
lead_s = 0.5
rest_s = 0
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "challenges").mkdir()
    (tmp_path / "challenges" / "short.toml").write_text(SHORT, encoding="utf-8")
    return tmp_path


async def reads(master: int, pattern: str, seen: list[str]) -> None:
    """Until the terminal shows it."""
    while not re.search(pattern, "".join(seen)):
        seen.append((await asyncio.to_thread(os.read, master, 65536)).decode(errors="replace"))


async def closes(master: int, seen: list[str]) -> None:
    """Until nobody has the terminal open any more; who draws on it must never wait for a reader."""
    with suppress(OSError):
        await reads(master, r"(?!)", seen)


async def test_an_operator_is_guided_by_words_and_keys(folder: Path) -> None:
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "otolith", "challenge", "run", "short", "--board", SIM, "--folder", str(folder)]
    environment = {**os.environ, "XDG_STATE_HOME": str(folder), "TERM": "xterm", "COLUMNS": "120", "LINES": "40"}
    out = folder / "kept"
    process = await asyncio.create_subprocess_exec(
        *command, "--language", "de", "--out", str(out), stdin=slave, stdout=slave, stderr=slave, env=environment
    )
    os.close(slave)
    seen: list[str] = []
    try:
        await asyncio.wait_for(reads(master, "n note", seen), 60)
        os.write(master, b"\n")
        await asyncio.wait_for(reads(master, "Enter ready", seen), 30)
        os.write(master, b"nlacht\n\n")
        await asyncio.wait_for(reads(master, "Schließen Sie die Augen", seen), 30)
        await asyncio.wait_for(reads(master, "finished after", seen), 30)
        assert await asyncio.wait_for(process.wait(), 30) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        os.close(master)
    assert (out / "challenges" / "short.toml").is_file()
    assert list(out.rglob("*.mcap"))


async def test_on_a_terminal_standard_output_is_json_alone_and_the_screen_is_on_standard_error(folder: Path) -> None:
    """Both are terminals, as they are for whoever types the command; here they are two, to tell them apart."""
    (screen, slave), (answer, out) = pty.openpty(), pty.openpty()
    command = [sys.executable, "-m", "otolith", "challenge", "run", "short", "--board", SIM, "--folder", str(folder)]
    environment = {**os.environ, "XDG_STATE_HOME": str(folder), "TERM": "xterm", "COLUMNS": "120", "LINES": "40"}
    process = await asyncio.create_subprocess_exec(
        *command, "--json", stdin=slave, stdout=out, stderr=slave, env=environment
    )
    os.close(slave)
    os.close(out)
    seen: list[str] = []
    text: list[str] = []
    try:
        await asyncio.wait_for(reads(screen, "n note", seen), 60)
        os.write(screen, b"\n")
        await asyncio.wait_for(reads(screen, "Enter ready", seen), 30)
        os.write(screen, b"\n")
        await asyncio.wait_for(reads(screen, "Close your eyes", seen), 30)
        drawn = asyncio.create_task(closes(screen, seen))
        await asyncio.wait_for(reads(answer, r"\}\r?\n$", text), 60)
        assert await asyncio.wait_for(process.wait(), 30) == 0
        await asyncio.wait_for(drawn, 30)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        os.close(screen)
        os.close(answer)
    found = json.loads("".join(text))
    assert (found["challenge"], found["ended"]) == ("short", "finished")


async def test_nobody_presses_anything_and_a_program_reads(folder: Path) -> None:
    command = [sys.executable, "-m", "otolith", "challenge", "run", "short", "--board", SIM, "--folder", str(folder)]
    process = await asyncio.create_subprocess_exec(
        *command,
        "--yes",
        "--real-time",
        "--json",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "XDG_STATE_HOME": str(folder)},
    )
    text, _ = await asyncio.wait_for(process.communicate(), 60)
    found = json.loads(text)
    assert (found["ended"], found["simulated"]) == ("finished", True)
    assert [trial["verdict"] for trial in found["trials"]] == ["valid"]
