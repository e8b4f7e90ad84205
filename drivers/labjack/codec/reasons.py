"""Error codes of the U3 and the U6, and stream statuses of the T7, in plain words."""

from typing import Final

RECOVERING: Final = 59
"""The buffer ran over; what is in it still comes, new scans are thrown away."""
RECOVERED: Final = 60
"""So many scans were thrown away; sampling goes on."""
NOT_RUNNING: Final = 52

T7_RECOVERING: Final = 2940
T7_RECOVERED: Final = 2941

_SLOWER: Final = "ask for a lower rate= or connect fewer channels"
_REASONS: Final[dict[int, str]] = {
    26: "its memory has no such block",
    48: "its stream is running already; another program may be using it",
    49: "it does not take this list of channels",
    50: "it does not take this configuration of the stream",
    NOT_RUNNING: "its stream is not running",
    53: "it does not take this trigger",
    54: "its converter's buffer ran over: " + _SLOWER,
    55: "a scan began before the last one was complete: " + _SLOWER,
    56: "it does not take this number of samples in a packet",
    57: "it does not take this gain",
    58: "it cannot sample at this rate: " + _SLOWER,
    RECOVERING: "its buffer ran over, and it throws scans away until the computer has read it",
    RECOVERED: "its buffer had run over, and scans were thrown away",
    63: "it threw away more scans than it can count; the stream has to begin anew",
    2942: "a scan began before the last one was complete: " + _SLOWER,
    2943: "it threw away more scans than it can count; the stream has to begin anew",
    2944: "it has sent all the scans that it was asked for",
    2945: "its stream buffer is full: " + _SLOWER,
}
"""By code (LabJackPython's table of errors; T-Series datasheet 3.2.4, and LJM's order of errors for 2945)."""


def reason(code: int) -> str:
    """What is wrong, and what to do where that is known."""
    words = _REASONS.get(code, "its maker's list of errors has more on it")
    return f"{words} (LabJack error {code})"
