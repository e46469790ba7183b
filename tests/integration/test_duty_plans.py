"""Shifts, chains and turns as people edit them: looked at, kept, refused, audited; and who is called by them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from core.areas import Area
from core.duty import Shift, rota_of
from core.people import Person, RosterEntry
from store import duty
from store.areas import save_area
from store.people import save_person, save_roster_entry
from tests.integration.serving import Site, served

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
ZONE = ZoneInfo("Asia/Shanghai")
EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]


@pytest.fixture(scope="module")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """County C with towns T and U; nobody is on any roster; one person who commands by account."""
    with served(database, home=tmp_path_factory.mktemp("home")) as running:
        with running.connection() as connection:
            save_area(connection, Area("C", "县", "County", "county"))
            for town in ("T", "U"):
                save_area(connection, Area(town, f"{town}镇", town, "town", "C"))
            for number, (code, area) in enumerate(
                (("a", "T"), ("b", "T"), ("s", "T"), ("u", "U"), ("k", "C"))
            ):
                save_person(connection, Person(code, f"人{code}", f"1390000000{number}", area, "镇长"))
            save_person(connection, Person("gone", "人走", "13900000009", "T", "镇长", active=False))
        for name, role, held, own in (
            ("leader-t", "leader", "T", None), ("commander-t", "commander", "T", None),
            ("leader-c", "leader", None, None), ("commander-c", "commander", None, "k"), ("admin", "administrator", None, None),
        ):  # fmt: skip
            running.add_user(name, role, area=held, person=own)
        yield running


@pytest.fixture(autouse=True)
def empty(site: Site) -> None:
    with site.connection() as connection:
        for table in ("roster", "absence", "shift", "call_chain"):
            connection.execute(f"delete from {table}")


def post(client: httpx.Client, path: str, body: Any) -> httpx.Response:
    return client.post("/api/v1/duty/" + path, json=body)


def shift(**changes: Any) -> dict[str, Any]:
    known = {
        "code": "T-day", "name": "镇班", "area": "T", "position": "duty", "starts": "00:00", "ends": "00:00",
        "days": EVERY_DAY, "first_day": "2026-01-01", "rota": [["a"], ["b"]],
    }  # fmt: skip
    return known | changes


def chain(**changes: Any) -> dict[str, Any]:
    return {"code": "K", "name": "链", "area": "T", "members": ["person:s"], "source": "预案 4.2"} | changes


def seen_of(client: httpx.Client, what: str, code: str) -> str:
    (found,) = [one for one in client.get(f"/api/v1/duty/{what}").json() if one["code"] == code]
    return str(found["set_at"])


def called(client: httpx.Client, **more: str) -> tuple[str, list[str]]:
    found = client.get(
        "/api/v1/duty/callees", params={"hazard": "water", "area": "T", "severity": "red", **more}
    )
    return found.json()["reason"], [one["code"] for one in found.json()["persons"]]


def audited(site: Site, action: str) -> dict[str, Any]:
    with site.connection() as connection:
        row = connection.execute(
            "select detail from audit where action = %s order by id desc limit 1", (action,)
        ).fetchone()
    assert row is not None, f"nothing of {action} in the audit"
    return dict(row[0])


def test_with_an_empty_roster_who_commands_is_called(site: Site) -> None:
    assert called(site.signed_in("leader-c")) == ("commander", ["k"])


def test_a_shift_is_looked_at_kept_and_made(site: Site) -> None:
    leader = site.signed_in("leader-t")
    told = post(leader, "shifts/preview", shift()).json()
    assert (told["gaps"], told["clashes"]) == ([], []), "its running turn counts from now on"
    assert leader.get("/api/v1/duty/shifts").json() == [], "a look writes nothing"
    weekdays = post(leader, "shifts/preview", shift(days=[1])).json()
    assert weekdays["gaps"], "six days of seven nobody is there"
    assert post(leader, "shifts", shift()).json() == {"removed": 0}
    assert audited(site, "roster.shift")["new"]["rota"] == [["a"], ["b"]]
    today = NOW.astimezone(ZONE).date()
    span = {"since": today.isoformat(), "until": (today + timedelta(days=13)).isoformat()}
    made = post(leader, "shifts/T-day/make", span).json()["made"]
    assert made == 14, "today's turn, which runs, is made from now on"
    assert called(leader)[0] == "duty"
    assert post(leader, "shifts/T-day/make", span).json()["made"] == 13, "who is there stays"


def test_a_turn_that_was_taken_off_is_not_made_again(site: Site) -> None:
    leader = site.signed_in("leader-t")
    post(leader, "shifts", shift())
    with site.connection() as connection:
        midnight = datetime.combine(NOW.astimezone(ZONE).date(), time(0), ZONE)
        connection.execute(
            "insert into roster (area, person, position, starts, ends, shift) values ('T', 'a', 'duty', %s, %s, 'T-day')",
            (midnight - HOUR, datetime.now(UTC) + HOUR),
        )
    (running,) = leader.get(
        "/api/v1/duty/roster", params={"since": NOW.isoformat(), "until": (NOW + HOUR).isoformat()}
    ).json()
    assert post(leader, f"roster/{running['id']}/remove", {"reason": "病倒"}).status_code == 200
    today = NOW.astimezone(ZONE).date().isoformat()
    assert post(leader, "shifts/T-day/make", {"since": today, "until": today}).json() == {"made": 0}
    assert called(leader)[0] == "commander"


def test_a_shift_out_of_use_takes_its_coming_turns_with_it(site: Site) -> None:
    leader = site.signed_in("leader-t")
    post(leader, "shifts", shift())
    today = NOW.astimezone(ZONE).date()
    post(leader, "shifts/T-day/make", {"since": (today + timedelta(days=1)).isoformat(), "until": (today + timedelta(days=9)).isoformat()})  # fmt: skip
    seen = seen_of(leader, "shifts", "T-day")
    assert post(leader, "shifts/preview", shift(active=False)).json()["turns"] == []
    assert post(leader, "shifts", shift(active=False, seen=seen)).json() == {"removed": 9}
    assert post(leader, "shifts/T-day/make", {"since": today.isoformat(), "until": today.isoformat()}).status_code == 409  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rota": []}, "bad_rota"),
        ({"rota": [["a"], []]}, "bad_rota"),
        ({"rota": [["a"]] * 61}, "bad_rota"),
        ({"rota": [["nobody"]]}, "unknown_person"),
        ({"rota": [["gone"]]}, "not_in_use"),
        ({"days": []}, "bad_days"),
        ({"code": "a/b"}, "bad_code"),
        ({"name": "<b>"}, "bad_text"),
        ({"name": "  "}, "empty"),
        ({"first_day": "0001-01-01"}, "bad_day"),
        ({"first_day": "9999-12-31"}, "bad_day"),
    ],
)
def test_what_is_no_shift_is_refused(site: Site, change: dict[str, Any], reason: str) -> None:
    for path in ("shifts", "shifts/preview"):
        answer = post(site.signed_in("leader-t"), path, shift(**change))
        assert (answer.status_code, answer.json()["reason"]) == (422, reason)


def test_of_two_who_change_a_shift_the_second_looks_again(site: Site) -> None:
    leader = site.signed_in("leader-t")
    post(leader, "shifts", shift())
    seen = seen_of(leader, "shifts", "T-day")
    assert post(leader, "shifts", shift(name="新名")).status_code == 409, "a new one of a code that stands"
    assert post(leader, "shifts", shift(seen=seen)).json()["reason"] == "no_change"
    assert post(site.signed_in("leader-c"), "shifts", shift(area="U", rota=[["u"]], seen=seen)).json()["reason"] == "other_desk"  # fmt: skip
    assert post(leader, "shifts", shift(position="leader", seen=seen)).json()["reason"] == "other_desk"
    assert post(leader, "shifts", shift(name="新名", seen=seen)).status_code == 200
    assert post(leader, "shifts", shift(name="又名", seen=seen)).status_code == 409
    assert [one["name"] for one in leader.get("/api/v1/duty/shifts").json()] == ["新名"]


def test_a_town_plans_with_its_own_people_for_its_own_desk(site: Site) -> None:
    town = site.signed_in("leader-t")
    assert post(town, "shifts", shift(rota=[["u"]])).status_code == 403
    assert post(town, "shifts", shift(area="U")).status_code == 404
    assert post(site.signed_in("commander-t"), "chains", chain(members=["person:u"])).status_code == 403
    assert post(site.signed_in("commander-t"), "chains", chain(members=["duty@U"])).status_code == 403
    assert post(site.signed_in("commander-t"), "chains", chain(area="C")).status_code == 404
    assert post(site.signed_in("commander-c"), "chains", chain(members=["person:u"])).status_code == 200


def test_a_chain_is_tried_before_it_is_kept(site: Site) -> None:
    commander, leader = site.signed_in("commander-c"), site.signed_in("leader-c")
    trial = {"chain": chain(), "hazard": "water", "area": "T", "severity": "red"}
    told = post(commander, "chains/preview", trial).json()
    assert [told[when]["reason"] for when in ("now", "then")] == ["commander", "chain:K"]
    assert [one["code"] for one in told["then"]["persons"]] == ["s"]
    assert called(leader) == ("commander", ["k"]), "a trial changes nothing"
    assert post(leader, "chains", chain()).status_code == 403
    assert post(commander, "chains", chain()).status_code == 200
    assert called(leader) == ("chain:K", ["s"])
    assert audited(site, "chain.set")["old"] is None
    seen = seen_of(commander, "chains", "K")
    off = chain(active=False, seen=seen)
    told = post(commander, "chains/preview", trial | {"chain": off}).json()
    assert [told[when]["reason"] for when in ("now", "then")] == ["chain:K", "commander"]
    assert post(commander, "chains", off).status_code == 200
    assert called(leader) == ("commander", ["k"])
    assert audited(site, "chain.set")["old"]["members"] == ["person:s"]
    assert post(commander, "chains", chain(name="x", seen=seen)).status_code == 409


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"members": []}, "bad_members"),
        ({"members": ["boss"]}, "bad_member"),
        ({"members": ["person:nobody"]}, "unknown_person"),
        ({"members": ["person:gone"]}, "not_in_use"),
        ({"members": ["post:无此职务"]}, "unknown_post"),
        ({"members": ["duty@X"]}, "unknown_area"),
        ({"channels": ["canary"]}, "bad_channel"),
        ({"quiet": "22"}, "bad_quiet"),
        ({"quiet": "22:00-07:00Z"}, "bad_quiet"),
        ({"source": "\u202e"}, "bad_text"),
        ({"code": "../x"}, "bad_code"),
    ],
)
def test_what_is_no_chain_is_refused(site: Site, change: dict[str, Any], reason: str) -> None:
    answer = post(site.signed_in("commander-c"), "chains", chain(**change))
    assert (answer.status_code, answer.json()["reason"]) == (422, reason)


def test_a_turn_is_changed_while_it_may_be(site: Site) -> None:
    leader = site.signed_in("leader-t")
    with site.connection() as connection:
        for person, start, end in (("a", -2.0, 6.0), ("b", 6.0, 14.0), ("s", -9.0, -2.0)):
            entry = RosterEntry("T", person, "duty", NOW + start * HOUR, NOW + end * HOUR)
            save_roster_entry(connection, entry)
    span = {"since": (NOW - 20 * HOUR).isoformat(), "until": (NOW + 20 * HOUR).isoformat()}
    turns = {one["person"]["code"]: one for one in leader.get("/api/v1/duty/roster", params=span).json()}

    def change(who: str, **more: Any) -> httpx.Response:
        old = turns[who]
        body = {"person": who, "starts": old["starts"], "ends": old["ends"], "reason": "换班"} | more
        return post(leader, f"roster/{old['id']}/change", body)

    assert change("s").status_code == 409, "what was, stays"
    assert change("a", person="s").json()["reason"] == "running"
    assert change("a").json()["reason"] == "no_change"
    assert change("a", ends=(NOW + 7 * HOUR).isoformat()).status_code == 200
    assert change("b", person="gone").json()["reason"] == "not_in_use"
    assert change("b", person="a").status_code == 409, "a is at this desk until an hour after it begins"
    assert change("b", person="u").status_code == 404
    assert change("b", person="s", starts=(NOW + 5 * HOUR).isoformat()).status_code == 200
    assert audited(site, "roster.change")["old_person"] == "b"
    assert called(leader, at=(NOW + 8 * HOUR).isoformat()) == ("duty", ["s"])


def test_a_substitute_who_is_away_too_is_refused(site: Site) -> None:
    leader = site.signed_in("leader-t")

    def away(person: str, substitute: str | None, start: float, end: float) -> httpx.Response:
        return post(leader, "absences", {
            "person": person, "substitute": substitute, "starts": (NOW + start * HOUR).isoformat(),
            "ends": (NOW + end * HOUR).isoformat(), "reason": "假",
        })  # fmt: skip

    assert away("b", None, 10, 12).status_code == 200
    refused = away("a", "b", 1, 24)
    assert (refused.status_code, refused.json()["reason"]) == (422, "substitute_away")
    assert away("a", "b", 1, 10).status_code == 200, "until the substitute leaves"
    assert away("s", "a", 1, 9).status_code == 200, "a substitute of a substitute: b"
    assert away("b", "s", 2, 3).json()["reason"] == "substitute_away", "in a circle nobody is there"


def test_a_substitute_who_goes_out_of_use_leaves_a_gap_that_shows(site: Site) -> None:
    leader = site.signed_in("leader-t")
    with site.connection() as connection:
        save_roster_entry(connection, RosterEntry("T", "a", "duty", NOW - HOUR, NOW + 500 * HOUR))
        duty.add_absence(connection, "a", "s", NOW - HOUR, NOW + 500 * HOUR, reason="假", by="x", at=NOW)
    assert leader.get("/api/v1/duty").json()["gaps"] == []
    with site.connection() as connection:
        connection.execute("update person set active = false where code = 's'")
    try:
        told = leader.get("/api/v1/duty").json()
        assert [one["area"] for one in told["gaps"]] == ["T"]
        assert [one["empty"] for one in told["desks"] if one["area"] == "T"] == [True]
        assert called(leader)[0] == "commander"
    finally:
        with site.connection() as connection:
            connection.execute("update person set active = true where code = 's'")


def test_the_same_person_is_not_entered_twice_at_one_desk(site: Site) -> None:
    leader = site.signed_in("leader-t")

    def turn(start: float, end: float, position: str = "duty") -> int:
        body = {"area": "T", "person": "a", "position": position, "starts": (NOW + start * HOUR).isoformat(),
                "ends": (NOW + end * HOUR).isoformat()}  # fmt: skip
        return post(leader, "roster", body).status_code

    assert [turn(1, 9), turn(8, 12), turn(9, 12), turn(2, 3, "leader")] == [200, 409, 200, 200]


def test_turns_over_new_year_s_midnight_are_whole(site: Site) -> None:
    night = Shift("N", "夜", "T", "duty", time(20), time(8),
                  tuple(EVERY_DAY), date(2026, 12, 30), rota_of("a;b"))  # fmt: skip
    with site.connection() as connection:
        duty.save_shift(connection, night, by="test", at=NOW)
    leader = site.signed_in("leader-t")
    assert post(leader, "shifts/N/make", {"since": "2026-12-30", "until": "2027-01-01"}).json() == {"made": 3}
    for local, person in (("2026-12-31T19:59", None), ("2026-12-31T20:00", "b"), ("2027-01-01T00:00", "b"), ("2027-01-01T07:59", "b"), ("2027-01-01T20:00", "a")):  # fmt: skip
        at = datetime.fromisoformat(local).replace(tzinfo=ZONE).isoformat()
        expected = ("duty", [person]) if person else ("commander", ["k"])
        assert called(leader, at=at) == expected, local


@pytest.mark.parametrize("until", ["9999-12-31", "2100-01-01"])
def test_no_turns_are_made_for_a_time_that_is_too_far(site: Site, until: str) -> None:
    leader = site.signed_in("leader-t")
    post(leader, "shifts", shift())
    answer = post(leader, "shifts/T-day/make", {"since": until, "until": until})
    assert (answer.status_code, answer.json()["reason"]) == (422, "bad_span")
