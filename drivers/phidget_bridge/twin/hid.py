"""The twin of a 1046_0: a HID device that reports every 8 ms."""

from collections.abc import Sequence
from typing import Final

from otolith.drivers.calibration import Linear
from otolith.drivers.errors import ReportError
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import TimedFault
from otolith.drivers.phidget_bridge.codec import hid
from otolith.drivers.phidget_bridge.codec.converter import ALL, CHANNELS
from otolith.drivers.phidget_bridge.twin.bridge import Bridge
from otolith.drivers.twinning.descriptors import configuration, hid_descriptor, report_descriptor
from otolith.drivers.usb.gadget import Setup, Stall

OFF: Final = hid.Setting(0, (1,) * CHANNELS, hid.TICK)
"""What the board does after it got power."""


class HidBridge(Bridge):
    """1046_0. The real lengths of its reports are not public, so they are parameters."""

    def __init__(
        self,
        source: LoadSource,
        calibration: Linear,
        *,
        serial: str = "100001",
        bcd_device: int = 0x0102,
        seed: int = 0,
        skew: float = 0.0,
        faults: Sequence[TimedFault] = (),
        lengths: tuple[int, int] = (hid.SHORTEST_IN, hid.SHORTEST_OUT),
    ) -> None:
        self.report_descriptor = report_descriptor(*lengths)
        super().__init__(
            source,
            calibration,
            serial=serial,
            bcd_device=bcd_device,
            configuration_descriptor=configuration(3, hid_descriptor(self.report_descriptor), hid.TICK),
            seed=seed,
            skew=skew,
            faults=faults,
        )
        self.setting = OFF
        self._lengths = lengths

    @property
    def streaming(self) -> bool:
        """Whether a channel is enabled."""
        return bool(self.setting.enabled)

    def power_up(self) -> None:
        """All channels off, gain 1."""
        self.setting = OFF
        self.begin(hid.TICK * 1e-3, on=False)

    async def control(self, setup: Setup, data: bytes) -> bytes:
        """GET_DESCRIPTOR(report), SET_REPORT(output), SET_IDLE (HID 1.11, chapter 7)."""
        if (setup.request_type, setup.request, setup.value) == (0x81, 6, 0x2200):
            return self.report_descriptor
        if (setup.request_type, setup.request, setup.value) == (0x21, 9, 0x0200):
            self._set(data)
            return b""
        if (setup.request_type, setup.request) == (0x21, 0x0A):
            return b""
        raise Stall

    def _set(self, data: bytes) -> None:
        try:
            setting = hid.decode_setting(data)
        except ReportError:
            raise Stall from None
        if setting != self.setting:
            new = setting.enabled & ~self.setting.enabled
            self.setting = setting
            self.begin(hid.TICK * 1e-3, on=bool(new))

    def due_packets(self, tick: int, codes: tuple[int, ...]) -> tuple[list[bytes], bool]:
        """A report at every tick; new data in it at every interval, a sample where all channels have some."""
        valid = self.setting.enabled if tick % (self.setting.interval // hid.TICK) == 0 else 0
        return [hid.encode(hid.Report(self.setting, valid, 0, codes), self._lengths[0])], valid == ALL
