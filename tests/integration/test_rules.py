"""Rules over the interface and as a list: new versions, who and why, and the second person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from alerts.limits.rules import faults_of
from cli.imports import ImportRefusedError, import_file
from core.areas import Area
from core.rule_versions import CARD_LANGUAGES, CARD_PARTS
from store import audit, rule_versions
from store.areas import save_area
from store.rules import rules_at_stations
from tests.integration.serving import Site, served


@pytest.fixture(scope="module")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(database, home=tmp_path_factory.mktemp("home")) as running:
        with running.connection() as connection:
            save_area(connection, Area("county", "演示县", "Demo County", "county"))
            save_area(connection, Area("east", "东镇", "East", "town", "county"))
            connection.execute(
                "insert into station (code, name, name_en, kind, area, lon, lat)"
                " values ('R1', '一号', 'One', 'ZZ', 'east', 121, 29)"
            )
        for name, role, area in (
            ("leader", "leader", None), ("commander", "commander", None), ("east", "leader", "east"),
            ("duty", "duty", None), ("root", "administrator", None),
        ):  # fmt: skip
            running.add_user(name, role, area=area)
        yield running


def newest(site: Site, code: str = "river_level") -> dict[str, Any]:
    found: dict[str, Any] = site.signed_in("duty").get(f"/api/v1/rules/{code}").json()[0]
    return found


def change(site: Site, who: str, code: str = "river_level", **changes: Any) -> Any:
    body = {"reason": "年度修订", "seen": newest(site, code)["version"]} | changes
    return site.signed_in(who).post(f"/api/v1/rules/{code}", json=body)


def test_every_rule_that_ships_is_a_rule_by_its_own_measure(site: Site) -> None:
    with site.connection() as connection:
        standing = rule_versions.newest(connection)
    assert len(standing) >= 4
    assert {one.code: faults_of(one, standing) for one in standing if one.code != "canary"} == {
        one.code: [] for one in standing if one.code != "canary"
    }


def test_a_card_is_changed_by_one_person_and_its_old_version_stays(site: Site) -> None:
    before = newest(site)
    card = before["card"]["zh"] | {"action": "立即上堤巡查。"}
    done = change(site, "leader", card={"zh": card})
    assert done.json() == {"done": True, "version": before["version"] + 1, "request": None}
    versions = site.signed_in("duty").get("/api/v1/rules/river_level").json()
    now, old = versions[:2]
    assert (now["card"]["zh"]["action"], now["set_by"], now["reason"]) == (
        "立即上堤巡查。",
        "leader",
        "年度修订",
    )
    assert now["card"]["en"] == before["card"]["en"]
    assert (now["active"], old["active"], old["card"]) == (True, False, before["card"])
    with site.connection() as connection:
        (place,) = [one for one in rules_at_stations(connection, ["R1"]) if one.rule == "river_level"]
        (line,) = audit.lines(connection, subject="rule/river_level", limit=1)
    assert place.version == now["version"], "the evaluator goes by the newest version"
    assert (line.actor, line.action) == ("leader", "rule.set")


def test_who_may_not_change_rules_and_what_is_refused(site: Site) -> None:
    card = {"zh": newest(site)["card"]["zh"] | {"cause": "试"}}
    assert change(site, "duty", card=card).status_code == 403
    assert change(site, "east", card=card).status_code == 403
    assert change(site, "leader", card=card, seen=99).json()["reason"] == "changed_meanwhile"
    assert change(site, "leader").json()["reason"] == "no_change"
    wrong = change(site, "leader", card={"zh": card["zh"] | {"cause": "<script>"}})
    assert (wrong.status_code, wrong.json()["reason"]) == (422, "bad_rule")
    assert "card.zh.cause" in wrong.json()["detail"]
    assert change(site, "leader", requires={"of": [{"rule": "river_level"}]}).status_code == 422
    assert change(site, "leader", reason="").status_code == 422
    assert site.signed_in("leader").get("/api/v1/rules/nothing").status_code == 404


def test_switching_off_needs_the_commander(site: Site) -> None:
    before = newest(site, "sluice_level")
    preview = site.signed_in("root").post(
        "/api/v1/rules/sluice_level/preview", json={"active": False, "reason": "x", "seen": before["version"]}
    )
    assert preview.json() == {"faults": [], "relaxes": ["switched_off"]}
    asked = change(site, "root", "sluice_level", active=False).json()
    assert asked["done"] is False and newest(site, "sluice_level")["active"] is True
    request = asked["request"]
    leader, commander = site.signed_in("leader"), site.signed_in("commander")
    assert "commander" in leader.get(f"/api/v1/requests/{request}").json()["you_may_not"]
    seen = commander.get(f"/api/v1/requests/{request}").json()
    assert seen["present"]["facts"]["relaxes"] == ["switched_off"]
    allowed = commander.post(
        f"/api/v1/requests/{request}/approve", json={"content_hash": seen["present_hash"]}
    )
    assert allowed.status_code == 200, allowed.text
    now = newest(site, "sluice_level")
    assert (now["active"], now["set_by"], now["second_person"]) == (False, "root", "commander")
    assert change(site, "leader", "sluice_level", active=True).json()["done"] is True, "on again by one"


def bring(connection: Connection[Any], tmp_path: Path, rows: list[dict[str, str]], **more: Any) -> int:
    path = tmp_path / "rules.csv"
    lines = [list(rows[0])] + [list(row.values()) for row in rows]
    text = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    path.write_text(text, encoding="utf-8")
    return import_file(
        connection, "rules", path, actor="cli:root", zone="Asia/Shanghai", language="en", **more
    ).changed


def row(connection: Connection[Any], of: str, **changes: str) -> dict[str, str]:
    """A rule as it stands, as a row of a list."""
    rule = next(one for one in rule_versions.newest(connection) if one.code == of)
    return {
        "code": rule.code, "class": rule.alarm_class, "kind": rule.kind, "property": rule.property or "",
        "kinds": " ".join(rule.kinds), "priority": rule.priority or "", "terms": json.dumps(rule.terms),
        "requires": json.dumps(rule.requires) if rule.requires else "", "source": rule.source,
        "active": "yes" if rule.active else "no",
        **{f"{part}_{language}": rule.card[language][part] for language in CARD_LANGUAGES for part in CARD_PARTS},
    } | changes  # fmt: skip


def test_a_list_makes_new_versions_and_the_same_list_none(site: Site, tmp_path: Path) -> None:
    with site.connection() as connection:
        changed = row(connection, "tide_level", action_zh="关闭沿海闸门。")
        assert bring(connection, tmp_path, [changed, row(connection, "reservoir_level")]) == 1
        assert bring(connection, tmp_path, [changed]) == 0
        now, old = rule_versions.versions(connection, "tide_level")[:2]
    assert (now.version, now.card["zh"]["action"], now.set_by) == (
        old.version + 1,
        "关闭沿海闸门。",
        "cli:root",
    )


def test_a_list_may_bring_a_new_rule_of_a_known_kind(site: Site, tmp_path: Path) -> None:
    with site.connection() as connection:
        new = row(connection, "river_level", code="pump_level", kinds="DP")
        assert bring(connection, tmp_path, [new]) == 1
        assert rule_versions.versions(connection, "pump_level")[0].kinds == ("DP",)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"active": "no"}, "column code: this changes what the rule tide_level hears (switched off)"),
        ({"terms": "[1]"}, "column terms: is no JSON object"),
        ({"terms": "{" * 5000}, "column terms: is no JSON object"),
        ({"terms": '{"x": 1}'}, "column terms: terms.x: is unknown to this kind of rule"),
        ({"class": "fire"}, "column class"),
        ({"kind": "magic"}, "column kind"),
        ({"action_en": ""}, "column action_en: card.en.action: is empty"),
        ({"cause_zh": "<b>"}, "column cause_zh"),
        ({"priority": "pink"}, "column priority"),
        ({"kinds": "TT QQ"}, "column kinds"),
        ({"requires": '{"of": [{"rule": "ghost"}]}'}, "column requires: requires.of[0].rule"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_imported(
    site: Site, tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    with site.connection() as connection:
        before = rule_versions.versions(connection, "tide_level")
        rows = [row(connection, "river_level", source="another"), row(connection, "tide_level", **changes)]
        with pytest.raises(ImportRefusedError) as caught:
            bring(connection, tmp_path, rows)
        assert f"row 3, {said}" in str(caught.value)
        assert rule_versions.versions(connection, "tide_level") == before


def test_switching_off_by_a_list_needs_another_user(site: Site, tmp_path: Path) -> None:
    with site.connection() as connection:
        rows = [row(connection, "pump_level", active="no")]
        with pytest.raises(ImportRefusedError, match="no such user"):
            bring(connection, tmp_path, rows, second="nobody")
        assert bring(connection, tmp_path, rows, second="commander") == 1
        assert rule_versions.versions(connection, "pump_level")[0].second_person == "commander"
