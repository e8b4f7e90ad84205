"""What ``otolith doctor`` looks at: each examination is one function, and finds one thing."""

import importlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from otolith.api.dashboard_files import DIST
from otolith.api.listen import CannotListen, bind
from otolith.drivers import udev as rules
from otolith.drivers.errors import DriverError
from otolith.drivers.permission import command
from otolith.drivers.udev import Installed
from otolith.service.config import Config

KERNELS: Final = ("_cop", "_filter", "_sway", "_stream")
OLDEST_PYTHON: Final = (3, 11)


class Verdict(StrEnum):
    """How bad it is."""

    FINE = "fine"
    NOTE = "note"
    """Something some people need is missing."""
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """What an examination found, and what to do about it."""

    subject: str
    verdict: Verdict
    words: str


def examine(config: Config) -> Iterator[Finding]:
    """Every examination, one after the other; none of them raises."""
    checks: tuple[tuple[str, Callable[[Config], tuple[Verdict, str]]], ...] = (
        ("Python", python),
        ("kernels", kernels),
        ("USB", libusb),
        ("USB permission", udev),
        ("dashboard", dashboard),
        ("HTTP port", http_port),
        ("MQTT port", mqtt_port),
        ("folder", folder),
        ("browser", lambda _: program(("chromium", "chromium-browser", "google-chrome"), "chromium")),
        ("mosquitto", lambda _: program(("mosquitto",), "mosquitto")),
    )
    for subject, check in checks:
        verdict, words = check(config)
        yield Finding(subject, verdict, words)


def python(_: Config) -> tuple[Verdict, str]:
    """The interpreter is new enough."""
    words = f"{platform.python_implementation()} {platform.python_version()} on {platform.machine()}"
    if sys.version_info < OLDEST_PYTHON:
        return Verdict.FAULT, f"{words}; otolith needs 3.11 or newer."
    return Verdict.FINE, words


def kernels(_: Config) -> tuple[Verdict, str]:
    """The compiled kernels load."""
    try:
        for name in KERNELS:
            importlib.import_module(f"otolith.dsp.{name}")
        variant = importlib.import_module("otolith.dsp._dispatch").instruction_set()
    except ImportError as error:
        return Verdict.FAULT, f"The compiled kernels do not load ({error}); run `make setup`, or install a wheel."
    return Verdict.FINE, f"compiled, {variant}"


def libusb(_: Config) -> tuple[Verdict, str]:
    """The library that reaches USB loads."""
    try:
        importlib.import_module("otolith.drivers.usb.backends").libusb()
    except DriverError as error:
        return Verdict.FAULT, f"{error}."
    except ImportError as error:
        return Verdict.FAULT, f"USB cannot be used ({error}); reinstall otolith."
    return Verdict.FINE, "libusb loads"


def udev(_: Config) -> tuple[Verdict, str]:
    """On Linux, rules let a user who is not root open a board."""
    if not sys.platform.startswith("linux"):
        return Verdict.FINE, "boards may be opened"
    found = rules.installed(rules.FOLDER)
    if found is Installed.CURRENT:
        return Verdict.FINE, "the udev rules are installed"
    if os.geteuid() == 0:
        return Verdict.FINE, "root may open boards; the udev rules for other users are " + found.value
    return Verdict.NOTE, f"The udev rules are {found.value}; run: sudo {command()} udev --install"


def dashboard(_: Config) -> tuple[Verdict, str]:
    """The dashboard's files are there."""
    if (DIST / "index.html").is_file():
        return Verdict.FINE, "built"
    return Verdict.FAULT, "The dashboard was not built; run `make dashboard`."


def http_port(config: Config) -> tuple[Verdict, str]:
    """The API can listen."""
    return _port(config.http.host, config.http.port)


def mqtt_port(config: Config) -> tuple[Verdict, str]:
    """The embedded broker can listen."""
    if not config.mqtt.embedded:
        return Verdict.FINE, f"the site's own broker: {config.mqtt.host}:{config.mqtt.port}"
    return _port(config.mqtt.host, config.mqtt.port)


def _port(host: str, port: int) -> tuple[Verdict, str]:
    try:
        bind(host, port).close()
    except CannotListen as error:
        return Verdict.NOTE, f"{str(error)[0].upper()}{str(error)[1:]}"
    return Verdict.FINE, f"{host}:{port} is free"


def folder(config: Config) -> tuple[Verdict, str]:
    """The station can keep its records."""
    place = next(path for path in (config.folder, *config.folder.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        return (
            Verdict.FAULT,
            f"{config.folder} cannot be written ({error.strerror}); set another `folder`.",
        )
    free_gb = shutil.disk_usage(place).free / 1e9
    return Verdict.FINE, f"{config.folder}, {free_gb:.0f} GB free"


def program(names: tuple[str, ...], package: str) -> tuple[Verdict, str]:
    """A program that only the project's own tests need."""
    if any(shutil.which(name) for name in names):
        return Verdict.FINE, "found"
    return Verdict.NOTE, f"Not found; only the project's own tests use it: apt-get install {package}"
