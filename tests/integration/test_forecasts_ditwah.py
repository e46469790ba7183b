"""The flood of cyclone Ditwah, played reading by reading: how good its forecasts were is what the guide says."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from core.settings import Retention, Settings
from drill.scenario import FOLDER
from hydrology.forecasts import LONGEST_S
from store import forecast_skill
from store.forecast_skill import Skill
from tests.integration.deriving import NOW, Said, place, say
from tests.integration.forecasting import forecast, scored

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "forecasts.md"
SETTINGS = Settings(retention=Retention(forecasts_days=0))
TOGETHER_S = 900
"""Readings of a quarter of an hour come in one transaction, as a batch of ingest does."""


def readings() -> list[tuple[int, str, float]]:
    """Time, gauge, level, in order of time."""
    with (FOLDER / "ditwah-2025" / "all.tsv").open(encoding="utf-8") as source:
        found = [
            (
                int(row["time_ut"]),
                re.sub("[^A-Za-z0-9]", "_", row["station_name"]),
                float(row["water_level_m"]),
            )
            for row in csv.DictReader(source, delimiter="\t")
        ]
    return sorted(found)


@pytest.fixture(scope="module")
def played(database: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(database, options="-c timezone=UTC", autocommit=True) as connection:
        told = readings()
        for gauge in sorted({gauge for _, gauge, _ in told}):
            place(connection, gauge, "ZZ", period_s=3600)
        while told:
            end = told[0][0] + TOGETHER_S
            batch = [one for one in told if one[0] < end]
            told = told[len(batch) :]
            with connection.transaction():
                say(connection, [Said(gauge, "water_level", at, level) for at, gauge, level in batch])
                forecast(connection, SETTINGS)
        with connection.transaction():
            scored(connection, SETTINGS)
        yield connection


@pytest.fixture(scope="module")
def skill(played: Connection[Any]) -> dict[int, Skill]:
    found = forecast_skill.skill(played, since=date(2025, 1, 1))
    assert {one.source for one in found} == {"trend"}
    return {one.lead_s: one for one in found}


def test_forecasts_are_better_than_nothing_and_their_range_holds_what_it_should(
    skill: dict[int, Skill],
) -> None:
    assert list(skill) == [1800, 3600, 7200, 10800]
    for one in skill.values():
        assert one.series == 39
        assert one.count > 5800
        assert one.mean_absolute < 0.85 * one.unchanged
        assert 0.75 <= one.within <= 0.92
        assert abs(one.bias) < 0.2 * one.mean_absolute


def test_the_guide_tells_these_figures(skill: dict[int, Skill]) -> None:
    told = re.findall(
        r"^\| (30 min|\d h) \| ([\d,]+) \| ([\d.]+) m \| ([\d.]+) m \| (.[\d.]+) m \| (\d+) % \|$",
        GUIDE.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert [
        (lead, count, error, unchanged, bias, within) for lead, count, error, unchanged, bias, within in told
    ] == [
        (
            "30 min" if one.lead_s == 1800 else f"{one.lead_s // 3600} h",
            f"{one.count:,}",
            f"{one.mean_absolute:.3f}",
            f"{one.unchanged:.3f}",
            f"{one.bias:+.3f}".replace("-", "−"),
            f"{100 * one.within:.0f}",
        )
        for one in skill.values()
    ]


def test_nothing_reaches_further_and_every_issue_stands_on_a_reading(played: Connection[Any]) -> None:
    furthest = played.execute("select max(valid - issued) from forecast").fetchone()
    assert furthest == (timedelta(seconds=LONGEST_S),)
    without = played.execute(
        "select count(*) from (select distinct series, issued from forecast) one"
        " where not exists (select from observation o where o.series = one.series and o.time = one.issued)"
    ).fetchone()
    assert without == (0,)


def test_scoring_everything_anew_changes_nothing(played: Connection[Any], skill: dict[int, Skill]) -> None:
    rows = "select * from forecast_skill order by series, day, source, lead_s"
    before = played.execute(rows).fetchall()
    with played.transaction():
        played.execute(
            "insert into forecast_skill_mark (series, day, at) select distinct series, day, %s from forecast_skill",
            (NOW,),
        )
        scored(played, SETTINGS)
    assert played.execute(rows).fetchall() == before
    assert sum(one.count for one in skill.values()) == sum(row[4] for row in before)
