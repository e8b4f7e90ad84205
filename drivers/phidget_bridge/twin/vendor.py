"""The twin of a 1046_1: a vendor-class device that sends one packet per channel."""

from collections.abc import Sequence
from typing import Final

from otolith.drivers.calibration import Linear
from otolith.drivers.errors import ReportError
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import TimedFault
from otolith.drivers.phidget_bridge.codec import vendor
from otolith.drivers.phidget_bridge.codec.converter import ALL, CHANNELS, limit, ratio
from otolith.drivers.phidget_bridge.codec.vendor import Fault, Kind, Request
from otolith.drivers.phidget_bridge.links import GAIN
from otolith.drivers.phidget_bridge.twin.bridge import Bridge
from otolith.drivers.twinning import Sent
from otolith.drivers.twinning.descriptors import configuration
from otolith.drivers.usb.gadget import Setup, Stall

DEFAULT_INTERVAL: Final = 250.0
"""ms after a reset."""


class VendorBridge(Bridge):
    """1046_1. All channels are sampled together, at the interval of channel 0.

    ``together``: whether a scan travels as one transfer of four packets, or as four transfers. The maker's library
    reads one packet per transfer; a driver has to live with both.
    """

    def __init__(
        self,
        source: LoadSource,
        calibration: Linear,
        *,
        serial: str = "100001",
        bcd_device: int = 0x0200,
        seed: int = 0,
        skew: float = 0.0,
        faults: Sequence[TimedFault] = (),
        together: bool = True,
    ) -> None:
        super().__init__(
            source,
            calibration,
            serial=serial,
            bcd_device=bcd_device,
            configuration_descriptor=configuration(0xFF, b"", 1),
            seed=seed,
            skew=skew,
            faults=faults,
        )
        self._together = together
        self.enabled = 0
        self.gains = [1] * CHANNELS
        self.intervals = [DEFAULT_INTERVAL] * CHANNELS

    @property
    def streaming(self) -> bool:
        """Whether a channel is enabled."""
        return bool(self.enabled)

    def power_up(self) -> None:
        """All channels off, gain 1."""
        self.enabled = 0
        self.gains = [1] * CHANNELS
        self.intervals = [DEFAULT_INTERVAL] * CHANNELS
        self.begin(DEFAULT_INTERVAL * 1e-3, on=False)

    async def control(self, setup: Setup, data: bytes) -> bytes:
        """Channel writes and reads, device read 0."""
        kind, channel = divmod(setup.value, 0x100)
        if (setup.request_type, setup.request, setup.value) == (vendor.IN, Request.DEVICE_READ, 0):
            return vendor.encode_status(vendor.Status(self.enabled, tuple(self.intervals)))
        if channel >= CHANNELS:
            raise Stall
        if (setup.request_type, setup.request) == (vendor.OUT, Request.CHANNEL_WRITE):
            self._write(kind, channel, data)
            return b""
        if (setup.request_type, setup.request, kind) == (vendor.IN, Request.CHANNEL_READ, Kind.INTERVAL):
            return vendor.encode_interval(self.intervals[channel])
        raise Stall

    def _write(self, kind: int, channel: int, data: bytes) -> None:
        if kind == Kind.GAIN and len(data) == 1 and data[0] in vendor.GAIN_OF:
            self.gains[channel] = vendor.GAIN_OF[data[0]]
        elif kind == Kind.ENABLED and data in (b"\x00", b"\xff"):
            self._enable(channel, on=data == b"\xff")
        elif kind == Kind.INTERVAL:
            self._interval(channel, data)
        elif kind == Kind.RESET:
            self._enable(channel, on=False)
        elif kind not in (Kind.OPEN, Kind.TRIGGER):
            raise Stall

    def _interval(self, channel: int, data: bytes) -> None:
        try:
            asked = vendor.decode_interval(data)
        except ReportError:
            raise Stall from None
        self.intervals[channel] = min(max(asked, 1.0), 1000.0)

    def _enable(self, channel: int, *, on: bool) -> None:
        self.enabled = self.enabled | 1 << channel if on else self.enabled & ~(1 << channel)
        if on or not self.enabled:
            self.begin(self.intervals[0] * 1e-3, on=on)

    def due_packets(self, tick: int, codes: tuple[int, ...]) -> tuple[list[bytes], bool]:
        """One packet per enabled channel, at every interval; a sample where all are."""
        del tick
        packets = [self._packet(channel, codes[channel]) for channel in range(CHANNELS) if self.enabled >> channel & 1]
        transfers = [b"".join(packets)] if packets and self._together else packets
        return transfers, self.enabled == ALL

    def counts(self, sample: Sent) -> tuple[float, ...]:
        """V/V, at the gain that the driver sets."""
        return tuple(ratio(code, GAIN) for code in sample.codes)

    def _packet(self, channel: int, code: int) -> bytes:
        value = ratio(code, self.gains[channel])
        beyond = abs(value) > limit(self.gains[channel])
        fault = (Fault.HIGH if value > 0.0 else Fault.LOW) if beyond else None
        return vendor.encode(vendor.Packet(channel, value, fault))
