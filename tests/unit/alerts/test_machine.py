"""The state machine, row by row of its table."""

from __future__ import annotations

import pytest

from alerts.alarms.happenings import Acknowledged, Event, Observed, Shelved, Unacknowledged, Unshelved
from alerts.alarms.machine import Standing, step
from core.alarms import AlarmState
from core.errors import ConflictError
from core.severity import Severity

NORMAL, UNACK, ACKED = AlarmState.NORMAL, AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED
RETURNED, SHELF = AlarmState.RETURNED_UNACKNOWLEDGED, AlarmState.SHELVED
BLUE, YELLOW, ORANGE, RED = Severity.BLUE, Severity.YELLOW, Severity.ORANGE, Severity.RED


def sees(severity: Severity | None, *, certain: bool = True, fresh: bool = True) -> Observed:
    return Observed(severity, severity, certain, fresh)


def at(
    state: AlarmState,
    severity: Severity | None,
    *,
    called: Severity | None = None,
    ceiling: Severity | None = None,
    verify: bool = False,
) -> Standing:
    highest = severity or ORANGE
    return Standing(state, severity, highest, called, verify, ceiling)


TABLE: list[tuple[str, Standing, Event, AlarmState, Severity | None, str]] = [
    ("normal stays normal", Standing(), sees(None), NORMAL, None, ""),
    ("A occurs B", Standing(), sees(YELLOW), UNACK, YELLOW, "raised!"),
    ("B same", at(UNACK, YELLOW, called=YELLOW), sees(YELLOW), UNACK, YELLOW, ""),
    ("B worsens B and calls again", at(UNACK, YELLOW, called=YELLOW), sees(RED), UNACK, RED, "worsened!"),
    ("B improves B", at(UNACK, RED, called=RED), sees(YELLOW), UNACK, YELLOW, "improved"),
    ("B clears D", at(UNACK, RED, called=RED), sees(None), RETURNED, None, "returned"),
    ("B acknowledged C", at(UNACK, RED, called=RED), Acknowledged(), ACKED, RED, "acknowledged"),
    ("C worsens B", at(ACKED, YELLOW, called=YELLOW), sees(ORANGE), UNACK, ORANGE, "worsened!"),
    ("C improves C", at(ACKED, ORANGE, called=ORANGE), sees(YELLOW), ACKED, YELLOW, "improved"),
    ("C clears A", at(ACKED, ORANGE, called=ORANGE), sees(None), NORMAL, None, "returned closed"),
    ("D acknowledged A", at(RETURNED, None), Acknowledged(), NORMAL, None, "acknowledged closed"),
    ("D occurs again B", at(RETURNED, None), sees(BLUE), UNACK, BLUE, "raised!"),
    ("D stays", at(RETURNED, None), sees(None), RETURNED, None, ""),
    ("B shelved E", at(UNACK, YELLOW), Shelved(), SHELF, YELLOW, "shelved"),
    ("C shelved E", at(ACKED, YELLOW), Shelved(), SHELF, YELLOW, "shelved"),
    ("D shelved E", at(RETURNED, None), Shelved(), SHELF, None, "shelved"),
    ("E clears quietly", at(SHELF, YELLOW, ceiling=YELLOW), sees(None), SHELF, None, "returned"),
    ("E occurs quietly", at(SHELF, None, ceiling=YELLOW), sees(YELLOW), SHELF, YELLOW, "raised"),
    ("E improves quietly", at(SHELF, ORANGE, ceiling=ORANGE), sees(BLUE), SHELF, BLUE, "improved"),
    ("E worsens under its ceiling", at(SHELF, BLUE, ceiling=RED), sees(RED), SHELF, RED, "worsened"),
    (
        "worse breaks out",
        at(SHELF, YELLOW, ceiling=YELLOW),
        sees(RED),
        UNACK,
        RED,
        "unshelved worsened!",
    ),
    ("raised breaks out of E", at(SHELF, None, ceiling=BLUE), sees(RED), UNACK, RED, "unshelved raised!"),
    ("E ends to B", at(SHELF, YELLOW), Unshelved(), UNACK, YELLOW, "unshelved!"),
    ("E ends to A", at(SHELF, None), Unshelved(), NORMAL, None, "unshelved closed"),
    ("late raise calls nobody", Standing(), sees(RED, fresh=False), UNACK, RED, "raised"),
    (
        "late worse, no call",
        at(UNACK, BLUE, called=BLUE),
        sees(RED, fresh=False),
        UNACK,
        RED,
        "worsened",
    ),
    ("fresh bears out what came late", at(UNACK, RED), sees(RED), UNACK, RED, "confirmed!"),
    ("late bears out nothing", at(UNACK, RED), sees(RED, fresh=False), UNACK, RED, ""),
    (
        "called for less",
        at(UNACK, RED, called=YELLOW),
        sees(RED),
        UNACK,
        RED,
        "confirmed!",
    ),
    (
        "what waits for its delay calls nobody",
        at(UNACK, BLUE, called=BLUE),
        Observed(BLUE, YELLOW),
        UNACK,
        BLUE,
        "",
    ),
    (
        "called for what holds, not for what waits",
        at(UNACK, BLUE),
        Observed(BLUE, RED),
        UNACK,
        BLUE,
        "confirmed!",
    ),
    ("borne out in part", at(UNACK, RED), Observed(RED, YELLOW), UNACK, RED, "confirmed!"),
    ("heard as what was borne out", at(UNACK, RED, called=YELLOW), Observed(RED, YELLOW), UNACK, RED, ""),
    ("acknowledged: no more calls", at(ACKED, RED), sees(RED), ACKED, RED, ""),
    ("suspect raises", Standing(), sees(RED, certain=False), UNACK, RED, "raised!"),
    ("good confirms suspect", at(UNACK, RED, called=RED, verify=True), sees(RED), UNACK, RED, "confirmed"),
    ("late red improved to fresh orange", at(UNACK, RED), sees(ORANGE), UNACK, ORANGE, "improved confirmed!"),
]


@pytest.mark.parametrize(("before", "event", "state", "severity", "said"), [row[1:] for row in TABLE],
                         ids=[row[0] for row in TABLE])  # fmt: skip
def test_the_table(
    before: Standing, event: Event, state: AlarmState, severity: Severity | None, said: str
) -> None:
    after, changes = step(before, event)
    assert (after.state, after.severity) == (state, severity)
    assert " ".join(change.kind + ("!" if change.call else "") for change in changes) == said


REFUSED: list[tuple[AlarmState, Event]] = [
    (NORMAL, Acknowledged()),
    (ACKED, Acknowledged()),
    (SHELF, Acknowledged()),
    (NORMAL, Shelved()),
    (SHELF, Shelved()),
    (NORMAL, Unshelved()),
    (UNACK, Unshelved()),
    (ACKED, Unshelved()),
    (RETURNED, Unshelved()),
]


@pytest.mark.parametrize(("state", "event"), REFUSED)
def test_acts_that_do_not_fit_are_refused(state: AlarmState, event: Event) -> None:
    with pytest.raises(ConflictError):
        step(at(state, None if state in (NORMAL, RETURNED) else YELLOW), event)


def test_every_state_and_event_is_either_in_the_table_or_refused() -> None:
    covered = {(row[1].state, type(row[2])) for row in TABLE} | {(s, type(e)) for s, e in REFUSED}
    wanted = {
        (state, kind)
        for state in (NORMAL, UNACK, ACKED, RETURNED, SHELF)
        for kind in (Observed, Acknowledged, Shelved, Unshelved)
    }
    assert wanted <= covered


def test_the_mark_to_verify_goes_only_with_a_certain_reading_that_reaches_the_level() -> None:
    suspect, _ = step(Standing(), sees(RED, certain=False))
    assert suspect.to_verify
    held, changes = step(suspect, Observed(RED, ORANGE, certain=True))
    assert held.to_verify and not changes
    good, changes = step(suspect, sees(RED))
    assert not good.to_verify and [change.kind for change in changes] == ["confirmed"]


def test_highest_severity_never_falls() -> None:
    standing = Standing()
    for severity in (BLUE, RED, YELLOW, None, ORANGE):
        standing, _ = step(standing, sees(severity))
    assert (standing.severity, standing.highest) == (ORANGE, RED)


def test_what_was_seen_on_the_shelf_is_called_when_a_fresh_reading_breaks_out() -> None:
    shelved, _ = step(at(UNACK, YELLOW, called=YELLOW), Shelved())
    out, changes = step(shelved, sees(RED, fresh=False))
    assert not any(change.call for change in changes)
    _, changes = step(out, sees(RED))
    assert [change.call for change in changes] == [True]


def test_who_acknowledged_what_came_late_has_heard_it() -> None:
    """Taking the acknowledgement back calls once, and the next reading not again."""
    standing = Standing()
    for event in (sees(RED, fresh=False), Acknowledged(), Unacknowledged()):
        standing, changes = step(standing, event)
    assert [change.call for change in changes] == [True]
    assert step(standing, sees(RED))[1] == ()
