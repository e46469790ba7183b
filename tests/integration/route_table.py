"""Who may use each route of the interface: one line for every route, or `test_every_route` fails.

`roles` are those of the first town whose member may act; everybody may look. `elsewhere` is what the same roles of
the other town get: HIDDEN, as if it did not exist; REFUSED; NARROWED, the same list without what is the first
town's; SHARED, the county's own affair that everybody may see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from tests.integration import route_world as make
from tests.integration.route_world import COUNTY, OWN, PERSON, SECRET, STATION, Params, Subject, later, now

EVERYBODY = frozenset({"viewer", "field", "duty", "leader", "commander", "administrator"})
REPORTERS = frozenset({"field", "duty", "leader", "commander"})
OFFICERS = frozenset({"duty", "leader", "commander"})
TENDERS = OFFICERS | {"administrator"}
LEADERS = frozenset({"leader", "commander"})
KEEPERS = LEADERS | {"administrator"}
COMMANDER = frozenset({"commander"})
CHAINS = COMMANDER | {"administrator"}
NOBODY_ELSE: frozenset[str] = frozenset()
"""Only who made it."""


class Elsewhere(Enum):
    """What people of the other town get."""

    HIDDEN = auto()
    REFUSED = auto()
    NARROWED = auto()
    SHARED = auto()


HIDDEN, REFUSED, NARROWED, SHARED = Elsewhere


class Trail(Enum):
    """Whether an act leaves a line in a history: of the alarm, order or report, or in the audit."""

    KEPT = auto()
    NONE = auto()


@dataclass(frozen=True)
class Route:
    """One route, how to ask for it well, and who may."""

    method: str
    path: str
    elsewhere: Elsewhere
    roles: frozenset[str] = EVERYBODY
    subject: Subject = make.nothing
    body: Callable[[Params], Any] | None = None
    query: dict[str, str] = field(default_factory=dict)
    area: str = OWN
    programs: bool = True
    trail: Trail = Trail.KEPT
    done: tuple[int, ...] = (200, 201, 202)

    @property
    def name(self) -> str:
        """As it stands in the OpenAPI document."""
        return f"{self.method} {self.path}"

    @property
    def writes(self) -> bool:
        """Whether it is an act."""
        return self.method != "GET"


def looks(path: str, elsewhere: Elsewhere, subject: Subject = make.nothing, **query: str) -> Route:
    """A route to look at."""
    return Route("GET", path, elsewhere, subject=subject, query=query)


def act(
    path: str, roles: frozenset[str], body: Any = None, subject: Subject = make.nothing, *, method: str = "POST",
    **more: Any,
) -> Route:  # fmt: skip
    """An act upon a thing of the first town, which the other town does not see."""
    filled = body if callable(body) or body is None else lambda _: body
    return Route(method, path, more.pop("elsewhere", HIDDEN), roles, subject, filled, **more)


def by_person(path: str, roles: frozenset[str], body: Any = None, *args: Any, **more: Any) -> Route:
    """An act that only a person may do: no token, no wall screen."""
    return act(path, roles, body, *args, programs=False, **more)


REASON = {"reason": "因为"}
DAY = {"since": later(days=-1), "until": later(days=20)}
SINCE = {"from": later(days=-2), "to": later(days=1)}
VALUES = {"station": STATION, "property": "water_level", "from": later(days=-2), "to": later(days=-1)}
SILENT = {"station": STATION, "most": "orange", "ends_at": later(hours=6), "reason": "检修"}
LIMIT = {"station": STATION, "property": "water_level", "name": "guarantee", "value": 5.0, "source": SECRET}
NEW_LIMIT = {"new": LIMIT, "reason": "新设"}
HIDES_NOT = {"source": "link_broker", "target": "camera", "reason": "因为"}
HIDES_LESS = HIDES_NOT | {"equal": "none", "release_after_s": 60}
DRAFT = {
    "area": OWN, "title": "通知", "text": "请注意", "ends_at": later(hours=3), "selection": {"persons": [PERSON]},
}  # fmt: skip
TURN = {"area": OWN, "person": PERSON, "starts": later(days=3), "ends": later(days=3, hours=8)}
AWAY = {
    "person": PERSON,
    "substitute": "Q1",
    "starts": later(days=30),
    "ends": later(days=31),
    "reason": "假",
}
SHIFT = {
    "name": "夜班", "area": OWN, "starts": "20:00", "ends": "08:00", "days": [1, 7], "first_day": "2030-01-01",
    "rota": [[PERSON]],
}  # fmt: skip
CHAIN = {"name": "链", "area": OWN, "members": ["duty", f"person:{PERSON}"], "source": "预案"}
OUT = {"until": later(hours=6), "reason": "检修"}
ASKED = {"rule": "river_level", "stations": [STATION], "from": later(days=-9), "to": later(days=-8)}
RULE = {"source": "新的来源", "reason": "改", "seen": 1}


def proposal(params: Params) -> Any:
    return {
        "kind": "out_of_service", "subject": f"device/{make.DEVICE}", "reason": "检修", "ends_at": later(hours=6),
    }  # fmt: skip


def signature(params: Params) -> Any:
    return {"content_hash": params["content_hash"]}


def report(params: Params) -> Any:
    return {"key": f"key-{now():%H%M%S%f}", "kind": "seepage", "area": OWN, "text": "渗水", "separate": True}


def joining(params: Params) -> Any:
    return {"to": params["other"]}


def two_reports(world: make.World, who: str) -> Params:
    return make.report(world, who) | {"other": make.report(world, who)["id"]}


def no_request(world: make.World, who: str) -> Params:
    world.one("update second_person_request set state = 'expired' where state = 'open'")
    world.one("update service_absence set ended_at = now(), ended_by = 'x' where ended_at is null")
    return {"code": ""}


def station(world: make.World, who: str) -> Params:
    return no_request(world, who) | {"code": STATION}


def device(world: make.World, who: str) -> Params:
    return no_request(world, who) | {"code": make.DEVICE}


def camera(world: make.World, who: str) -> Params:
    return no_request(world, who) | {"code": make.CAMERA}


def shift(world: make.World, who: str) -> Params:
    return {"code": "SH1"}


def new_shift(params: Params) -> Any:
    return SHIFT | {"code": f"S{now():%H%M%S%f}"}


def new_chain(params: Params) -> Any:
    return CHAIN | {"code": f"K{now():%H%M%S%f}"}


def trial(params: Params) -> Any:
    return {"chain": new_chain(params), "hazard": "water", "area": OWN, "severity": "red"}


def turn_change(params: Params) -> Any:
    return {"person": PERSON, "starts": later(days=40), "ends": later(days=40, hours=8), "reason": "换班"}


def no_turn(world: make.World, who: str) -> Params:
    world.one("delete from roster where shift is null")
    world.one("update absence set ended_at = now(), ended_by = 'x' where ended_at is null")
    return {}


def lone_turn(world: make.World, who: str) -> Params:
    no_turn(world, who)
    return make.turn(world, who)


def no_limit(world: make.World, who: str) -> Params:
    world.one("delete from threshold where name = 'guarantee'")
    return {}


def rule(world: make.World, who: str) -> Params:
    newest = world.one("select max(version) from rule where code = 'battery'")
    return {"code": "battery", "seen": newest, "source": f"来源 {next(world.numbers)}"}


def hidden_row(world: make.World, who: str) -> Params:
    world.one(
        "insert into inhibition (source, target, equal, release_after_s, reason)"
        " values ('link_broker', 'camera', 'none', 900, 'x') on conflict (source, target) do update set"
        " release_after_s = 900, reason = 'x'"
    )
    return {}


def rule_body(params: Params) -> Any:
    return RULE | {"seen": params["seen"], "source": params["source"]}


def no_response(world: make.World, who: str) -> Params:
    world.one("update response set ended_at = now(), ended_by = 'x' where ended_at is null")
    return {}


def response(world: make.World, who: str) -> Params:
    no_response(world, who)
    return {
        "id": world.one(
            "insert into response (hazard, level, started_by, reason) values ('flood', 3, 'x', 'x') returning id"
        )
    }


def quiet_backtests(world: make.World, who: str) -> Params:
    world.one("update backtest set state = 'done' where state in ('waiting', 'running')")
    return {}


ALARMS = (
    looks("/alarms", NARROWED, make.alarm()),
    looks("/alarms/{id}", HIDDEN, make.alarm()),
    looks("/alarms/{id}/beside", HIDDEN, make.alarm()),
    act("/alarms/{id}/acknowledge", OFFICERS, None, make.alarm()),
    act("/alarms/{id}/unacknowledge", OFFICERS, REASON, make.alarm("acknowledged")),
    act("/alarms/{id}/shelve", OFFICERS, {"until": later(hours=6), **REASON}, make.alarm()),
    act("/alarms/{id}/unshelve", OFFICERS, None, make.alarm("shelved")),
    by_person("/alarms/{id}/decide", OFFICERS, {"verdict": True, **REASON}, make.alarm(), done=(409,)),
    by_person("/alarms/{id}/reset", LEADERS, REASON, make.alarm("latched", None, latches=True, acknowledged_at=now(), acknowledged_by="x", returned_at=now())),
)  # fmt: skip

SUPPRESSIONS = (
    looks("/silences", NARROWED, make.silence),
    act("/silences/preview", EVERYBODY, SILENT, make.alarm(), trail=Trail.NONE),
    act("/silences", OFFICERS, SILENT, elsewhere=REFUSED),
    act("/silences/{id}/end", OFFICERS, None, make.silence, elsewhere=HIDDEN),
    looks("/requests", NARROWED, make.request),
    looks("/requests/{id}", HIDDEN, make.request),
    by_person("/requests/preview", TENDERS, proposal, no_request, elsewhere=REFUSED, trail=Trail.NONE),
    by_person("/requests", TENDERS, proposal, no_request, elsewhere=REFUSED),
    by_person("/requests/{id}/approve", LEADERS, signature, make.request),
    by_person("/requests/{id}/refuse", LEADERS, None, make.request),
    looks("/out-of-service", NARROWED, make.out_of_service),
    act("/out-of-service/{id}/end", OFFICERS, None, make.out_of_service),
    by_person("/stations/{code}/out-of-service", TENDERS, OUT, station),
    by_person("/devices/{code}/out-of-service", TENDERS, OUT, device),
    by_person("/cameras/{code}/out-of-service", TENDERS, OUT, camera),
)

LIMITS = (
    looks("/thresholds", NARROWED),
    looks("/thresholds/history", HIDDEN, station=STATION),
    act("/thresholds/preview", KEEPERS, NEW_LIMIT, no_limit, trail=Trail.NONE),
    by_person("/thresholds", KEEPERS, NEW_LIMIT, no_limit),
    looks("/rules", SHARED),
    looks("/inhibitions", SHARED),
    looks("/inhibitions/history", SHARED, rule="camera"),
    by_person("/inhibitions", KEEPERS, HIDES_LESS, hidden_row, area=COUNTY, elsewhere=REFUSED),
    by_person("/inhibitions/end", KEEPERS, HIDES_NOT, hidden_row, area=COUNTY, elsewhere=REFUSED),
    looks("/rules/{code}", SHARED, rule),
    act("/rules/{code}/preview", KEEPERS, rule_body, rule, area=COUNTY, elsewhere=REFUSED, trail=Trail.NONE),
    by_person("/rules/{code}", KEEPERS, rule_body, rule, area=COUNTY, elsewhere=REFUSED),
    act("/backtests", TENDERS, ASKED, quiet_backtests, elsewhere=REFUSED, trail=Trail.NONE),
    looks("/backtests/{id}", HIDDEN, make.backtest),
    act("/backtests/{id}/cancel", frozenset({"administrator"}), None, make.backtest, trail=Trail.NONE),
)

DUTY = (
    looks("/duty", NARROWED),
    looks("/duty/roster", NARROWED, make.turn, **DAY),
    looks("/duty/absences", NARROWED, make.absence),
    looks("/duty/persons", NARROWED),
    looks("/duty/shifts", NARROWED),
    looks("/duty/chains", NARROWED),
    looks("/duty/callees", HIDDEN, hazard="water", area=OWN, severity="red"),
    looks("/duty/brief", HIDDEN, make.handover(), area=OWN),
    looks("/duty/handovers", NARROWED, make.handover()),
    by_person("/duty/roster", KEEPERS, TURN, no_turn),
    by_person("/duty/roster/{id}/change", KEEPERS, turn_change, lone_turn),
    by_person("/duty/roster/{id}/remove", KEEPERS, REASON, make.turn),
    by_person("/duty/shifts", KEEPERS, new_shift),
    by_person("/duty/shifts/preview", KEEPERS, new_shift, trail=Trail.NONE),
    by_person("/duty/chains", CHAINS, new_chain),
    by_person("/duty/chains/preview", CHAINS, trial, trail=Trail.NONE),
    by_person(
        "/duty/shifts/{code}/make",
        KEEPERS,
        {"since": later(days=30)[:10], "until": later(days=32)[:10]},
        shift,
    ),
    by_person("/duty/absences", KEEPERS, AWAY, no_turn),
    by_person("/duty/absences/{id}/end", KEEPERS, None, make.absence),
    by_person("/duty/handovers", OFFICERS, {"area": OWN, "note": "平稳"}, make.no_handover),
    by_person("/duty/handovers/{id}/take-back", OFFICERS, None, make.handover(None)),
    by_person("/duty/handovers/{id}/sound", OFFICERS, None, make.handover(), trail=Trail.NONE),
    by_person("/duty/handovers/{id}/confirm", OFFICERS, {"heard": [2, 3]}, make.handover()),
)

REPORTS = (
    looks("/reports", NARROWED, make.report),
    looks("/reports/{id}", HIDDEN, make.report),
    looks("/reports/{id}/photos/{number}", HIDDEN, make.report),
    act("/reports", REPORTERS, report, elsewhere=REFUSED),
    act("/reports/{id}", OFFICERS, {"text": "改"}, make.report, method="PATCH"),
    act("/reports/{id}/notes", REPORTERS, {"text": "补充"}, make.report),
    act("/reports/{id}/join", REPORTERS, joining, two_reports),
    act("/reports/{id}/close", LEADERS, REASON, make.report),
    act("/reports/{id}/photos", REPORTERS, lambda _: make.jpeg(), make.report),
)

FIGURES = (
    looks("/kpi", NARROWED, make.alarm()),
    looks("/kpi.csv", NARROWED, make.alarm()),
    looks("/forecasts", NARROWED),
    looks("/forecasts/skill", HIDDEN, station=STATION),
    looks("/stations/{code}/forecast", HIDDEN, station),
    looks("/rain/areas", NARROWED),
    looks("/rain/limits", NARROWED),
    looks("/rain/events", HIDDEN, station=STATION),
)

VALUES_ACTS = tuple(
    by_person(
        f"/observations/{name}", OFFICERS, lambda _, more=more: VALUES | more, done=(200, 404, 409, 422)
    )
    for name, more in (
        ("preview", {"act": "void"}),
        *((act_, {"seen": "x", "reason": "x"}) for act_ in ("correct", "confirm", "void", "restore")),
    )
)
"""What they answer when there is something to correct is tested with corrections; here only who may."""

STATIONS = (
    looks("/stations", NARROWED),
    looks("/stations/{code}", HIDDEN, station),
    looks("/health/stations", NARROWED),
    looks("/health/stations/{code}", HIDDEN, station),
    looks("/observations", NARROWED, station=STATION),
    Route("GET", "/observations/export", HIDDEN, query={"station": STATION, **SINCE}),
    looks("/observations/corrections", NARROWED),
    looks("/observations/revisions", HIDDEN, make.observed, station=STATION, property="water_level", time="{time}"),
    looks("/rollups", NARROWED, station=STATION, step="hour", property="water_level"),
    looks("/raw-messages", HIDDEN, make.raw_message, station=STATION),
    Route("GET", "/raw-messages/{id}", HIDDEN, TENDERS, make.raw_message),
    looks("/quarantine", NARROWED, make.quarantined),
    looks("/quarantine/groups", NARROWED, make.quarantined),
    looks("/quarantine/requests", NARROWED),
    looks("/quarantine/{id}", HIDDEN, make.quarantined),
    by_person("/quarantine/retry", TENDERS, lambda params: {"id": params["id"]}, make.quarantined, elsewhere=NARROWED),
    by_person("/quarantine/close", TENDERS, lambda params: {"id": params["id"], "upto": params["id"], "why": "x"}, make.quarantined, elsewhere=NARROWED),
    looks("/devices", NARROWED),
    looks("/cameras", NARROWED),
    looks("/cameras/{code}/picture", HIDDEN, camera),
    looks("/cameras/{code}/track", HIDDEN, camera, start=later(hours=-2), end=later(hours=6)),
)  # fmt: skip

ORDERS = (
    looks("/orders", NARROWED, make.order()),
    looks("/orders/{id}", HIDDEN, make.order()),
    looks("/orders/{id}/deliveries", HIDDEN, make.order()),
    looks("/orders/templates", HIDDEN, area=OWN),
    act("/orders/preview", OFFICERS, DRAFT, trail=Trail.NONE),
    act("/orders", OFFICERS, DRAFT, elsewhere=REFUSED),
    act("/orders/{id}", OFFICERS, DRAFT, make.order(), method="PUT", done=(200, 409)),
    by_person("/orders/{id}/check", LEADERS, signature, make.draft("led")),
    by_person("/orders/{id}/issue", COMMANDER, signature, make.draft("sms")),
    by_person("/orders/{id}/emergency", LEADERS, lambda params: signature(params) | REASON, make.draft("led")),
    by_person("/orders/{id}/countersign", COMMANDER, None, make.order("issued", emergency=True, issued_at=now()), done=(200, 409)),
    act("/orders/{id}/correct", OFFICERS, DRAFT, make.order("issued", issued_at=now()), done=(201, 409)),
    act("/orders/{id}/end", LEADERS, REASON, make.order("issued", issued_at=now()), done=(200, 409)),
    act("/orders/{id}/withdraw", LEADERS, REASON, make.order("issued", issued_at=now()), done=(200, 409)),
    act("/orders/{id}/cancel", OFFICERS, REASON, make.order(), done=(200, 409)),
    act("/orders/{id}/call", OFFICERS, None, make.order("issued", issued_at=now()), done=(200, 409)),
    act("/orders/{id}/answer", OFFICERS, lambda params: {"delivery": params["delivery"], "text": "收到"}, make.delivery),
)  # fmt: skip

SITUATION = (
    looks("/me", NARROWED),
    looks("/exercises", SHARED),
    looks("/response", SHARED),
    act(
        "/response",
        COMMANDER,
        {"hazard": "flood", "level": 3, **REASON},
        no_response,
        area=COUNTY,
        elsewhere=REFUSED,
    ),
    act("/response/{id}/level", COMMANDER, {"level": 2, **REASON}, response, area=COUNTY, elsewhere=REFUSED),
    act("/response/{id}/end", COMMANDER, REASON, response, area=COUNTY, elsewhere=REFUSED),
    looks("/warnings", SHARED),
    looks("/weather/images", SHARED),
    looks("/weather/typhoons", SHARED),
)

TABLE = (
    *ALARMS, *SUPPRESSIONS, *LIMITS, *DUTY, *REPORTS, *FIGURES, *VALUES_ACTS, *STATIONS, *ORDERS, *SITUATION,
)  # fmt: skip

ELSEWHERE_TESTED = {
    "GET /duty/sounds/{id}": "a sound is for who asked for it alone: test_duty",
    "GET /warnings/{id}/cap": "public words, the same for all: test_weather",
    "GET /warnings/{id}/document": "public words, the same for all: test_weather",
    "GET /weather/images/{id}": "public pictures, the same for all: test_weather",
    "GET /weather/typhoons/{code}": "public, the same for all: test_weather",
    "GET /heartbeat": "signed with a secret, for no person: test_watch",
}
"""Routes that no line of the table fits, each with the reason."""
