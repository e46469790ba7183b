"""Combined danger: a rule that has only a gate. It holds while enough of the other alarms do."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from alerts.gatekeeper import Gatekeeper
from alerts.rules.gates import Asker
from alerts.standing.finding import Finding, Found, Look, StandingRule
from alerts.standing.words import colours
from core import notices
from core.severity import Severity
from store import areas, exercises

COMBINED = "combined"


class CombinedFinder:
    """`terms`: `over` (`county`, or `town`: each by itself), `severity`, and the danger's name in both languages."""

    kind = COMBINED
    every_s = 5.0
    wakes = frozenset({notices.EXERCISE})

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        """The areas in which enough of the required alarms hold, for real and in every running exercise."""
        keeper = Gatekeeper.of(connection, rule.requires, look.now)
        if keeper is None:
            return Found()
        severity = Severity(rule.terms["severity"])
        over = [area for area in areas.areas(connection) if area.kind == rule.terms["over"]]
        running = [one.code for one in exercises.exercises(connection, running=True)]
        found = []
        for exercise in (None, *running):
            for area in over:
                answer = keeper.ask(Asker(exercise, area.code, None, area.code))
                if not answer.open:
                    continue
                found.append(
                    Finding(
                        subject_kind=area.kind,
                        subject=area.code,
                        observed_at=max(span.start for span in answer.by),
                        severity=severity,
                        area=area.code,
                        exercise=exercise,
                        facts={
                            "place": {"zh": area.name, "en": area.name_en},
                            "name": {"zh": rule.terms["name_zh"], "en": rule.terms["name_en"]},
                            "colour": colours(severity),
                            "count": len(answer.by),
                            "of": len((rule.requires or {})["of"]),
                            "rules": [span.rule for span in answer.by],
                            "subjects": [span.subject for span in answer.by],
                        },
                    )
                )
        return Found(tuple(found))
