"""What is written is read: any values, times, stations, in both codings, whole or in packets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from formats.sl651 import Assembler, Coding, Frame, Link, StreamReader, decode
from formats.sl651.elements import BY_CODE, Kind
from formats.sl651.encode import (
    Group,
    Hour,
    Series,
    Station,
    Value,
    encode_body,
    encode_packets,
    encode_report,
)

SENT = datetime(2026, 7, 15, 0, 0, 10, tzinfo=UTC)
NUMBERS = [element for element in BY_CODE.values() if element.kind is Kind.NUMBER and element.digits]
LINKS = st.builds(
    Link,
    st.from_regex(r"00[0-9]{8}", fullmatch=True),
    st.integers(0, 255),
    st.from_regex(r"[0-9A-F]{4}", fullmatch=True),
    st.sampled_from(Coding),
)
MINUTES = st.integers(0, 13_900_000).map(
    lambda count: datetime(2000, 1, 2, tzinfo=UTC) + timedelta(minutes=count)
)


@st.composite
def plain_values(draw: st.DrawFn) -> Value:
    """A number that fits its element, positive, negative or missing; or a maker's own."""
    element = draw(st.sampled_from(NUMBERS))
    limit = 10**element.digits - 1
    scaled = draw(st.none() | st.integers(-limit, limit))
    value = None if scaled is None else scaled / 10**element.decimals
    if draw(st.integers(0, 9)) == 0:
        own = f"FF{draw(st.integers(0, 255)):02X}"
        return Value(own, value, element.digits, element.decimals)
    return Value(element.code, value)


def slots(top: int, divisor: int) -> st.SearchStrategy[list[float | None]]:
    count = st.none() | st.integers(1, top)
    return st.lists(count.map(lambda one: None if one is None else one / divisor), min_size=12, max_size=12)


HOURS = st.builds(Hour, st.just("F4"), slots(254, 10)) | st.builds(
    Hour, st.sampled_from(["F5", "F6", "FC"]), slots(65_534, 100)
)
GROUPS = st.lists(
    st.builds(Group, MINUTES, st.lists(plain_values() | HOURS, max_size=6)), min_size=1, max_size=5
)
CATEGORIES = st.none() | st.sampled_from("PHKZDTMGQIO")


def expected(stations: list[Station]) -> list[tuple[str, str | None, datetime, str, float | None]]:
    found: list[tuple[str, str | None, datetime, str, float | None]] = []
    for station in stations:
        for group in station.groups:
            assert group.time is not None
            for one in group.elements:
                if isinstance(one, Value):
                    found.append((station.address, station.category, group.time, one.code, one.value))
                elif isinstance(one, Hour):
                    found += [
                        (
                            station.address,
                            station.category,
                            group.time + place * timedelta(minutes=5),
                            one.code,
                            value,
                        )
                        for place, value in enumerate(one.slots)
                    ]
    return found


def items(frame: Frame) -> list[tuple[str, str | None, datetime | None, str, float | None]]:
    decoded = decode(frame)
    assert decoded.faults == []
    return [(one.address, one.category, one.time, one.code, one.value) for one in decoded.items]


def whole(link: Link, function: int, serial: int, stations: list[Station]) -> Frame:
    """Written, sent through a stream in packets if it is long, and put together again."""
    body = encode_body(link.coding, function, serial, SENT, stations)
    frames = (
        [encode_report(link, function, serial, SENT, stations)]
        if len(body) < 1_000
        else encode_packets(link, function, body, 500)
    )
    reader, assembler = StreamReader(), Assembler()
    found = None
    for frame in reader.feed(b"".join(frames)):
        assert isinstance(frame, Frame)
        assert (frame.address, frame.centre, frame.password) == (link.address, link.centre, link.password)
        found = assembler.add(frame, SENT)
    assert reader.pending == 0
    assert found is not None
    return found


@given(LINKS, st.integers(1, 65_535), CATEGORIES, GROUPS)
def test_reports(link: Link, serial: int, category: str | None, groups: list[Group]) -> None:
    stations = [Station(link.address, category, groups)]
    frame = whole(link, 0x34, serial, stations)
    assert items(frame) == expected(stations)
    assert decode(frame).serial == serial
    assert decode(frame).sent == SENT


@given(
    LINKS,
    st.lists(
        st.builds(Station, st.from_regex(r"00[0-9]{8}", fullmatch=True), CATEGORIES, GROUPS),
        min_size=1,
        max_size=6,
    ),
)
def test_reports_of_a_relay(link: Link, stations: list[Station]) -> None:
    assert items(whole(link, 0x32, 1, stations)) == expected(stations)


@given(
    LINKS,
    MINUTES,
    st.sampled_from([1, 5, 59, 60, 23 * 60, 1440, 31 * 1440]),
    st.lists(st.none() | st.integers(0, 9_999_999), min_size=1, max_size=200),
)
def test_series(link: Link, start: datetime, step_min: int, counts: list[int | None]) -> None:
    step = timedelta(minutes=step_min)
    series = Series("39", step, [None if one is None else one / 1000 for one in counts])
    frame = whole(link, 0x31, 9, [Station(link.address, "H", (Group(start, (series,)),))])
    assert [(one[2], one[4]) for one in items(frame)] == [
        (start + place * step, value) for place, value in enumerate(series.values)
    ]
