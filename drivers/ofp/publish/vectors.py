"""Test vectors: what every implementation must make of given records."""

from typing import Any

from otolith.drivers.ofp import pattern
from otolith.drivers.ofp.codec import packet, records
from otolith.drivers.ofp.codec.form import crc32c
from otolith.drivers.ofp.codec.frames import Answer, Ask, encode_answer, encode_ask, frame
from otolith.drivers.ofp.codec.numbers import Mode, Refusal, Request, Status
from otolith.drivers.ofp.codec.packet import Packet
from otolith.drivers.ofp.codec.records import State
from otolith.drivers.ofp.codec.unlock import key
from otolith.drivers.ofp.twin.design import design, six_components

_SCANS = ((1, -1, 8388607, -8388608), (2, -2, 0, 1000))


def vectors() -> dict[str, Any]:
    """By kind; bytes in hexadecimal."""
    plate, wrench = design(4711), six_components(4712)
    state = State(Status.TARED, 7, Mode.SAMPLES, Refusal.BUSY, 1_000_000, 3, 1234, 5_000_000)
    return {
        "crc32c": [{"data": data.hex(), "crc": f"{crc32c(data):08x}"} for data in (b"", b"123456789", bytes(60))],
        "packets": [_packet(one) for one in _packets()],
        "pattern": [
            {"scan": scan, "channel": channel, "value": pattern.value(scan, channel)}
            for scan in (0, 1, 2**31, 2**32 - 1)
            for channel in (0, 1, 9)
        ],
        "info": {"serial": 4711, "bytes": records.encode_info(plate.info).hex()},
        "cal": {"channels": 4, "outputs": 4, "bytes": records.encode_cal(plate.cal).hex()},
        "cal_of_a_wrench": {"channels": 6, "outputs": 6, "bytes": records.encode_cal(wrench.cal).hex()},
        "layout_of_a_wrench": {"outputs": 6, "bytes": records.encode_layout(wrench.places).hex()},
        "layout": {"outputs": 4, "bytes": records.encode_layout(plate.places).hex()},
        "state": {"tag": 7, "rate": 1_000_000, "bytes": records.encode_state(state).hex()},
        "unlock": [{"challenge": 0xDEADBEEF, "serial": 4711, "key": f"{key(0xDEADBEEF, 4711):08x}"}],
        "frames": [
            _frame("GET_INFO, token 1", encode_ask(Ask(Request.GET_INFO, 1))),
            _frame("START samples under tag 5, token 2", encode_ask(Ask(Request.START, 2, 0x0501))),
            _frame("SET_RATE 1 kHz, token 255", encode_ask(Ask(Request.SET_RATE, 255, 0, b"\x40\x42\x0f\x00"))),
            _frame("done, token 2", encode_answer(Answer(Request.START, 2))),
            _frame("refused: busy, token 255", encode_answer(Answer(Request.SET_RATE, 255, Refusal.BUSY))),
            _frame("a data packet", packet.encode(_packets()[0])),
        ],
    }


def _packets() -> tuple[Packet, ...]:
    six = tuple(pattern.value(2**32 - 1, channel) for channel in range(6))
    return (
        Packet(0, 1_000_000, 1000, Status(0), 1, _SCANS),
        Packet(2**32 - 1, 2**40, 0, Status.TEST_PATTERN, 255, (six,)),
        Packet(77, 123, 500, Status.OVERRUN | Status.SATURATED, 0, tuple((k,) for k in range(-5, 5))),
    )


def _packet(one: Packet) -> dict[str, Any]:
    return {
        "sequence": one.sequence,
        "clock": one.clock,
        "period": one.period,
        "status": int(one.status),
        "tag": one.tag,
        "scans": [list(scan) for scan in one.scans],
        "bytes": packet.encode(one).hex(),
    }


def _frame(about: str, record: bytes) -> dict[str, str]:
    return {"about": about, "record": record.hex(), "stream": frame(record).hex()}
