"""What of ourselves is late, silent or unknown for too long, as equipment alarms.

The limits are the settings `watch.…`, the same by which pages show it: what the wall calls late is what calls. The
rule's `parts` say which parts are its own, so that a chain that stands still may call more urgently than a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from alerts.standing.finding import Finding, Found, Look, StandingRule
from alerts.standing.words import both
from core.watching import Check, judge, limits_of
from store import watching


def findings_of(
    checks: Sequence[Check], parts: Sequence[str], now: datetime, zone: ZoneInfo
) -> tuple[Finding, ...]:
    """A finding for each of these parts that people shall be told of. Pure.

    The facts hold nothing that changes from look to look, as an age would.
    """
    return tuple(
        Finding(
            subject_kind="link",
            subject=check.part.value,
            observed_at=check.since or now,
            facts={
                "what": _what(check, zone),
                "part": check.part.value,
                "reason": check.reason,
                "since": check.since.isoformat() if check.since else None,
                "limit_s": check.limit_s,
                **{
                    name: check.detail[name]
                    for name in ("stage", "role", "host", "name")
                    if name in check.detail
                },
            },
        )
        for check in checks
        if check.alarm and check.part.value in parts
    )


def _what(check: Check, zone: ZoneInfo) -> dict[str, str]:
    since = check.since.astimezone(zone) if check.since else None
    said = both(f"watch.stage.{check.detail['stage']}") if "stage" in check.detail else None
    texts = both(
        f"watch.{check.part}.{check.reason}",
        since=f"{since:%m-%d %H:%M}" if since else "",
        limit=f"{check.limit_s:g}" if check.limit_s is not None else "",
        role=check.detail.get("role", ""),
        host=check.detail.get("host", ""),
        name=check.detail.get("name", ""),
        stage="{stage}",
    )
    if said is None:
        return texts
    return {language: text.replace("{stage}", said[language]) for language, text in texts.items()}


class WatchFinder:
    """Looks at the centre itself."""

    kind = "watch"
    every_s = 10.0
    wakes: frozenset[str] = frozenset()

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        """What is late now, by the database's clock."""
        watch = look.settings.watch
        facts = watching.facts(connection, watched=watch.secret is not None)
        parts = tuple(rule.terms.get("parts", ()))
        return Found(findings_of(judge(facts, limits_of(watch)), parts, look.now, look.zone))
