"""Chains: how members are written, which chain is more specific, when nights are quiet."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from core.alarms import AlarmClass
from core.call_chains import (
    CallChain,
    Member,
    MemberKind,
    QuietHours,
    in_order,
    member_of,
    quiet_hours,
    why_not,
)
from core.errors import InputError
from core.severity import Severity

BEIJING = ZoneInfo("Asia/Shanghai")
NIGHT = QuietHours(time(22), time(7))


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("duty", Member(MemberKind.DUTY)),
        ("值班", Member(MemberKind.DUTY)),
        ("带班领导@330299", Member(MemberKind.LEADER, area="330299")),
        ("post:行政责任人", Member(MemberKind.POST, "行政责任人")),
        ("职务:行政责任人:AB@T1", Member(MemberKind.POST, "行政责任人", "T1", both=True)),
        (" person:P1 ", Member(MemberKind.PERSON, "P1")),
    ],
)
def test_a_member_is_read_and_written_back(text: str, member: Member) -> None:
    assert member_of(text) == member
    assert member_of(str(member)) == member


@pytest.mark.parametrize(
    "text",
    [
        "",
        "duty:x",
        "post",
        "post:",
        "person:",
        "person:P1:AB",
        "person:P1@T",
        "boss",
        "duty@",
        "post:a:b:c",
        "DUTY",
    ],
)
def test_what_is_no_member_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="member"):
        member_of(text)


@pytest.mark.parametrize(
    ("local", "until"),
    [
        ("2026-07-01 21:59:59", None),
        ("2026-07-01 22:00", "2026-07-02 07:00"),
        ("2026-07-02 00:00", "2026-07-02 07:00"),
        ("2026-07-02 06:59:59", "2026-07-02 07:00"),
        ("2026-07-02 07:00", None),
    ],
)
def test_a_night_ends_in_the_morning(local: str, until: str | None) -> None:
    at = datetime.fromisoformat(local).replace(tzinfo=BEIJING).astimezone(UTC)
    expected = datetime.fromisoformat(until).replace(tzinfo=BEIJING) if until else None
    assert NIGHT.until(at, BEIJING) == expected


def test_quiet_hours_may_lie_within_a_day_or_be_none() -> None:
    noon = QuietHours(time(12), time(14))
    at = datetime(2026, 7, 1, 13, tzinfo=BEIJING)
    assert noon.until(at, BEIJING) == datetime(2026, 7, 1, 14, tzinfo=BEIJING)
    assert QuietHours(time(0), time(0)).until(at, BEIJING) is None
    assert quiet_hours("") is None
    assert quiet_hours("22:00-07:00") == NIGHT


@pytest.mark.parametrize("text", ["22:00-07:00Z", "22:00Z-07:00", "22:00-07:00-08:00", "22", "25:00-07:00"])
def test_what_is_no_local_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        quiet_hours(text)


def chain(code: str, area: str, hazard: AlarmClass | None = None, least: Severity | None = None) -> CallChain:
    return CallChain(code, code, area, hazard, least, (Member(MemberKind.DUTY),))


def test_the_nearest_area_comes_first_then_the_hazard_then_the_severity() -> None:
    chains = (
        chain("county-red-water", "C", AlarmClass.WATER, Severity.RED),
        chain("town-any", "T"),
        chain("town-orange", "T", None, Severity.ORANGE),
        chain("town-water", "T", AlarmClass.WATER),
        chain("elsewhere", "T2", AlarmClass.WATER, Severity.RED),
        chain("county-any", "C"),
    )
    found = [one.code for one in in_order(chains, ("V", "T", "C"))]
    assert found == ["town-water", "town-orange", "town-any", "county-red-water", "county-any"]


@pytest.mark.parametrize(
    ("least", "severity", "why"),
    [
        (None, None, None),
        (None, Severity.BLUE, None),
        (Severity.ORANGE, Severity.ORANGE, None),
        (Severity.ORANGE, Severity.RED, None),
        (Severity.ORANGE, Severity.YELLOW, "severity"),
        (Severity.BLUE, None, "severity"),
    ],
)
def test_a_chain_counts_from_its_severity_on(
    least: Severity | None, severity: Severity | None, why: str | None
) -> None:
    assert why_not(chain("x", "C", AlarmClass.WATER, least), AlarmClass.WATER, severity) == why
    assert why_not(chain("x", "C", AlarmClass.WATER, least), AlarmClass.RAIN, severity) == "hazard"
