"""Gates on the real database: rules told by readings, rules that look, and a rule that has only a gate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.gatekeeper import reopen
from alerts.standing.combined import CombinedFinder
from alerts.standing.finding import Finding, Found, Look, StandingRule
from alerts.standing.reconcile import look
from core.settings import Settings
from core.severity import Severity
from core.stations import StationKind
from core.thresholds import Threshold
from store.connection import connect
from store.stations import save_threshold
from tests.integration.levels import SETTING, Field, minute

TIDE = {"tide_yellow": 4.0, "tide_red": 5.0}


@pytest.fixture
def county(another_database: str) -> Iterator[Field]:
    with connect(another_database, name="test-gates", autocommit=True) as connection:
        place = Field(connection)
        place.county()
        yield place


def require(county: Field, rule: str, **gate: Any) -> None:
    county.connection.execute("update rule set requires = %s where code = %s", (json.dumps(gate), rule))


def tide(county: Field, code: str = "TT", area: str = "T") -> str:
    return county.station(code, TIDE, kind=StationKind.TIDE, area=area, property="tide_level")


def again(county: Field, at: float) -> int:
    """As the evaluator does: what waits for a gate that is open now is judged anew."""
    with county.connection.transaction():
        found = reopen(county.connection, minute(at))
    county.evaluate(at)
    return found


def test_without_the_other_alarm_nothing_is_raised_and_with_it_at_once(county: Field) -> None:
    require(county, "tide_level", of=[{"rule": "river_level", "subject": "area", "severity": "yellow"}])
    river, sea = county.station("R", area="T"), tide(county)
    county.play(sea, [(0, 4.2), (5, 4.3)], property="tide_level")
    assert county.alarms(sea) == []
    assert again(county, 6) == 0
    county.play(river, [(10, 3.6)])
    assert again(county, 11) == 0, "blue is not yellow"
    county.play(river, [(12, 4.1)])
    assert again(county, 13) == 1
    assert county.story(sea) == ["raised@5 yellow called"]
    assert again(county, 14) == 0, "it is raised: it waits no longer"


def test_a_reading_that_comes_while_the_gate_is_open_raises_like_any(county: Field) -> None:
    require(county, "tide_level", of=[{"rule": "river_level", "subject": "area"}])
    river, sea = county.station("R", area="T"), tide(county)
    county.play(river, [(0, 4.1)])
    county.play(sea, [(5, 4.2)], property="tide_level")
    assert county.story(sea) == ["raised@5 yellow called"]


def test_a_gate_that_closes_hides_nothing_and_worsening_needs_none(county: Field) -> None:
    require(county, "tide_level", of=[{"rule": "river_level", "subject": "area"}], within_s=60)
    river, sea = county.station("R", area="T"), tide(county)
    county.play(river, [(0, 4.1)])
    county.play(sea, [(1, 4.2)], property="tide_level")
    county.play(river, [(5, 3.0)])
    county.play(sea, [(20, 5.2), (25, 3.0)], property="tide_level")
    assert county.story(sea) == ["raised@1 yellow called", "worsened@20 red called", "returned@25"]
    county.play(sea, [(30, 5.2)], property="tide_level")
    assert county.story(sea)[3:] == [], "what has returned is raised again only with the others"


def test_the_others_count_for_a_while_after_they_returned(county: Field) -> None:
    require(county, "tide_level", of=[{"rule": "river_level", "subject": "area"}], within_s=1800)
    river, sea = county.station("R", area="T"), tide(county)
    county.play(river, [(0, 4.1), (5, 3.0)])
    county.play(sea, [(30, 4.2)], property="tide_level")
    assert county.story(sea) == ["raised@30 yellow called"]
    later = tide(county, "TU")
    county.play(later, [(40, 4.2)], property="tide_level")
    assert county.alarms(later) == []


def test_another_town_opens_no_gate_of_this_one(county: Field) -> None:
    county.connection.execute(
        "insert into area (code, name, name_en, kind, parent) values ('U', '乙', 'U', 'town', 'X')"
    )
    require(county, "tide_level", of=[{"rule": "river_level", "subject": "area"}])
    river, sea = county.station("R", area="U"), tide(county)
    county.play(river, [(0, 5.1)])
    county.play(sea, [(5, 5.2)], property="tide_level")
    assert county.alarms(sea) == []


def test_history_that_comes_late_raises_nothing_behind_a_shut_gate(county: Field) -> None:
    require(county, "tide_level", of=[{"rule": "river_level", "subject": "area"}])
    sea = tide(county)
    county.play(sea, [(60, 3.0)], property="tide_level")
    county.send(sea, [(10, 5.5)], property="tide_level", received_at=minute(90))
    county.evaluate(90)
    assert county.alarms(sea) == []


def test_a_gauge_whose_clock_is_a_little_ahead_waits_and_raises_like_any(county: Field) -> None:
    require(county, "tide_level", of=[{"rule": "river_level", "subject": "area"}])
    river, sea = county.station("R", area="T"), tide(county)
    county.play(sea, [(0, 4.2)], property="tide_level", delay_s=-2)
    county.play(river, [(1, 4.1)])
    assert again(county, 2) == 1
    assert county.story(sea) == ["raised@0 yellow called"]
    assert again(county, 3) == 0


def test_what_an_open_gate_cannot_raise_is_not_judged_over_and_over(county: Field) -> None:
    require(county, "tide_level", of=[{"rule": "river_level", "subject": "area"}])
    river = county.station("R", area="T")
    out_of_season = county.station("TT", {}, kind=StationKind.TIDE, area="T", property="tide_level")
    winter = Threshold(out_of_season, "tide_level", "tide_yellow", Severity.YELLOW, 4.0, 0.05, None, "test", "1101", "0301")  # fmt: skip
    save_threshold(county.connection, winter, "test")
    other_kind = tide(county, "TU")
    for code in (out_of_season, other_kind):
        county.play(code, [(0, 4.2)], property="tide_level")
    county.connection.execute("update station set kind = 'ZQ' where code = %s", (other_kind,))
    county.play(river, [(1, 4.1)])
    assert [again(county, at) for at in (2, 3)] == [0, 0]


class _Always:
    """A finder whose condition holds."""

    kind = "typhoon"
    every_s = 5.0
    wakes: frozenset[str] = frozenset()

    def find(self, connection: Any, rule: StandingRule, at: Look) -> Found:
        facts = {
            "name": {"zh": "x", "en": "x"},
            "colour": {"zh": "红", "en": "red"},
            "typhoon": "1",
            "distance_km": 1,
            "why": {"zh": "", "en": ""},
        }
        return Found((Finding("typhoon", "2612", at.now, severity=Severity.RED, area="X", facts=facts),))


def looked(county: Field, finder: Any, at: float) -> None:
    with county.connection.transaction():
        found = look(
            county.connection,
            finder,
            Look(minute(at), ZoneInfo("Asia/Shanghai"), Settings()),
            SETTING.wording,
        )
    assert found.faults == 0


def states(county: Field, rule: str) -> list[tuple[str, str, str | None]]:
    return county.connection.execute(
        "select subject_kind, state, severity from alarm where rule = %s order by id", (rule,)
    ).fetchall()


def test_a_rule_that_looks_waits_and_raises_at_the_next_look(county: Field) -> None:
    require(county, "typhoon_near", of=[{"rule": "river_level", "subject": "area", "severity": "orange"}])
    river = county.station("R", area="T")
    looked(county, _Always(), 0)
    assert states(county, "typhoon_near") == []
    county.play(river, [(5, 5.1)])
    looked(county, _Always(), 6)
    assert states(county, "typhoon_near") == [("typhoon", "unacknowledged", "red")]
    county.play(river, [(10, 3.0)])
    looked(county, _Always(), 300)
    assert states(county, "typhoon_near") == [("typhoon", "unacknowledged", "red")]


def test_a_rule_with_only_a_gate_holds_while_enough_of_the_others_do(county: Field) -> None:
    require(
        county, "compound_danger", least=2, within_s=600,
        of=[{"rule": rule, "subject": "area"} for rule in ("river_level", "tide_level", "typhoon_near")],
    )  # fmt: skip
    river, sea = county.station("R", area="T"), tide(county)
    county.play(river, [(0, 4.1)])
    looked(county, CombinedFinder(), 1)
    assert states(county, "compound_danger") == []
    county.play(sea, [(2, 4.1)], property="tide_level")
    looked(county, CombinedFinder(), 3)
    assert states(county, "compound_danger") == [("county", "unacknowledged", "orange")]
    title, detail = county.connection.execute(
        "select title ->> 'zh', detail from alarm where rule = 'compound_danger'"
    ).fetchone() or ("", dict[str, Any]())
    assert title == "演示县风雨潮洪叠加橙色告警"
    assert (detail["count"], detail["of"], sorted(detail["subjects"])) == (2, 3, ["R", "TT"])
    county.play(sea, [(5, 3.0)], property="tide_level")
    looked(county, CombinedFinder(), 14)
    assert states(county, "compound_danger")[0][1] == "unacknowledged", "for ten minutes it still counts"
    looked(county, CombinedFinder(), 16)
    assert states(county, "compound_danger")[0][1] == "returned_unacknowledged"


def test_a_gate_that_cannot_be_read_keeps_its_faults_to_itself(county: Field) -> None:
    county.connection.execute("update rule set requires = '{\"of\": []}' where code = 'compound_danger'")
    with county.connection.transaction():
        found = look(
            county.connection,
            CombinedFinder(),
            Look(minute(0), ZoneInfo("Asia/Shanghai"), Settings()),
            SETTING.wording,
        )
    assert found.faults == 1
