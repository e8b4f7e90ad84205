"""The standard requests of a gadget (USB 2.0, chapter 9), so that a twin only writes what makes it itself."""

from dataclasses import dataclass, field

from otolith.drivers.usb.descriptors import (
    CONFIGURATION,
    DEVICE,
    ENGLISH,
    STRING,
    ConfigurationDescriptor,
    EndpointDescriptor,
    encode_languages,
    encode_string,
    parse_configuration,
    parse_device,
)
from otolith.drivers.usb.gadget import Gadget, Setup, Stall

_SELF_POWERED = 0x40  # bmAttributes, table 9-10
_PORT_RESET = 4  # feature of a hub port, table 11-17; how USB/IP carries a bus reset


@dataclass(slots=True)
class Chapter9:
    """A gadget's configuration, alternate settings and halted endpoints while one host holds it.

    It starts configured, as a device does that a host passes on. Raises DescriptorError for unreadable descriptors.
    """

    gadget: Gadget
    halted: set[int] = field(default_factory=set)
    active: int = field(init=False)
    """bConfigurationValue, 0 while not configured."""
    _configuration: ConfigurationDescriptor = field(init=False)
    _alternates: dict[int, int] = field(default_factory=dict)
    _endpoints: dict[int, EndpointDescriptor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parse_device(self.gadget.device_descriptor)
        self._configuration = parse_configuration(self.gadget.configuration_descriptor)
        self._configure(self._configuration.bConfigurationValue)

    def endpoint(self, address: int) -> EndpointDescriptor | None:
        """Endpoint of the active configuration and alternate settings."""
        return self._endpoints.get(address)

    async def control(self, setup: Setup, data: bytes) -> bytes:
        """Answer a control request, or pass it on to the gadget. Raises Stall."""
        if (setup.request_type, setup.request, setup.value) == (0x23, 3, _PORT_RESET):
            return await self._reset()
        answer = self._standard(setup)
        return await self.gadget.control(setup, data) if answer is None else answer[: setup.length]

    def _standard(self, setup: Setup) -> bytes | None:
        asked = setup.request_type, setup.request
        states = {
            (0x80, 0): bytes((bool(self._configuration.bmAttributes & _SELF_POWERED), 0)),
            (0x81, 0): bytes(2),
            (0x82, 0): bytes((setup.index in self.halted, 0)),
            (0x80, 8): bytes((self.active,)),
            (0x81, 10): bytes((self._alternates.get(setup.index, 0),)),
        }
        if asked in states:
            return states[asked]
        return self._descriptor(setup) if asked == (0x80, 6) else self._change(setup)

    def _change(self, setup: Setup) -> bytes | None:
        match setup.request_type, setup.request:
            case 0x00, 9:
                return self._set_configuration(setup)
            case 0x01, 11:
                return self._set_interface(setup)
            case 0x02, 1:
                self.halted.discard(setup.index)
                return b""
            case 0x02, 3:
                return self._set_halt(setup)
            case _:
                return None

    def _descriptor(self, setup: Setup) -> bytes | None:
        kind, index = divmod(setup.value, 0x100)
        if kind == STRING:
            return self._string(index)
        known = {DEVICE: self.gadget.device_descriptor, CONFIGURATION: self.gadget.configuration_descriptor}
        if kind in known and index:
            raise Stall
        return known.get(kind)

    def _string(self, index: int) -> bytes:
        if index == 0 and self.gadget.strings:
            return encode_languages(ENGLISH)
        if index not in self.gadget.strings:
            raise Stall
        return encode_string(self.gadget.strings[index])

    def _set_configuration(self, setup: Setup) -> bytes:
        if setup.value not in {0, self._configuration.bConfigurationValue}:
            raise Stall
        self._configure(setup.value)
        return b""

    def _configure(self, value: int) -> None:
        self.active = value
        self._alternates.clear()
        self.halted.clear()
        self._find_endpoints()

    def _set_interface(self, setup: Setup) -> bytes:
        if not any(
            (setting.bInterfaceNumber, setting.bAlternateSetting) == (setup.index, setup.value)
            for setting in self._configuration.settings
        ):
            raise Stall
        self._alternates[setup.index] = setup.value
        self._find_endpoints()
        self.halted &= self._endpoints.keys()
        return b""

    def _find_endpoints(self) -> None:
        self._endpoints = {
            endpoint.bEndpointAddress: endpoint
            for setting in self._configuration.settings
            if self.active and self._alternates.get(setting.bInterfaceNumber, 0) == setting.bAlternateSetting
            for endpoint in setting.endpoints
        }

    def _set_halt(self, setup: Setup) -> bytes:
        if setup.index not in self._endpoints:
            raise Stall
        self.halted.add(setup.index)
        return b""

    async def _reset(self) -> bytes:
        await self.gadget.detach()
        await self.gadget.attach()
        self._configure(self._configuration.bConfigurationValue)
        return b""
