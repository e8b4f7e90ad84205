"""Names of topics: what is formatted is read back, everything else is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.api.mqtt.topics import LEVEL, Kind, Topic, TopicError

levels = st.from_regex(LEVEL, fullmatch=True)
topics = st.one_of(
    st.builds(Topic, levels, st.sampled_from([kind for kind in Kind if kind.named]), levels),
    st.builds(Topic, levels, st.sampled_from([kind for kind in Kind if not kind.named])),
)


@given(topics)
def test_what_is_formatted_is_read_back(topic: Topic) -> None:
    assert Topic.parse(str(topic), topic.station) == topic


@given(topics, levels)
def test_another_station_is_refused(topic: Topic, other: str) -> None:
    if other != topic.station:
        with pytest.raises(TopicError):
            Topic.parse(str(topic), other)


@given(st.text())
def test_any_text_is_a_topic_or_an_error(text: str) -> None:
    with suppress(TopicError):
        assert str(Topic.parse(text, "s")) == text


@given(st.text(alphabet="/+#ab", max_size=12))
def test_below_the_station_only_what_the_reference_lists(tail: str) -> None:
    text = f"otolith/v1/s/{tail}"
    try:
        assert str(Topic.parse(text, "s")) == text
    except TopicError:
        pass
    else:
        assert "+" not in tail
        assert "#" not in tail


@pytest.mark.parametrize(
    "text",
    [
        "",
        "otolith/v1/s",
        "otolith/v1/s/",
        "otolith/v1/s/#",
        "otolith/v1/s/board//cop",
        "otolith/v1/s/board/+/cop",
        "otolith/v1/s/board/b/cop/",
        "otolith/v1/s/board/b/trace",
        "otolith/v1/s/cmd/tare/now",
        "otolith/v2/s/status",
        "$SYS/broker/version",
        "/otolith/v1/s/status",
    ],
)
def test_what_is_not_in_the_reference_is_refused(text: str) -> None:
    with pytest.raises(TopicError):
        Topic.parse(text, "s")


@pytest.mark.parametrize("name", ["", "a/b", "+", "#", "a\n", "\x00", "\ud800", "x" * 201])
def test_names_that_could_not_be_read_back_are_refused(name: str) -> None:
    with pytest.raises(TopicError):
        Topic("s", Kind.COP, name)
    with pytest.raises(TopicError):
        Topic(name, Kind.STATUS)


def test_the_station_has_no_name_below_itself() -> None:
    with pytest.raises(TopicError):
        Topic("s", Kind.STATUS, "b")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.STATUS, "otolith/v1/s/status"),
        (Kind.BOARD_STATUS, "otolith/v1/s/board/n/status"),
        (Kind.COP, "otolith/v1/s/board/n/cop"),
        (Kind.TRACE, "otolith/v1/s/board/n/trace/bin"),
        (Kind.SWAY, "otolith/v1/s/board/n/sway"),
        (Kind.COMMAND, "otolith/v1/s/cmd/n"),
        (Kind.REPLY, "otolith/v1/s/reply/n"),
    ],
)
def test_the_published_names(kind: Kind, text: str) -> None:
    assert str(Topic("s", kind, "n" if kind.named else "")) == text
