"""Open reports from the field as alarms of class report; danger at works latches until a person resets it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection

from alerts.standing.finding import Finding, Found, Look, StandingRule
from alerts.standing.words import both, colours, sentence
from core import notices
from core.areas import Area
from core.reports import Report
from store import areas, reports


def found_of(listed: Sequence[Report], known: Mapping[str, Area]) -> tuple[Finding, ...]:
    """A finding for each first report that is open; the worst of those joined to it counts. Pure."""
    together: dict[int, list[Report]] = defaultdict(list)
    for report in listed:
        together[report.joined_to or report.id].append(report)
    found = []
    for first in (report for report in listed if report.joined_to is None):
        worst = max(together[first.id], key=lambda one: (one.severity.rank, -one.id))
        area = known.get(first.area)
        name = area.name if area else first.area
        found.append(
            Finding(
                subject_kind="report",
                subject=str(first.id),
                observed_at=max(one.observed_at for one in together[first.id]),
                severity=worst.severity,
                area=first.area,
                exercise=first.exercise,
                received_at=max(one.received_at for one in together[first.id]),
                latch=first.kind.is_danger,
                facts={
                    "report": first.id,
                    "kind": both(f"report.{first.kind}"),
                    "colour": colours(worst.severity),
                    "place": {
                        "zh": f"{name}{first.place}",
                        "en": f"{area.name_en if area else name} {first.place}".strip(),
                    },
                    "text": first.text,
                    "said": sentence(first.text),
                    "by": first.reported_by,
                    "reports": len(together[first.id]),
                    "lon": first.lon,
                    "lat": first.lat,
                },
            )
        )
    return tuple(found)


class ReportFinder:
    """`terms`: none. Due as soon as a report is filed, changed or closed."""

    kind = "report"
    every_s = 30.0
    wakes = frozenset({notices.REPORT, notices.EXERCISE})

    def find(self, connection: Connection[Any], rule: StandingRule, look: Look) -> Found:
        """Open reports, real ones and those of running exercises."""
        listed = reports.open_reports(connection)
        known = {area.code: area for area in areas.areas(connection)} if listed else {}
        return Found(found_of(listed, known))
