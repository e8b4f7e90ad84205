import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.errors import ReportError
from otolith.drivers.ofp.codec.form import sealed
from otolith.drivers.ofp.codec.numbers import Capability, Quantity, Status
from otolith.drivers.ofp.codec.records import (
    Cal,
    Info,
    Place,
    State,
    decode_cal,
    decode_info,
    decode_layout,
    decode_state,
    encode_cal,
    encode_info,
    encode_layout,
    encode_state,
)

F32 = st.floats(-(2.0**60), 2.0**60, width=32)
U8, U16, U32, U64 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32, 64))
INFO = st.builds(
    Info,
    version=U16,
    capabilities=U16.map(Capability),
    channels=st.integers(1, 10),
    outputs=st.integers(1, 10),
    bits=st.integers(8, 32),
    max_rate=st.integers(1, 2**32 - 1),
    serial=U64,
    length=F32,
    width=F32,
    top=F32,
    firmware=U16,
)
NAME = st.from_regex(r"[A-Za-z0-9]{1,4}", fullmatch=True)
PLACES = st.lists(st.builds(Place, NAME, st.sampled_from(Quantity) | st.integers(7, 255), F32, F32), min_size=1)


@st.composite
def cals(draw: st.DrawFn) -> Cal:
    channels, outputs = draw(st.integers(1, 10)), draw(st.integers(1, 10))
    row = st.tuples(*[F32] * channels)
    return Cal(tuple(draw(row) for _ in range(outputs)), draw(row), draw(U32))


@given(INFO, st.binary(max_size=64))
def test_info_comes_back_also_from_a_later_version(info: Info, more: bytes) -> None:
    raw = encode_info(info)
    assert len(raw) == 48
    assert decode_info(raw) == info
    assert decode_info(sealed(raw[:-4] + more)) == info


@given(cals())
def test_cal_comes_back(cal: Cal) -> None:
    channels, outputs = len(cal.zeros), len(cal.matrix)
    assert decode_cal(encode_cal(cal), channels, outputs) == cal
    assert len(encode_cal(cal)) <= 512
    with pytest.raises(ReportError):
        decode_cal(encode_cal(cal), channels + 1, outputs)


@given(PLACES.map(tuple))
def test_layout_comes_back(places: tuple[Place, ...]) -> None:
    assert decode_layout(encode_layout(places), len(places)) == places
    with pytest.raises(ReportError, match="LAYOUT of"):
        decode_layout(encode_layout(places), len(places) + 1)


@given(st.builds(State, U8.map(Status), U8, U8, U8, U32, U32, U32, U64), st.binary(max_size=64))
def test_state_comes_back_also_from_a_later_version(state: State, more: bytes) -> None:
    raw = encode_state(state)
    assert len(raw) == 28
    assert decode_state(sealed(raw[:-4] + more)) == state


@given(st.binary(max_size=600))
def test_noise_is_refused_in_words(raw: bytes) -> None:
    for decode in (
        decode_info,
        decode_state,
        lambda raw: decode_cal(raw, 4, 4),
        lambda raw: decode_layout(raw, 4),
    ):
        with pytest.raises(ReportError):
            decode(raw)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"channels": 0}, "0 channels"),
        ({"channels": 11}, "11 channels"),
        ({"outputs": 0}, "0 outputs"),
        ({"bits": 33}, "33 bits"),
        ({"max_rate": 0}, "0 mHz"),
        ({"length": float("nan")}, "not finite"),
        ({"top": float("inf")}, "not finite"),
    ],
)
def test_info_that_cannot_be(change: dict[str, float], reason: str) -> None:
    info = Info(0x0100, Capability(0), 4, 4, 24, 1_000_000, 1, 500.0, 400.0, 0.0, 1)
    with pytest.raises(ReportError, match=reason):
        decode_info(encode_info(dataclasses.replace(info, **change)))  # type: ignore[arg-type]  # numbers of either kind


def test_what_is_no_plate_is_told_by_its_magic() -> None:
    with pytest.raises(ReportError, match="INFO begins with b'mice'"):
        decode_info(sealed(b"mice" + bytes(40)))


def test_names_that_cannot_be() -> None:
    with pytest.raises(ReportError, match="letters and digits"):
        decode_layout(sealed(bytes(16)), 1)
    with pytest.raises(ValueError, match="at most four"):
        encode_layout((Place("front", 0),))
