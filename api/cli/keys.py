"""Keys as they are pressed, without Enter, while the event loop goes on."""

import asyncio
import os
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def pressed() -> Iterator["asyncio.Queue[str]"]:
    """Every key of the terminal; nothing ever where standard input is none. The terminal is as before afterwards."""
    keys: asyncio.Queue[str] = asyncio.Queue()
    if not sys.stdin.isatty():
        yield keys
        return
    number, loop = sys.stdin.fileno(), asyncio.get_running_loop()
    before = termios.tcgetattr(number)
    tty.setcbreak(number)

    def take() -> None:
        for key in os.read(number, 64).decode(errors="ignore"):
            keys.put_nowait(key)

    loop.add_reader(number, take)
    try:
        yield keys
    finally:
        loop.remove_reader(number)
        termios.tcsetattr(number, termios.TCSADRAIN, before)
