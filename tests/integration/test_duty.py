"""The roster, who stands in, and the hand-over with its test sound, by the interface and on a real database."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import pytest
from psycopg import Connection

from app.auth.secrets import digest, new_token
from core.areas import Area
from core.call_chains import CallChain, member_of
from core.duty import Shift, rota_of
from core.people import Person, RosterEntry
from core.roles import Role
from store import duty, sessions
from store.areas import save_area
from store.call_chains import save_call_chain
from store.handovers import overdue
from store.people import save_person, save_roster_entry
from tests.integration.serving import Site, served

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """County C; towns T (a then b on duty, changed half an hour ago) and U (no roster)."""
    with served(database, home=tmp_path_factory.mktemp("home")) as running:
        with running.connection() as connection:
            save_area(connection, Area("C", "县", "County", "county"))
            for town in ("T", "U"):
                save_area(connection, Area(town, f"{town}镇", town, "town", "C"))
            for code, area in (("a", "T"), ("b", "T"), ("s", "T"), ("u", "U"), ("c", "C"), ("l", "C")):
                save_person(
                    connection, Person(code, f"人{code}", f"1390000000{ord(code) % 10}", area, "值班员")
                )
            for area, person, position, start, end in (
                ("T", "a", "duty", -24, -0.5), ("T", "b", "duty", -0.5, 23.5), ("C", "c", "duty", -240, 400),
                ("C", "l", "leader", -240, 400),
            ):  # fmt: skip
                entry = RosterEntry(area, person, position, NOW + start * HOUR, NOW + end * HOUR)
                save_roster_entry(connection, entry)
        for name, role, held, own in (
            ("anna", "duty", "T", "a"), ("bo", "duty", "T", "b"), ("leader-t", "leader", "T", None),
            ("duty-u", "duty", "U", None), ("leader-c", "leader", None, "l"), ("guest", "viewer", None, None),
            ("admin", "administrator", None, None),
        ):  # fmt: skip
            running.add_user(name, role, area=held, person=own)
        yield running


def post(client: httpx.Client, path: str, **body: Any) -> httpx.Response:
    return client.post("/api/v1/duty/" + path, json=body)


def when(hours: float) -> str:
    return (NOW + hours * HOUR).isoformat()


def actions(connection: Connection[Any], action: str) -> list[dict[str, Any]]:
    rows = connection.execute("select detail from audit where action = %s order by id", (action,))
    return [row[0] for row in rows]


def counted(sound: bytes) -> list[int]:
    """How many beeps one hears: bursts of the beep's pitch, groups parted by a second of silence."""
    with wave.open(io.BytesIO(sound)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(float)
    window = int(0.02 * rate)
    loud = [
        float(np.abs(samples[at : at + window]).max()) > 3000
        for at in range(0, len(samples) - window, window)
    ]
    bursts, start = [], None
    for at, is_loud in enumerate([*loud, False]):
        if is_loud and start is None:
            start = at
        elif not is_loud and start is not None:
            bursts.append((start, at))
            start = None
    groups: list[int] = []
    before = None
    for begin, end in bursts:
        if before is None or begin - before > 1.0 / 0.02:
            groups.append(0)
        groups[-1] += 1
        before = end
    return groups[1:]


def test_the_desks_say_who_is_on_now_and_next_and_where_nobody_is(site: Site) -> None:
    told = site.signed_in("leader-c").get("/api/v1/duty").json()
    desks = {one["area"]: one for one in told["desks"]}
    assert [one["there"]["name"] for one in desks["T"]["now"]] == ["人b"]
    assert desks["C"]["now"][0]["position"] in ("duty", "leader")
    assert desks["U"]["unlisted"], "a desk without any roster is no gap: the county answers"
    assert not desks["U"]["empty"]
    gaps = [(one["area"], one["position"]) for one in told["gaps"]]
    assert gaps == [("T", "duty")], "after the last turn nobody is there"
    assert [one["area"] for one in told["owed"]] == ["T"]
    text = site.signed_in("guest").get("/api/v1/duty").text
    assert "1390000000" not in text, "no telephone number leaves"


def test_a_town_sees_and_edits_its_own_alone(site: Site) -> None:
    town = site.signed_in("leader-t")
    assert {one["area"] for one in town.get("/api/v1/duty").json()["desks"]} == {"T"}
    assert {one["area"] for one in town.get("/api/v1/duty/persons").json()} == {"T"}
    entry = {"area": "U", "person": "s", "starts": when(1), "ends": when(9)}
    assert post(town, "roster", **entry).status_code == 404
    assert post(town, "roster", **entry | {"area": "T", "person": "u"}).status_code == 404
    assert post(town, "absences", person="c", starts=when(1), ends=when(2), reason="x").status_code == 404
    assert post(town, "absences", person="b", substitute="c", starts=when(1), ends=when(2), reason="x").status_code == 404  # fmt: skip
    assert town.get("/api/v1/duty/callees?hazard=water&area=U").status_code == 404
    assert (
        town.get("/api/v1/duty/roster", params={"since": when(-1), "until": when(1), "area": "U"}).status_code
        == 404
    )


@pytest.mark.parametrize(
    ("user", "status"), [("anna", 403), ("guest", 403), ("admin", 200), ("leader-c", 409)]
)
def test_leaders_and_administrators_edit_the_roster(site: Site, user: str, status: int) -> None:
    answer = post(site.signed_in(user), "roster", area="T", person="s", starts=when(24), ends=when(30))
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"starts": when(5), "ends": when(4)}, "bad_span"),
        ({"starts": when(-5), "ends": when(-4)}, "past"),
        ({"ends": when(24 * 30)}, "bad_span"),
        ({"starts": "2026-07-01T08:00:00"}, "invalid"),
        ({"position": "boss"}, "invalid"),
        ({"person": "x" * 65}, "invalid"),
    ],
)
def test_what_is_no_turn_is_refused(site: Site, change: dict[str, Any], reason: str) -> None:
    entry = {"area": "T", "person": "s", "starts": when(40), "ends": when(48), **change}
    answer = post(site.signed_in("leader-t"), "roster", **entry)
    assert (answer.status_code, answer.json()["reason"]) == (422, reason)


def test_a_turn_is_taken_off_with_a_reason_and_what_was_stays(site: Site) -> None:
    leader = site.signed_in("leader-t")
    span = {"since": when(-30), "until": when(60)}
    turns = {one["person"]["code"]: one for one in leader.get("/api/v1/duty/roster", params=span).json()}
    assert post(leader, f"roster/{turns['a']['id']}/remove", reason="错").status_code == 409
    assert post(leader, f"roster/{turns['s']['id']}/remove", reason=" ").status_code == 422
    assert post(leader, f"roster/{turns['s']['id']}/remove", reason="排错").status_code == 200
    after = [one["person"]["code"] for one in leader.get("/api/v1/duty/roster", params=span).json()]
    assert after == ["a", "b"]
    with site.connection() as connection:
        assert actions(connection, "roster.remove")[-1]["reason"] == "排错"


def test_who_stands_in_is_called_and_both_are_named(site: Site) -> None:
    leader = site.signed_in("leader-t")
    ask = "/api/v1/duty/callees?hazard=water&area=T&severity=orange"
    assert [one["code"] for one in leader.get(ask).json()["persons"]] == ["b"]
    made = post(
        leader, "absences", person="b", substitute="s", starts=when(-0.1), ends=when(3), reason="病假"
    )
    assert made.status_code == 200
    found = leader.get(ask).json()
    assert ([one["code"] for one in found["persons"]], found["stands_in"]) == (["s"], {"s": "b"})
    steps = [(one["kind"], one["facts"].get("person")) for one in found["reasons"]]
    assert ("away", "人b") in steps
    (turn,) = leader.get("/api/v1/duty").json()["desks"][0]["now"]
    assert (turn["person"]["name"], turn["there"]["name"], turn["reason"]) == ("人b", "人s", "病假")
    again = post(leader, "absences", person="b", substitute="a", starts=when(1), ends=when(2), reason="x")
    assert again.status_code == 409
    own = post(leader, "absences", person="a", substitute="a", starts=when(1), ends=when(2), reason="x")
    assert own.json()["reason"] == "own_substitute"
    assert post(leader, f"absences/{made.json()['id']}/end").status_code == 200
    assert [one["code"] for one in leader.get(ask).json()["persons"]] == ["b"]
    assert post(leader, f"absences/{made.json()['id']}/end").status_code == 404
    with site.connection() as connection:
        assert actions(connection, "roster.away")[-1]["substitute"] == "s"


def test_nobody_there_is_loud_and_the_county_is_called(site: Site) -> None:
    leader = site.signed_in("leader-t")
    made = post(leader, "absences", person="b", starts=when(-0.1), ends=when(3), reason="病假").json()
    (desk,) = leader.get("/api/v1/duty").json()["desks"]
    assert desk["empty"]
    found = leader.get("/api/v1/duty/callees?hazard=water&area=T").json()
    assert (found["desk"], [one["code"] for one in found["persons"]]) == ("C", ["c"])
    post(leader, f"absences/{made['id']}/end")


def test_turns_are_made_from_a_shift_and_made_again_replace_the_coming_ones(site: Site) -> None:
    today = NOW.date()
    with site.connection() as connection:
        shift = Shift("U-day", "白班", "U", "duty", datetime.min.time(), datetime.min.time(), (1, 2, 3, 4, 5, 6, 7),
                      today, rota_of("u"))  # fmt: skip
        duty.save_shift(connection, shift, by="test", at=NOW)
    county = site.signed_in("leader-c")
    days = {
        "since": (today + timedelta(days=1)).isoformat(),
        "until": (today + timedelta(days=10)).isoformat(),
    }
    assert post(county, "shifts/U-day/make", **days).json() == {"made": 10}
    assert post(county, "shifts/U-day/make", **days).json() == {"made": 10}
    span = {"since": when(0), "until": when(24 * 14), "area": "U"}
    assert len(county.get("/api/v1/duty/roster", params=span).json()) == 10
    assert post(site.signed_in("leader-t"), "shifts/U-day/make", **days).status_code == 404
    wrong = {"since": days["until"], "until": days["since"]}
    assert post(county, "shifts/U-day/make", **wrong).json()["reason"] == "bad_span"
    (told,) = county.get("/api/v1/duty/shifts").json()
    assert told["made_until"] is not None
    with site.connection() as connection:
        connection.execute("delete from roster where shift = 'U-day'")


def test_the_chain_that_decides_is_named_with_those_that_do_not(site: Site) -> None:
    with site.connection() as connection:
        for code, area, members in (("near", "T", "duty person:l"), ("far", "C", "leader")):
            chain = CallChain(
                code, code, area, None, None, tuple(map(member_of, members.split())), source="预案"
            )
            save_call_chain(connection, chain, by="test", at=NOW)
    found = site.signed_in("leader-c").get("/api/v1/duty/callees?hazard=rain&area=T&severity=blue").json()
    assert (found["reason"], [one["code"] for one in found["persons"]]) == ("chain:near", ["b", "l"])
    kinds = {one["facts"]["chain"]: one["kind"] for one in found["reasons"] if "chain" in one["facts"]}
    assert kinds == {"near": "chain", "far": "not_less_specific"}
    night = NOW.replace(hour=16, minute=0, second=0, microsecond=0)
    query = {"hazard": "rain", "area": "T", "severity": "blue", "at": night.isoformat()}
    told = site.signed_in("leader-c").get("/api/v1/duty/callees", params=query).json()
    assert datetime.fromisoformat(told["quiet_until"]) == night + 7 * HOUR
    told = site.signed_in("leader-t").get("/api/v1/duty/chains").json()
    assert [one["code"] for one in told] == ["far", "near"], "the county's chains decide for the town too"
    assert [one["code"] for one in site.signed_in("duty-u").get("/api/v1/duty/chains").json()] == ["far"]
    with site.connection() as connection:
        connection.execute("delete from call_chain")


def listen(client: httpx.Client, number: int) -> tuple[dict[str, Any], bytes]:
    asked = post(client, f"handovers/{number}/sound")
    assert asked.status_code == 200, asked.text
    answer = client.get(asked.json()["url"])
    assert answer.headers["content-type"] == "audio/wav"
    return asked.json(), answer.content


def test_a_desk_is_handed_over_by_who_signs_to_who_hears(site: Site) -> None:
    with site.connection() as connection:
        connection.execute("delete from absence")
    anna, bo = site.signed_in("anna"), site.signed_in("bo")
    with site.connection() as connection:
        connection.execute(
            "insert into service_absence (kind, subject, area, starts, until, reason, by_user, second)"
            " values ('device', 'LED-T', 'T', %s, %s, '换电源', 'leader-t', 'leader-c')",
            (NOW, NOW + HOUR),
        )
    stands = anna.get("/api/v1/duty/brief").json()["brief"]
    assert (stands["alarms"], stands["requests"]) == ([], [])
    assert [(one["name"], one["reason"]) for one in stands["out_of_service"]] == [("LED-T", "换电源")]
    assert post(anna, "handovers", note="  ").json()["reason"] == "note_missing"
    number = post(anna, "handovers", note="溪口泵站检修中").json()["id"]
    assert post(bo, "handovers", note="又一次").status_code == 409
    assert post(anna, f"handovers/{number}/sound").status_code == 403, "who leaves cannot confirm"
    assert post(bo, f"handovers/{number}/confirm", heard=[1, 1]).status_code == 409, "nothing was played"
    post(bo, f"handovers/{number}/sound")
    assert post(bo, f"handovers/{number}/confirm", heard=[1, 1]).status_code == 409, (
        "asked, but never fetched"
    )
    asked, sound = listen(bo, number)
    assert anna.get(asked["url"]).status_code == 404, "another's sound does not exist"
    heard = counted(sound)
    wrong = [heard[0] % 5 + 1, heard[1]]
    assert post(bo, f"handovers/{number}/confirm", heard=wrong).json() == {"confirmed": False}
    assert post(bo, f"handovers/{number}/confirm", heard=heard).status_code == 409, "a sound counts once"
    assert bo.get(asked["url"]).status_code == 409
    assert bo.get("/api/v1/duty").json()["owed"][0]["signed"]
    _, sound = listen(bo, number)
    assert post(bo, f"handovers/{number}/confirm", heard=counted(sound)).json() == {"confirmed": True}
    (told,) = bo.get("/api/v1/duty/handovers").json()
    assert (told["outgoing_person"], told["incoming_person"], told["tries"]) == ("人a", "人b", 2)
    assert told["note"] == "溪口泵站检修中"
    assert bo.get("/api/v1/duty").json()["owed"] == [], "the change half an hour ago is confirmed"
    assert post(bo, f"handovers/{number}/confirm", heard=[1, 1]).status_code == 409
    with site.connection() as connection:
        assert actions(connection, "duty.sign")[-1]["note"] == "溪口泵站检修中"
        assert actions(connection, "duty.confirm")[-1]["tries"] == 2


def test_guessing_is_slowed_down(site: Site) -> None:
    anna, bo = site.signed_in("anna"), site.signed_in("bo")
    number = post(anna, "handovers", note="x").json()["id"]
    for _ in range(3):
        _, sound = listen(bo, number)
        heard = counted(sound)
        post(bo, f"handovers/{number}/confirm", heard=[heard[0] % 5 + 1, heard[1]])
    refused = post(bo, f"handovers/{number}/sound")
    assert refused.status_code == 409
    assert "listen again" in refused.json()["detail"]
    assert post(bo, f"handovers/{number}/take-back").status_code == 403
    assert post(anna, f"handovers/{number}/take-back").status_code == 200
    assert post(bo, f"handovers/{number}/confirm", heard=[1, 1]).status_code == 409


def test_only_persons_with_the_role_and_the_area_hand_over(site: Site) -> None:
    assert post(site.signed_in("guest"), "handovers", note="x", area="T").status_code == 403
    assert post(site.signed_in("admin"), "handovers", note="x", area="T").status_code == 403
    assert post(site.signed_in("duty-u"), "handovers", note="x", area="T").status_code == 404
    number = post(site.signed_in("anna"), "handovers", note="x").json()["id"]
    assert post(site.signed_in("duty-u"), f"handovers/{number}/sound").status_code == 404
    assert post(site.signed_in("leader-c"), f"handovers/{number}/sound").status_code == 200
    assert post(site.signed_in("anna"), f"handovers/{number}/take-back").status_code == 200


def test_hostile_texts_stay_texts_or_are_refused(site: Site) -> None:
    anna = site.signed_in("anna")
    assert post(anna, "handovers", note="a\0b").status_code == 422
    assert post(anna, "handovers", note="x" * 8001).status_code == 422
    markup = "<img src=x onerror=alert(1)>'; drop table handover; --"
    number = post(anna, "handovers", note=markup).json()["id"]
    assert anna.get("/api/v1/duty/brief").json()["waiting"]["note"] == markup
    assert post(anna, f"handovers/{number}/take-back").status_code == 200
    for query in ("area=T%00", "area=' or 1=1 --", "severity=pink", "at=2026-07-01T08:00"):
        assert anna.get(f"/api/v1/duty/callees?hazard=water&{query}").status_code in (404, 422), query


def test_no_token_signs_edits_or_confirms(site: Site) -> None:
    secret = new_token()
    with site.connection() as connection:
        sessions.add_token(connection, "robot", digest(secret), Role.COMMANDER, None, "test")
    robot = site.client(headers={"Authorization": f"Bearer {secret}"})
    assert robot.get("/api/v1/duty").status_code == 200
    for path, body in (
        ("handovers", {"note": "x"}), ("roster/1/remove", {"reason": "x"}), ("handovers/1/sound", {}),
        ("absences", {"person": "a", "starts": when(1), "ends": when(2), "reason": "x"}),
    ):  # fmt: skip
        assert post(robot, path, **body).status_code == 403, path


def test_of_two_who_sign_at_once_one_does(site: Site) -> None:
    anna, other = site.signed_in("anna"), site.signed_in("bo")
    with ThreadPoolExecutor() as pool:
        codes = sorted(
            pool.map(lambda client: post(client, "handovers", note="x").status_code, (anna, other))
        )
    assert codes == [200, 409]
    waiting = anna.get("/api/v1/duty/brief").json()["waiting"]
    post(anna if waiting["outgoing"] == "anna" else other, f"handovers/{waiting['id']}/take-back")


@pytest.mark.parametrize("heard", [[], [1], [1, 2, 3], [0, 1], [6, 1], ["x", 1]])
def test_what_is_no_answer_is_refused(site: Site, heard: list[Any]) -> None:
    anna = site.signed_in("anna")
    number = post(anna, "handovers", note="x").json()["id"]
    assert post(site.signed_in("bo"), f"handovers/{number}/confirm", heard=heard).status_code == 422
    post(anna, f"handovers/{number}/take-back")


def test_a_change_of_shift_is_owed_after_some_minutes_and_for_two_days(site: Site) -> None:
    with site.connection() as connection:
        connection.execute("delete from handover_sound")
        connection.execute("delete from handover")
        changed = NOW - 0.5 * HOUR
        owed = [
            bool(overdue(connection, changed + timedelta(minutes=minutes), 15, within="T"))
            for minutes in (-1, 5, 14, 16, 600)
        ]
        assert owed == [False, False, False, True, True]
        assert overdue(connection, changed + timedelta(minutes=600), 15, within="U") == []
