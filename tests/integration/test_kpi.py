"""The load of desks from real rows: counted by day and desk, bounded by area and exercise, fast for a year."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from alerts.performance import Limits, report
from store import alarm_load
from store.connection import connect
from tests.integration.serving import Site, served

NOW = datetime.now(UTC).replace(microsecond=0)


def minutes(number: float) -> datetime:
    """So many minutes before now."""
    return NOW - timedelta(minutes=number)


def alarm(
    connection: Connection[Any], subject: str, raised: datetime, *, desk: str = "T", severity: str = "yellow",
    acknowledged: datetime | None = None, returned: datetime | None = None, exercise: str | None = None,
) -> int:  # fmt: skip
    """One alarm of a station of desk T, with its history and its asking."""
    row = connection.execute(
        "insert into alarm (class, subject_kind, subject, station, area, rule, rule_version, exercise, severity,"
        " highest_severity, state, raised_at, returned_at, closed_at) values ('water', 'station', %s, %s, %s,"
        " 'river_level', 1, %s, %s, %s, %s, %s, %s, %s) returning id",
        (
            subject, subject, desk, exercise, None if returned else severity, severity,
            "normal" if returned else "unacknowledged", raised, returned, returned,
        ),
    ).fetchone()  # fmt: skip
    assert row is not None
    events = [("raised", raised), ("acknowledged", acknowledged), ("returned", returned)]
    for kind, at in events:
        if at is not None:
            connection.execute(
                "insert into alarm_event (alarm, at, kind, state, actor) values (%s, %s, %s, 'x', 'rule:x v1')",
                (row[0], at, kind),
            )
    connection.execute(
        "insert into annunciation (alarm, exercise, asked_at, severity, colour, title, text, line, hazard, desk,"
        " state, due_at) values (%s, %s, %s, %s, %s, 't', 't', 't', 'water', %s, 'past', %s)",
        (row[0], exercise, raised, severity, severity, desk, raised),
    )
    return int(row[0])


@pytest.fixture(scope="module")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with connect(database, name="test", autocommit=True) as connection:
        for code, kind, parent in (("C", "county", None), ("T", "town", "C"), ("U", "town", "C")):
            connection.execute(
                "insert into area (code, name, name_en, kind, parent) values (%s, %s, %s, %s, %s)",
                (code, f"{code}区", f"{code} area", kind, parent),
            )
        connection.execute("insert into exercise (code, name, started_by) values ('ex', '演练', 'x')")
        for number in range(15):
            connection.execute(
                "insert into station (code, name, name_en, kind, area, lon, lat) values (%s, %s, %s, 'ZZ', 'T', 0, 0)",
                (f"S{number}", f"{number}号站", f"Gauge {number}"),
            )
        for number in range(12):
            alarm(
                connection,
                f"S{number}",
                minutes(120 - number * 0.5),
                acknowledged=minutes(110),
                returned=minutes(60),
            )
        alarm(
            connection, "S12", minutes(200), severity="red", acknowledged=minutes(197), returned=minutes(100)
        )
        alarm(connection, "S13", minutes(3000), desk="U", severity="red")
        alarm(connection, "S14", minutes(90), exercise="ex")
        for subject, reason in (
            ("S0", "acknowledged"), ("S1", "returned"), ("S2", "silenced"), ("S13", "nobody_on_duty"),
        ):  # fmt: skip
            connection.execute(
                "insert into alarm_event (alarm, at, kind, state, actor, detail) select id, now(), 'uncalled', 'x', 'x',"
                " jsonb_build_object('reason', %s::text) from alarm where subject = %s",
                (reason, subject),
            )
    with served(database, pages=None, home=tmp_path_factory.mktemp("home")) as running:
        running.add_user("chen", "duty")
        running.add_user("town", "duty", area="T")
        yield running


def ask(site: Site, user: str, **query: str) -> Any:
    client = site.signed_in(user)
    answer = client.get("/api/v1/kpi", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_county_sees_all_desks_with_their_floods_and_answers(site: Site) -> None:
    found = ask(site, "chen")

    assert found["rate"]["count"] == 14 and found["rate"]["peak"] == 12
    assert [(one["desk"], one["rate"]["count"], one["floods"]) for one in found["desks"]] == [
        ("T", 13, 1),
        ("U", 1, 0),
    ]
    assert found["flood_count"] == 1 and found["floods"][0]["alarms"] == 12
    red = next(one for one in found["answering"] if one["severity"] == "red")
    assert (red["count"], red["median_s"], red["within"], red["waiting"]) == (2, 180, 0.5, 1)
    assert found["stale_count"] == 1 and found["stale"][0]["source"]["name"] == "13号站"
    assert found["top"][0]["source"]["rule"] == "river_level"
    assert sum(found["bins"]) == 14


def test_a_desk_alone_and_a_town_alone(site: Site) -> None:
    assert ask(site, "chen", desk="U")["rate"]["count"] == 1
    town = ask(site, "town")
    assert [one["desk"] for one in town["desks"]] == ["T"] and town["stale_count"] == 0
    assert site.signed_in("town").get("/api/v1/kpi", params={"desk": "U"}).status_code == 404


def test_nobody_to_call_is_not_said_of_what_needed_no_call(site: Site) -> None:
    """Acknowledged, returned or silenced before its wait ended: the history says `uncalled`, and people were there."""
    found = ask(site, "chen")
    assert {one["desk"]: one["uncalled"] for one in found["desks"]} == {"T": 0, "U": 1}
    assert found["uncalled"] == 1


def test_an_exercise_has_figures_of_its_own(site: Site) -> None:
    assert ask(site, "chen", exercise="ex")["rate"]["count"] == 1


def test_a_time_that_cannot_be_is_refused(site: Site) -> None:
    client = site.signed_in("chen")
    for query in (
        {"from": NOW.isoformat(), "to": minutes(5).isoformat()},
        {"from": (NOW - timedelta(days=400)).isoformat()},
        {"from": "2026-07-01T00:00:00"},
    ):
        assert client.get("/api/v1/kpi", params=query).status_code == 422
    assert site.client().get("/api/v1/kpi").status_code == 401


def test_the_spreadsheet_has_a_line_for_each_day_and_desk(site: Site) -> None:
    answer = site.signed_in("chen").get("/api/v1/kpi.csv")
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert sum(int(line["alarms"]) for line in lines) == 14
    assert {line["desk"] for line in lines} == {"T", "U"}
    assert "kpi-" in answer.headers["content-disposition"]


def test_a_year_of_alarms_is_told_in_seconds(another_database: str) -> None:
    with connect(another_database, name="test", autocommit=True) as connection:
        connection.execute(
            "insert into area (code, name, name_en, kind) values ('C', '县', 'County', 'county')"
        )
        connection.execute(
            "insert into alarm (class, subject_kind, subject, area, rule, rule_version, state, raised_at, returned_at,"
            " closed_at) select 'equipment', 'device', 'D' || n %% 500, 'C', 'silence', 1, 'normal',"
            " now() - n * interval '4.2 minutes', now() - n * interval '4.2 minutes' + interval '20 minutes',"
            " now() - n * interval '4.2 minutes' + interval '20 minutes' from generate_series(1, 120000) n".replace(
                "%%", "%"
            ).encode()
        )
        connection.execute(
            "insert into alarm_event (alarm, at, kind, state, actor) select id, raised_at + plus, kind, 'x', 'x'"
            " from alarm, (values ('raised', interval '0'), ('acknowledged', interval '3 min'), ('returned', interval '20 min'))"
            " as step (kind, plus)"
        )
        connection.execute(
            "insert into annunciation (alarm, asked_at, severity, title, text, line, hazard, desk, state, due_at)"
            " select id, raised_at, 'yellow', 't', 't', 't', 'equipment', 'C', 'past', raised_at from alarm"
        )
        connection.execute("analyze")
        end = datetime.now(UTC)
        began = time.monotonic()
        load = alarm_load.load(
            connection, end - timedelta(days=365), end, exercise=None, stale_after=timedelta(hours=24)
        )
        read = time.monotonic()
        found = report(load, Limits())
        done = time.monotonic()
        print(f"a year of {len(load.asked)} alarms: read {read - began:.2f} s, judged {done - read:.2f} s")
        began = time.monotonic()
        alarm_load.load(
            connection, end - timedelta(days=1), end, exercise=None, stale_after=timedelta(hours=24)
        )
        day_s = time.monotonic() - began
        print(f"a day: {day_s * 1000:.0f} ms")

    assert found.rate.count > 119_000 and found.answering[0].median_s == 180
    assert done - read < 10 and read - began < 10 and day_s < 1
