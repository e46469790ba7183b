"""Limits as pages show them: of the right datum, set at all, and in season by the county's own day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.datum import comparable
from core.properties import LEVEL_PROPERTIES
from core.severity import Severity
from core.thresholds import Threshold
from store import live
from store.connection import connect
from store.hydrographs import station_picture
from store.situation import situation
from store.stations import save_threshold
from tests.integration.levels import Field, minute

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def county(another_database: str) -> Iterator[Field]:
    with connect(another_database, name="test-limits", autocommit=True) as connection:
        field = Field(connection)
        field.county()
        yield field


def shown(county: Field, code: str) -> dict[str, object]:
    """The station's level as open pages get it."""
    entries = live.READERS["latest"](county.connection, None, None, "Asia/Shanghai").values()
    return next(entry for entry in entries if entry["station"] == code)


def test_limits_of_another_datum_are_refused_and_not_called_unset(county: Field) -> None:
    odd, none, right = county.station("A1"), county.station("A2", {}), county.station("A3")
    county.connection.execute("update threshold set datum = '吴淞' where station = 'A1'")
    county.connection.execute("update station set datum = '85高程' where code = 'A1'")
    for code in (odd, none, right):
        county.send(code, [(0, 5.5)])
    marks = {
        code: (shown(county, code)["refused"], shown(county, code)["unset"]) for code in (odd, none, right)
    }
    assert marks == {odd: (True, False), none: (False, True), right: (False, False)}
    assert shown(county, odd)["reached"] is None
    picture = station_picture(county.connection, odd, None, None, minute(-60), minute(1), ZONE)
    assert picture is not None
    assert picture.limits == []
    assert situation(county.connection, None, None, minute(1), ZONE).reached.warning == 1, (
        "the right one alone"
    )


def test_limits_that_are_all_zero_are_unset(county: Field) -> None:
    code = county.station("B1", {"alert": 0.0, "minor_flood": 0.0, "major_flood": 0.0})
    county.send(code, [(0, 5.5)])
    found = shown(county, code)
    assert (found["unset"], found["reached"], found["next"]) == (True, None, None)


@pytest.mark.parametrize("property", [*LEVEL_PROPERTIES, "rainfall"])
@pytest.mark.parametrize(
    ("datum", "other"), [(None, None), ("85高程", None), (None, "吴淞"), ("吴淞", "吴淞")]
)
def test_pages_and_evaluator_compare_alike(
    county: Field, property: str, datum: str | None, other: str | None
) -> None:
    code = county.station("C1", {})
    save_threshold(
        county.connection,
        Threshold(code, property, "warning", Severity.YELLOW, 1.0, 0.05, None, "test"),
        "test",
    )
    county.connection.execute("update station set datum = %s", (datum,))
    county.connection.execute("update threshold set datum = %s", (other,))
    found = county.connection.execute("select comparable from standing_limit").fetchall()
    assert found == [(comparable(property, datum, other),)]


def test_seasons_go_by_the_day_of_the_county(county: Field) -> None:
    code = county.station("D1", {})
    july = Threshold(code, "water_level", "warning", Severity.YELLOW, 4.0, 0.05, None, "test", "0701", "0731")
    save_threshold(county.connection, july, "test")
    midnight = datetime(2026, 7, 1, tzinfo=ZONE).astimezone(UTC)
    assert midnight.day == 30
    before, after = midnight - timedelta(minutes=2), midnight + timedelta(minutes=2)
    for moment in (before, after):
        county.send(code, [((moment - minute(0)).total_seconds() / 60, 4.5)])
    reached = [
        situation(county.connection, None, None, moment, ZONE).reached.warning for moment in (before, after)
    ]
    assert reached == [0, 1]
    pictures = [
        station_picture(county.connection, code, None, None, before, moment, ZONE)
        for moment in (before, after)
    ]
    assert [len(picture.limits) for picture in pictures if picture] == [0, 1]


def test_a_limit_of_a_rate_is_no_level(county: Field) -> None:
    """0.5 m an hour over an hour stands in the same table: no level of 0.8 m has reached it."""
    code = county.station("E1", {"warning": 4.0, "guarantee": 0.5})
    county.connection.execute("update threshold set period_s = 3600 where name = 'guarantee'")
    county.send(code, [(0, 0.8)])
    found = shown(county, code)
    assert found["reached"] is None
    assert isinstance(found["next"], dict) and found["next"]["name"] == "warning"
    picture = station_picture(county.connection, code, None, None, minute(-60), minute(1), ZONE)
    assert picture is not None
    assert [each.name for each in picture.limits] == ["warning"]
    assert situation(county.connection, None, None, minute(1), ZONE).reached.guarantee == 0
