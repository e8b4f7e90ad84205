"""How a Wii Balance Board is connected to a machine, in plain words."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

NAME: Final = "Nintendo RVL-WBC-01"
"""What a board calls itself."""
PAIRING: Final = (
    "to connect one, open the system's Bluetooth settings, take off the lid of the board's battery case, press the red "
    f"SYNC button and choose {NAME!r}; where a PIN is asked for, leave that to the system; 'otolith boards --pair' "
    "tells it step by step"
)
STEPS: Final = f"""\
How to connect a Wii Balance Board by Bluetooth (Linux)

1. Turn the board over and take off the lid of its battery case: the red SYNC button is inside. Put in four fresh
   cells. Leave the board lying so until it is connected, with nobody on it.
2. Switch Bluetooth on and look for the board:
     rfkill unblock bluetooth
     bluetoothctl
       power on
       agent on
       default-agent
       scan on
3. Press the red SYNC button. For 20 seconds the board can be seen, as {NAME!r}.
   Press it again whenever they are over.
4. With the address that was shown, within these 20 seconds:
       pair 00:1F:C5:12:34:56
       trust 00:1F:C5:12:34:56
       connect 00:1F:C5:12:34:56
   All three: paired and trusted alone is not enough. The first connection after pairing is what lets the front button
   reconnect the board later; one that was only connected, and not paired, needs SYNC every time.
5. The blue light at the front button stays on. 'otolith boards' lists the board.

If it asks for a PIN: there is none to type. It is six raw bytes, the address of this machine's own adapter from back
to front, and the system sends it by itself after SYNC. A window that asks for digits has mistaken the board for a
keyboard: cancel it and pair with bluetoothctl, as above. Old BlueZ (4.101) refuses such a PIN.
If it says "authentication failed" or error 52: one of the two has forgotten the other. Run
'bluetoothctl remove 00:1F:C5:12:34:56', press SYNC and begin again at 3.
If it connects and drops at once: the system's HID driver may be missing: 'modprobe hid-wiimote'. It is part of Linux.
If it is listed and may not be opened: 'otolith udev' says how to allow it.
If this machine's Bluetooth cannot be used: a Mayflash DolphinBar on USB, with its switch at mode 4, holds boards
itself: press SYNC on the bar, then on the board.

Without pairing at all: press SYNC and, within 20 seconds, open wii:00:1f:c5:12:34:56?via=l2cap. The board is then ours
until it is closed, and closing it switches it off.
"""


def obstacles(sys: Path = Path("/sys")) -> Iterator[str]:
    """What on this machine is in the way of that, as far as can be seen without asking for anything."""
    if not any((sys / "class" / "bluetooth").glob("hci*")):
        yield "the kernel shows no Bluetooth adapter: plug one in, or switch it on in the machine's settings"
    if any(_blocked(switch) for switch in (sys / "class" / "rfkill").glob("rfkill*")):
        yield "Bluetooth is blocked: 'rfkill unblock bluetooth', or the switch on the machine's case"
    if not (sys / "module" / "hid_wiimote").exists():
        yield "the kernel's driver hid-wiimote is not loaded; it loads by itself when a board connects"
    if shutil.which("bluetoothctl") is None:
        yield "there is no bluetoothctl: install the package bluez"
    if not hasattr(socket, "AF_BLUETOOTH"):
        yield "this Python has no Bluetooth sockets, so that via=l2cap is not possible; via=hidraw is"


def _blocked(switch: Path) -> bool:
    try:
        kind, soft, hard = ((switch / name).read_text().strip() for name in ("type", "soft", "hard"))
    except OSError:  # it went away while we looked
        return False
    return kind == "bluetooth" and "1" in (soft, hard)
