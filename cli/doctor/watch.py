"""Who watches us: the same judgement that the wall shows, with how to mend it."""

from collections.abc import Iterator

from cli.doctor.finding import Finding, bad, good, warning
from core.errors import AnlanError
from core.settings import Settings
from core.watching import Check, Condition, Part, judge, limits_of
from store import watching
from store.connection import connect
from store.migrate import pending

_MEND = {
    Part.CANARY: "anlan canary must run; the stage says who stands still: see the log of that role",
    Part.INGEST: "anlan ingest; see its log",
    Part.EVALUATOR: "anlan alerts; see its log",
    Part.DISPATCH: "anlan dispatch; see its log",
    Part.DERIVE: "anlan derive; see its log",
    Part.CLOCK: "set up chrony with the county's time server on that machine",
    Part.WATCHER: "run anlan watch on a second machine with the same ANLAN_WATCH__SECRET (docs/watch.md)",
}


def examine_watch(settings: Settings) -> Iterator[Finding]:
    """One finding for the canary, the clocks and the watcher; roles and lags are told with the database."""
    try:
        url = settings.need_database()
        if pending(url):
            return
        with connect(url, name="doctor") as connection:
            facts = watching.facts(connection, watched=settings.watch.secret is not None)
    except AnlanError:
        return
    for check in judge(facts, limits_of(settings.watch)):
        if check.part in (Part.CANARY, Part.CLOCK, Part.WATCHER):
            yield _finding(check)


def _finding(check: Check) -> Finding:
    subject = {Part.CANARY: "canary", Part.CLOCK: "clocks of roles", Part.WATCHER: "watcher"}[check.part]
    detail = check.detail
    if check.condition is Condition.GOOD:
        whole = detail.get("whole_s")
        return good(subject, f"came through in {whole:.2f} s" if whole is not None else "in order")
    said = {
        "stuck": f"has not come through for {check.figure_s or 0:.0f} s; stands still at {detail.get('stage')}",
        "never": "has never been heard",
        "beginning": "has begun to fly",
        "apart": f"{detail.get('role')} on {detail.get('host')} differs from the database by {check.figure_s or 0:.1f} s",
        "unsynchronised": f"that of {detail.get('host')} is not synchronised",
        "unknown": f"nobody can tell whether that of {detail.get('host')} is synchronised",
        "silent": f"{detail.get('name')} has not looked for {check.figure_s or 0:.0f} s",
        "mute": f"{detail.get('name')} cannot call by its own path",
        "not_set_up": "none is set up: if this centre dies, nobody is told",
    }[check.reason]
    kind = bad if check.part is Part.CANARY and check.condition is Condition.LATE else warning
    return kind(subject, said, _MEND[check.part])
