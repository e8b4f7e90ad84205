"""liblsl, loaded once, quiet, and kept to this machine unless the site's own ``lsl_api.cfg`` says otherwise."""

import os
import time
from functools import cache
from pathlib import Path
from typing import Any, Final

from otolith.drivers.errors import BoardRefused

LOOPBACK: Final = """
[ports]
IPv6 = disable
[multicast]
ResolveScope = machine
ListenAddress = 127.0.0.1
MachineAddresses = {127.0.0.1}
Interfaces = {127.0.0.1}
[lab]
KnownPeers = {127.0.0.1}
[tuning]
MulticastMinRTT = 0.1
UnicastMinRTT = 0.1
TimeProbeInterval = 0.01
TimeProbeMaxRTT = 0.05
[log]
level = -3
"""
"""Streams are sought and offered on the loopback interface alone (labstreaminglayer.readthedocs.io, lslapicfg)."""
PLACES: Final = ("lsl_api.cfg", "~/lsl_api/lsl_api.cfg", "/etc/lsl_api/lsl_api.cfg")
"""Where liblsl looks for a configuration; the environment variable ``LSLAPICFG`` comes first."""


@cache
def liblsl() -> Any:  # noqa: ANN401 -- pylsl's annotations are incomplete
    """The module ``pylsl``. Raises BoardRefused where it, or the library in it, is missing."""
    try:
        import pylsl  # noqa: PLC0415  # an extra, which loads a library
        from pylsl.util import set_config_content  # noqa: PLC0415
    except (ImportError, RuntimeError) as error:  # RuntimeError: pylsl without liblsl
        raise BoardRefused(
            f"the Lab Streaming Layer needs pylsl 1.18 or newer: pip install 'otolith[lsl]' ({error})"
        ) from error
    if not own_configuration():
        set_config_content(LOOPBACK)
    return pylsl


def own_configuration() -> bool:
    """Whether the site has a configuration of liblsl, which then decides how far streams are sought and offered."""
    return "LSLAPICFG" in os.environ or any(Path(place).expanduser().is_file() for place in PLACES)


def clock_offset() -> float:
    """Seconds to add to ``CLOCK_MONOTONIC`` for liblsl's clock; of several looks, the one that took least time."""
    clock = liblsl().local_clock
    looks = []
    for _ in range(5):
        before = time.monotonic_ns()
        told = clock()
        after = time.monotonic_ns()
        looks.append((after - before, told - (before + after) * 0.5e-9))
    return float(min(looks)[1])
