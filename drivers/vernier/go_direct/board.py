"""The driver of Go Direct force plates over USB."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, suppress
from typing import Final, TypeVar

from otolith.drivers.batch import Batch
from otolith.drivers.board import TWIN, BoardInfo, StreamStatistics
from otolith.drivers.calibration import Linear
from otolith.drivers.counters import Counters, patience
from otolith.drivers.errors import BoardRefused, DriverError, MonikerError
from otolith.drivers.monikers import Stance
from otolith.drivers.reading import OneReader
from otolith.drivers.usb.pipe import open_pipe
from otolith.drivers.usb.seen import Seen
from otolith.drivers.vernier.go_direct.codec.commands import (
    STOP_ALL,
    Command,
    Sensor,
    decode_info,
    decode_mask,
    decode_sensor,
    decode_status,
    numbers,
    period_body,
    start_body,
)
from otolith.drivers.vernier.go_direct.intake import BLOCK, Intake
from otolith.drivers.vernier.go_direct.line import Line
from otolith.drivers.vernier.plate import FORCE, refuse_places
from otolith.drivers.wire import Identity, Listen, Wire

PRODUCT: Final = 0x0010
FAMILY: Final = "vernier_go_direct"
INTERVAL: Final = 10
"""Milliseconds between samples unless told: the shortest that plates have offered over this protocol."""
NEWTON: Final = "N"

T = TypeVar("T")


class GoDirectBoard(OneReader):
    """An open plate; see ``Board`` for the contract. ``counts`` are the sensor's newtons, as the device has them.

    Some ten packets come a second, each with the samples since the one before: ``BoardInfo.latency``.
    """

    def __init__(self, line: Line, sensor: Sensor, info: BoardInfo) -> None:
        super().__init__(info)
        self._line = line
        self._sensor = sensor
        self._counters = Counters()

    def statistics(self) -> StreamStatistics:
        """Read the counters, from any thread."""
        now = self._counters
        overruns = self._line.wire.statistics().overruns
        return StreamStatistics(now.reports, now.samples, now.missed, now.malformed, overruns)

    async def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        """Every batch through ``transform``, which runs where the bytes arrive."""
        self._claim()
        period = 1.0 / self._info.rate
        try:
            await self._line.ask(Command.STOP, STOP_ALL)  # whatever comes before the answer is of an earlier stream
            await self._line.ask(Command.SET_PERIOD, period_body(round(1e6 * period)))
            intake = Intake(self._sensor, period, self._line.assembler, self._counters)

            def take(report: bytes, t_host: int) -> list[T] | None:
                return [transform(batch) for batch in intake.take(report, t_host)] or None

            await self._line.send(Command.START, start_body(1 << self._sensor.number))
            async with aclosing(self._line.wire.packets(take, silence=patience(max(period, BLOCK)))) as packets:
                async for items in packets:
                    for item in items:
                        yield item
        finally:
            self._streaming = False
            with suppress(DriverError):
                await self._line.send(Command.STOP, STOP_ALL)

    async def identify(self) -> None:
        """No command for its light is public."""
        raise BoardRefused("a Go Direct device cannot be made to blink; press on it and watch the force")

    async def aclose(self) -> None:
        """Take leave and let go; safe to call twice."""
        with suppress(DriverError):
            await self._line.send(Command.DISCONNECT)
        await self._line.wire.aclose()


async def open_go_direct(seen: Seen, moniker: str, stance: Stance, listen: Listen | None = None) -> GoDirectBoard:
    """Open what ``seen`` found; raises DriverError. ``listen`` may put itself between the driver and the device."""
    pipe = await open_pipe(seen)
    wire: Wire = listen(pipe) if listen else pipe
    try:
        return await go_direct_over(wire, Identity(seen.release, seen.serial, seen.name), moniker, stance)
    except BaseException:
        await wire.aclose()
        raise


async def go_direct_over(wire: Wire, identity: Identity, moniker: str, stance: Stance) -> GoDirectBoard:
    """The device at the other end of ``wire``, asked who it is; raises DriverError and leaves the wire open then."""
    refuse_places(stance)
    line = Line(wire)
    await line.greet()
    status = await line.learn(Command.STATUS, decode_status)
    about = await line.learn(Command.INFO, decode_info)
    sensor = await _chosen(line, stance.sensor)
    info = BoardInfo(
        moniker=moniker,
        family=FAMILY,
        model=f"Vernier {about.order_code} ({about.description or about.name})",
        serial=about.serial,
        firmware=status.firmware,
        unit=NEWTON,
        rate=1e3 / _interval(sensor, stance.interval),
        cells=FORCE,
        calibration=Linear((1.0,), (0.0,), "factory"),
        simulated=TWIN in identity.name,
        battery=min(status.battery / 100.0, 1.0),
        latency=BLOCK,
    )
    return GoDirectBoard(line, sensor, info)


async def _chosen(line: Line, number: int | None) -> Sensor:
    """The sensor that is asked for, else the one in newtons; BoardRefused names what there is."""
    available = await line.learn(Command.AVAILABLE, decode_mask)
    defaults = await line.learn(Command.DEFAULTS, decode_mask)
    sensors = [
        await line.learn(Command.SENSOR, decode_sensor, bytes([number])) for number in numbers(available & 0xFFFFFFFF)
    ]
    listed = ", ".join(map(str, sensors)) or "none"
    forces = [sensor for sensor in sensors if sensor.unit == NEWTON]
    if number is not None:
        forces = [sensor for sensor in forces if sensor.number == number]
    if not forces:
        wanted = "no sensor" if number is None else f"no sensor {number}"
        raise BoardRefused(f"this Go Direct device has {wanted} in newtons; it has: {listed}")
    usual = [sensor for sensor in forces if defaults >> sensor.number & 1] or forces
    if len(usual) > 1:
        raise BoardRefused(f"this Go Direct device has several sensors in newtons, choose one by sensor=: {listed}")
    return usual[0]


def _interval(sensor: Sensor, asked: int | None) -> float:
    """Milliseconds; MonikerError where the sensor cannot be that fast, or that slow."""
    shortest, longest = sensor.shortest / 1e3, sensor.longest / 1e3
    if asked is None:
        return max(INTERVAL, shortest)
    if not shortest <= asked <= longest:
        raise MonikerError(f"interval={asked}: this sensor samples every {shortest:g} to {longest:g} ms")
    return asked
