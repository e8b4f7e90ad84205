"""A scripted station, an outlet that only remembers, and the same bus on two brokers."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiomqtt
import numpy as np
import pytest

from otolith.api.mqtt.outlet import Traffic
from otolith.api.mqtt.serve import MqttEndpoint, mqtt_service
from otolith.api.mqtt.topics import Kind, Topic
from otolith.dsp.sway import Sway
from otolith.service.clock import Clock
from otolith.service.config import Config, MqttConfig
from otolith.service.errors import TareRefused, UnknownBoard
from otolith.service.frame import Frame
from otolith.service.state import BoardPhase, BoardState, RecordingState, StationState, StreamHealth, TareState
from otolith.service.station import Station
from otolith.service.store import RecordingRow, Role, TokenRow

BENCH = "bench"
BOARD = "phidget-bridge-1"
SECONDS = 10.0
"""Until a test gives up waiting for something that should happen at once."""


class ScriptedTokens:
    """Three tokens; the secret is the name of the role and ``-secret``."""

    def __init__(self) -> None:
        self.rows = {f"{role}-secret": TokenRow(f"id-{role}", f"{role} desk", role, "") for role in Role}

    async def verify(self, secret: str) -> TokenRow | None:
        row = self.rows.get(secret)
        return None if row is None or row.revoked else row

    async def list(self) -> tuple[TokenRow, ...]:
        return tuple(self.rows.values())

    def revoke(self, secret: str) -> None:
        self.rows[secret] = replace(self.rows[secret], revoked="2026-01-01T00:00:00.000000Z")


@dataclass
class ScriptedStore:
    tokens: ScriptedTokens = field(default_factory=ScriptedTokens)


class ScriptedStation(Station):
    """A station without boards, tasks or records, that does what a test tells it and remembers what it was asked."""

    def __init__(self, config: Config, clock: Clock | None = None) -> None:
        super().__init__(config, clock)
        self.store = ScriptedStore()  # type: ignore[assignment]  # only the tokens are used here
        self.asked: list[tuple[str, ...]] = []
        self.gate = asyncio.Event()
        """Clear it and a tare waits."""
        self.gate.set()
        self.noisy = False
        self.crash = False
        self.known = [
            BoardState(
                id=BOARD,
                moniker="usb:06c2:003b?serial=1",
                phase=BoardPhase.STREAMING,
                reason="",
                since="2026-01-01T00:00:00.000000Z",
                family="phidget_bridge",
                model="1046_0",
                serial="1",
                rate_nominal=125.0,
                cells_x=(-200.0, 200.0),
                cells_y=(0.0, 0.0),
                calibration="nominal",
                health=StreamHealth(125.0, 0.1, 0, 0, 0, 0.2, 0.9, 1000),
                tare=TareState("2026-01-01T00:00:01.000000Z", "Nurse Ratched", (1.0, 2.0), 0.5),
            )
        ]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def state(self) -> StationState:
        return StationState(self.config.station, "0.1.0", "2026-01-01T00:00:00.000000Z", ready=True, faults=())

    def boards(self) -> list[BoardState]:
        return list(self.known)

    def board(self, board_id: str) -> BoardState:
        for board in self.known:
            if board.id == board_id:
                return board
        raise UnknownBoard(f"no board {board_id!r}; this station has {BOARD}")

    async def change(self, **what: Any) -> None:
        self.known[0] = replace(self.known[0], **what)
        await self.changes.publish(self.known[0])

    async def tare(self, board_id: str, by: str, seconds: float = 1.0) -> TareState:
        assert seconds > 0
        self.board(board_id)
        self.asked.append(("tare", board_id, by))
        await self.gate.wait()
        if self.crash:
            raise RuntimeError("a fault nobody foresaw")
        if self.noisy:
            raise TareRefused("somebody is moving on the board: step off and try again")
        return TareState("", by, (), 0.0)

    async def start_recording(self, board_id: str, by: str) -> RecordingRow:
        self.board(board_id)
        self.asked.append(("start_recording", board_id, by))
        await self.change(recording=RecordingState("rec-1", "2026-01-01T00:00:02.000000Z", 0, 0, "always"))
        return RecordingRow("rec-1", board_id, "1", "on_demand", by, "", "")

    async def stop_recording(self, recording_id: str, by: str) -> RecordingRow:
        self.asked.append(("stop_recording", recording_id, by))
        await self.change(recording=None)
        return RecordingRow(recording_id, BOARD, "1", "on_demand", by, "", "")

    async def identify(self, board_id: str) -> None:
        self.board(board_id)
        self.asked.append(("identify", board_id))


@dataclass
class Said:
    """One message as an outlet got it."""

    topic: Topic
    payload: bytes
    quality: int
    retain: bool


class MemoryOutlet:
    """Remembers what it was given."""

    def __init__(self) -> None:
        self.traffic = Traffic()
        self.said: list[Said] = []
        self.cleared: list[Topic] = []

    def publish(self, topic: Topic, payload: bytes, *, quality: int = 0, retain: bool = False) -> None:
        self.said.append(Said(topic, payload, quality, retain))

    def clear(self, topic: Topic) -> None:
        self.cleared.append(topic)

    def of(self, kind: Kind) -> list[Said]:
        return [said for said in self.said if said.topic.kind is kind]


@pytest.fixture
def make_frame() -> Callable[..., Frame]:
    """A frame of ``n`` samples; whatever is given replaces the made-up columns."""

    def make(seq: int = 0, n: int = 4, t0_ns: int = 1_000_000_000, dt_ns: int = 1_000_000, **columns: Any) -> Frame:
        ramp = np.arange(seq, seq + n, dtype=np.float64)
        default: dict[str, Any] = {
            "board": BOARD,
            "seq": seq,
            "missed": 0,
            "t": t0_ns + dt_ns * np.arange(n, dtype=np.int64),
            "t_arrival": t0_ns + dt_ns * np.arange(n, dtype=np.int64),
            "counts": np.stack([ramp, ramp], axis=1),
            "loads": np.stack([350 + ramp / 8, 350 - ramp / 8], axis=1),
            "force": np.full(n, 700.0),
            "cop": np.stack([ramp / 4, -ramp / 8], axis=1),
            "smooth": np.stack([ramp / 16, -ramp / 32], axis=1),
            "flags": np.zeros(n, dtype=np.uint32),
            "sway": None,
        }
        return Frame(**(default | columns))

    return make


@pytest.fixture
def sway() -> Sway:
    """Figures, one of which there is not."""
    return Sway(10, 0.08, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, float("nan"), 0.4, 0.1, 0.2, 9.5, 8.5, 0.3)


@pytest.fixture
def make_station(tmp_path: Path) -> Callable[..., ScriptedStation]:
    """A scripted station; by default with an embedded broker on any free port."""

    def make(clock: Clock | None = None, **mqtt: Any) -> ScriptedStation:
        config = Config(station=BENCH, folder=tmp_path, mqtt=MqttConfig(**({"port": 0} | mqtt)))
        return ScriptedStation(config, clock)

    return make


@pytest.fixture
def outlet() -> MemoryOutlet:
    return MemoryOutlet()


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Wait for a condition that no event tells of; fails the test when it does not come true."""

    async def wait(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(SECONDS):
            while not condition():  # noqa: ASYNC110 - conditions of foreign objects, which have no events
                await asyncio.sleep(0.005)

    return wait


class Client:
    """A client of the bus that a test speaks through."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.raw = client

    async def subscribe(self, *filters: str, qos: int = 1) -> list[int]:
        granted = [await self.raw.subscribe(topic, qos) for topic in filters]
        return [int(codes[0].value if hasattr(codes[0], "value") else codes[0]) for codes in granted]

    async def next(self, kind: Kind | None = None, where: Callable[[bytes], bool] = lambda _: True) -> aiomqtt.Message:
        """The next message of the kind for which ``where`` holds; others are passed over."""
        async with asyncio.timeout(SECONDS):
            async for message in self.raw.messages:
                topic = Topic.parse(str(message.topic), BENCH)
                if kind in (None, topic.kind) and where(bytes(message.payload)):
                    return message
        raise AssertionError("the broker ended the connection")

    def waiting(self) -> int:
        return len(self.raw.messages)


Connect = Callable[..., AbstractAsyncContextManager[Client]]


@asynccontextmanager
async def connect_to(
    port: int, role: str = "viewer", password: str | None = None, **options: Any
) -> AsyncIterator[Client]:
    secret = f"{role}-secret" if password is None else password
    options = {"username": role, "password": secret, "timeout": SECONDS, **options}
    async with aiomqtt.Client("127.0.0.1", port, **options) as client:
        yield Client(client)


@pytest.fixture
def connect() -> Connect:
    """Connect to a port of this machine under a role's name and secret."""
    return connect_to


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mosquitto:
    """The real broker, on a loopback port, with the accounts and the access list that the decision record asks for."""

    ACCESS = f"""
user station
topic readwrite otolith/v1/{BENCH}/#
user operator
topic read otolith/v1/{BENCH}/#
topic write otolith/v1/{BENCH}/cmd/#
user viewer
topic read otolith/v1/{BENCH}/#
"""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._config = folder / "mosquitto.conf"
        passwords, access = folder / "passwords", folder / "access"
        passwords.touch(mode=0o600)
        for user in ("station", "operator", "viewer"):
            self._run("mosquitto_passwd", "-b", str(passwords), user, f"{user}-secret")
        access.write_text(self.ACCESS)
        access.chmod(0o600)
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\npersistence false\nuser root\n"
            f"password_file {passwords}\nacl_file {access}\n"
        )

    @staticmethod
    def program(name: str) -> str:
        found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
        assert found, f"{name} is not installed"
        return found

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([self.program(program), *arguments], check=True, capture_output=True, timeout=SECONDS)

    async def start(self) -> None:
        self._process = subprocess.Popen(  # noqa: ASYNC220 - returns at once
            [self.program("mosquitto"), "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        async with asyncio.timeout(SECONDS):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    await asyncio.sleep(0.01)
                else:
                    writer.close()
                    await writer.wait_closed()
                    return

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(SECONDS)
            self._process = None


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """Not started yet."""
    broker = Mosquitto(tmp_path)
    yield broker
    broker.stop()


@dataclass
class Bus:
    """A station on a broker, and the way in."""

    station: ScriptedStation
    endpoint: MqttEndpoint
    mosquitto: Mosquitto | None
    end: Callable[[], Awaitable[None]]
    """Ends the station's part."""

    @property
    def embedded(self) -> bool:
        return self.mosquitto is None

    def connect(self, role: str = "viewer", **options: Any) -> AbstractAsyncContextManager[Client]:
        return connect_to(self.endpoint.port, role, **options)

    def topic(self, kind: Kind, name: str = "") -> str:
        return str(Topic(BENCH, kind, name))


@pytest.fixture(params=["embedded", pytest.param("mosquitto", marks=pytest.mark.broker)])
async def bus(request: pytest.FixtureRequest, make_station: Callable[..., ScriptedStation]) -> AsyncIterator[Bus]:
    """The same station on the embedded broker and on a site's own."""
    foreign: Mosquitto | None = None
    options: dict[str, Any] = {}
    if request.param == "mosquitto":
        foreign = request.getfixturevalue("mosquitto")
        await foreign.start()
        options = {"embedded": False, "port": foreign.port, "username": "station", "password": "station-secret"}
    station = make_station(**options)
    async with AsyncExitStack() as stack:
        endpoint = await stack.enter_async_context(mqtt_service(station))
        yield Bus(station, endpoint, foreign, stack.aclose)
