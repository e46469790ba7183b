"""Who is called: the whole decision as a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from alerts.callees import Callees, decide
from core.alarms import AlarmClass
from core.call_chains import CallChain, QuietHours, member_of
from core.devices import Device, DeviceKind
from core.duty import Turn
from core.orders import Channel, Recipient
from core.people import Person, Responsibility
from core.severity import Severity
from store.call_chains import Scene

BEIJING = ZoneInfo("Asia/Shanghai")
NIGHT = QuietHours(time(22), time(7))
MIDNIGHT = datetime(2026, 7, 1, 16, tzinfo=UTC)
NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)


def persons(*codes: str) -> dict[str, Person]:
    return {code: Person(code, code, f"139{n:08d}", "T", "", phone2="0574" if code == "two" else None)
            for n, code in enumerate(codes)}  # fmt: skip


def on(area: str, position: str, person: str) -> Turn:
    return Turn(area, position, person, datetime(2026, 6, 30, tzinfo=UTC), datetime(2026, 7, 3, tzinfo=UTC))


def chain(code: str, members: str, **more: object) -> CallChain:
    values: dict[str, object] = {"area": "T", "hazard": None, "least": None, **more}
    return CallChain(code, code, members=tuple(member_of(one) for one in members.split()), **values)  # type: ignore[arg-type]


@dataclass
class County:
    """Village V in town T in county C."""

    turns: list[Turn] = field(default_factory=list)
    away: dict[str, str | None] = field(default_factory=dict)
    known: tuple[str, ...] = ("d1", "d2", "c1", "lead", "two", "p1", "a", "b", "sub")
    holders: list[Responsibility] = field(default_factory=list)
    chains: list[CallChain] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    commanders: tuple[str, ...] = ()

    def ask(
        self,
        severity: Severity | None = Severity.YELLOW,
        at: datetime = NOON,
        exercise: str | None = None,
        hazard: AlarmClass = AlarmClass.WATER,
    ) -> Callees:
        scene = Scene(
            ("V", "T", "C"), tuple(self.turns), self.away, persons(*self.known), tuple(self.holders),
            tuple(self.chains), tuple(self.devices), self.commanders,
        )  # fmt: skip
        return decide(
            scene,
            hazard=hazard,
            severity=severity,
            at=at,
            exercise=exercise,
            county="C",
            zone=BEIJING,
            quiet=NIGHT,
        )


TOWN = [
    on("T", "duty", "d1"),
    on("T", "duty", "d2"),
    on("C", "duty", "c1"),
    on("C", "leader", "lead"),
]


@pytest.mark.parametrize(
    ("turns", "away", "called", "desk", "reason"),
    [
        (TOWN, {}, ("d1", "d2"), "T", "duty"),
        (TOWN[2:], {}, ("c1",), "C", "duty"),
        (TOWN[3:], {}, ("lead",), "C", "leader"),
        ([], {}, (), "C", "nobody_on_duty"),
        (TOWN, {"d1": None}, ("d2",), "T", "duty"),
        (TOWN, {"d1": "sub"}, ("sub", "d2"), "T", "duty"),
        (TOWN, {"d1": "d2"}, ("d2",), "T", "duty"),
        (TOWN, {"d1": None, "d2": None}, ("c1",), "C", "duty"),
        (TOWN, {"d1": "sub", "sub": "p1"}, ("p1", "d2"), "T", "duty"),
        (TOWN, {"d1": "sub", "sub": "d1", "d2": "gone"}, ("c1",), "C", "duty"),
        ([*TOWN, on("T", "duty", "not-in-use")], {}, ("d1", "d2"), "T", "duty"),
    ],
)
def test_without_a_chain_who_is_on_duty_is_called(
    turns: list[Turn], away: dict[str, str | None], called: tuple[str, ...], desk: str, reason: str
) -> None:
    found = County(turns=turns, away=away).ask()
    assert (found.codes, found.desk, found.reason) == (called, desk, reason)


@pytest.mark.parametrize(
    ("turns", "away", "called", "reason"),
    [
        ([], {}, ("p1", "two"), "commander"),
        ([], {"p1": "sub"}, ("sub", "two"), "commander"),
        ([on("C", "duty", "c1")], {"c1": None}, ("p1", "two"), "commander"),
        ([on("C", "duty", "c1")], {"c1": None, "p1": None, "two": None}, (), "nobody_on_duty"),
        (TOWN, {}, ("d1", "d2"), "duty"),
    ],
)
def test_with_nobody_on_any_roster_those_who_command_are_called(
    turns: list[Turn], away: dict[str, str | None], called: tuple[str, ...], reason: str
) -> None:
    found = County(turns=turns, away=away, commanders=("p1", "two")).ask()
    assert (found.codes, found.reason, found.desk) == (called, reason, "T" if turns is TOWN else "C")


def test_who_stands_in_is_named_with_whom_for() -> None:
    found = County(turns=TOWN, away={"d1": "sub"}).ask()
    assert found.stands_in == {"sub": "d1"}
    assert ("away", {"person": "d1", "substitute": "sub"}) in [(one.kind, one.facts) for one in found.reasons]


def test_that_a_substitute_is_not_in_use_is_said() -> None:
    found = County(turns=TOWN, away={"d1": "left"}).ask()
    assert found.codes == ("d2",)
    assert ("not_in_use", {"person": "left"}) in [(one.kind, one.facts) for one in found.reasons]


def test_who_is_there_anyway_stands_in_for_nobody() -> None:
    assert County(turns=TOWN, away={"d1": "d2"}).ask().stands_in == {}


@pytest.mark.parametrize(
    ("members", "away", "called"),
    [
        ("duty post:行政", {}, ("d1", "d2", "a")),
        ("post:行政:AB", {}, ("a", "b")),
        ("post:行政", {"a": None}, ("b",)),
        ("post:行政", {"a": "sub"}, ("sub",)),
        ("duty@C", {}, ("c1",)),
        ("person:p1 leader", {}, ("p1", "lead")),
        ("duty person:d1", {}, ("d1", "d2")),
        ("post:无人", {}, ("d1", "d2")),
        ("person:p1", {"p1": None}, ("d1", "d2")),
    ],
)
def test_a_chain_calls_its_members_or_else_the_desk(
    members: str, away: dict[str, str | None], called: tuple[str, ...]
) -> None:
    holders = [Responsibility("a", "T", "行政", "A"), Responsibility("b", "T", "行政", "B")]
    found = County(turns=TOWN, away=away, holders=holders, chains=[chain("x", members)]).ask()
    assert found.codes == called
    assert found.desk == "T", "the desk is where somebody is on duty, whoever is called"


def test_a_chain_that_reaches_nobody_says_so() -> None:
    found = County(turns=TOWN, chains=[chain("x", "person:p9")]).ask()
    assert found.reason == "duty"
    assert "chain_empty" in [one.kind for one in found.reasons]


def test_the_nearer_chain_wins_and_the_others_are_named() -> None:
    county = County(
        turns=TOWN,
        chains=[chain("county", "leader", area="C", hazard=AlarmClass.WATER), chain("town", "duty"),
                chain("red", "person:p1", least=Severity.RED)],
    )  # fmt: skip
    found = county.ask(Severity.ORANGE)
    assert found.reason == "chain:town"
    kinds = {one.facts.get("chain"): one.kind for one in found.reasons if "chain" in one.facts}
    assert kinds == {"red": "not_severity", "town": "chain", "county": "not_less_specific"}
    assert county.ask(Severity.RED).reason == "chain:red"


@pytest.mark.parametrize(
    ("severity", "at", "waits"),
    [
        (Severity.BLUE, MIDNIGHT, True),
        (Severity.BLUE, NOON, False),
        (Severity.YELLOW, MIDNIGHT, False),
        (Severity.RED, MIDNIGHT, False),
        (None, MIDNIGHT, False),
    ],
)
def test_only_blue_waits_for_the_morning(severity: Severity | None, at: datetime, waits: bool) -> None:
    found = County(turns=TOWN).ask(severity, at)
    assert (found.quiet_until is not None) == waits
    assert found.persons, "who is called in the morning is known at night"


def test_a_chain_may_have_no_quiet_hours_or_its_own() -> None:
    never = County(turns=TOWN, chains=[chain("x", "duty", quiet=QuietHours(time(0), time(0)))])
    assert never.ask(Severity.BLUE, MIDNIGHT).quiet_until is None
    own = County(turns=TOWN, chains=[chain("x", "duty", quiet=QuietHours(time(11), time(13)))])
    assert own.ask(Severity.BLUE, NOON).quiet_until == datetime(2026, 7, 1, 13, tzinfo=BEIJING)


def device(code: str, area: str, kind: DeviceKind = DeviceKind.LED) -> Device:
    return Device(code, kind, code, code, area, 121.8, 29.3, 12, 4, internal=True)


def test_red_uses_both_numbers_and_the_screens_of_the_desk() -> None:
    county = County(
        turns=[on("T", "duty", "two"), on("T", "duty", "d1")],
        devices=[device("led-T", "T"), device("horn-T", "T", DeviceKind.LOUDSPEAKER), device("led-C", "C")],
    )
    red = county.ask(Severity.RED).recipients
    assert red == (
        Recipient("person", "two", Channel.SMS), Recipient("person", "d1", Channel.SMS),
        Recipient("person", "two", Channel.SMS2),
        Recipient("device", "led-T", Channel.LED), Recipient("device", "horn-T", Channel.LOUDSPEAKER),
    )  # fmt: skip
    orange = county.ask(Severity.ORANGE).recipients
    assert {one.channel for one in orange} == {Channel.SMS}


def test_an_exercise_never_has_a_second_number() -> None:
    county = County(turns=[on("T", "duty", "two")])
    assert [one.channel for one in county.ask(Severity.RED, exercise="ex").recipients] == [Channel.SMS]


def test_a_chain_names_its_channels_beside_the_first_number() -> None:
    county = County(
        turns=[on("T", "duty", "two")],
        devices=[device("led-T", "T")],
        chains=[chain("x", "duty", channels=(Channel.LED,))],
    )
    assert [one.channel for one in county.ask(Severity.RED).recipients] == [Channel.SMS, Channel.LED]


def test_nobody_is_called_by_a_screen_alone() -> None:
    assert County(devices=[device("led-C", "C")]).ask(Severity.RED).recipients == ()


@pytest.mark.parametrize("members", ["person:p1 duty", "duty person:p1"])
def test_who_is_called_for_oneself_and_stands_in_too_is_named_with_whom_for(members: str) -> None:
    found = County(turns=[on("T", "duty", "d1")], away={"d1": "p1"}, chains=[chain("one", members)]).ask()
    assert (found.codes, found.stands_in) == (("p1",), {"p1": "d1"})
