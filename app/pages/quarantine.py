"""The skeleton of the quarantine: what could not be read, one line for each sender and reason."""

from __future__ import annotations

import json
from typing import Any

from app.pages import shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.words import Words
from core.faults import FaultReason

STATES = ("open", "resolved", "closed")
COLUMNS = ("reason", "topic", "format", "count", "first", "last", "size")

_ADVICE: dict[str, tuple[FaultReason, ...]] = {
    "import": (FaultReason.UNKNOWN_STATION, FaultReason.UNKNOWN_CAMERA),
    "mapping": (FaultReason.UNMAPPED_FIELD, FaultReason.OFFSET_UNKNOWN, FaultReason.UNKNOWN_UNIT),
    "exercise": (FaultReason.UNKNOWN_EXERCISE, FaultReason.EXERCISE_ENDED),
    "topic": (FaultReason.NO_ROUTE, FaultReason.BAD_CODE, FaultReason.FOREIGN_STATION),
    "limit": (FaultReason.TOO_LARGE, FaultReason.TOO_MANY_VALUES, FaultReason.TIME_SPREAD),
    "clock": (
        FaultReason.TIME_TOO_EARLY, FaultReason.TIME_IN_FUTURE, FaultReason.TIME_MISSING,
        FaultReason.TIME_UNREADABLE, FaultReason.TIME_WITHOUT_ZONE,
    ),
    "sensor": (FaultReason.ABOVE_RANGE, FaultReason.BELOW_RANGE, FaultReason.WRONG_UNIT),
    "ours": (FaultReason.DECODER_FAILED,),
    "database": (FaultReason.CANNOT_BE_STORED,),
}  # fmt: skip
ADVICE = {reason: advice for advice, reasons in _ADVICE.items() for reason in reasons}
"""What to do about a reason; of those that are not here, the sender must be mended."""


def skeleton(words: Words, basis: Basis) -> Any:
    """Left groups, right the entries of the chosen one."""
    body = html.Main([_groups(words), _entries(words)], className="quarantine")
    return shell.page(words, basis, "quarantine", [body], fixed=True)


def _groups(words: Words) -> Any:
    states = [
        html.Button(
            words(f"quarantine {state}"),
            **{"data-state": state, "aria-pressed": str(state == "open").lower()},
        )
        for state in STATES
    ]
    heads = [html.Th(words(f"quarantine column {name}"), scope="col") for name in COLUMNS]
    return html.Section(
        [
            html.Div(
                [
                    html.Div(states, className="switch", id="quarantine-states", role="group",
                             **{"aria-label": words("show only")}),
                    html.Select(id="quarantine-reason", **{"aria-label": words("quarantine column reason")}),
                    html.Select(id="quarantine-format", **{"aria-label": words("quarantine column format")}),
                    shell.search("quarantine-topic", words("topic, * stands for anything")),
                    html.Button(words("retry all listed"), id="quarantine-retry", hidden=True),
                    html.Span(className="space"),
                    html.Span(id="quarantine-found", className="muted small", role="status"),
                ],
                className="filters",
            ),
            html.Ol(id="retry-requests", className="retries"),
            html.Div(
                [
                    html.Table(
                        [html.Thead(html.Tr(heads)), html.Tbody(id="group-rows")], className="table groups-table"
                    ),
                    html.Div(words("loading"), id="group-none", className="empty"),
                    html.Button(words("show more"), id="group-more", hidden=True),
                ],
                className="scroll",
            ),
        ],
        className="panel quarantine-groups",
    )  # fmt: skip


def _entries(words: Words) -> Any:
    return html.Section(
        [
            html.Div(
                [html.Strong(words("choose a line")), words("choose a line hint")],
                id="entries-none",
                className="empty",
            ),
            html.Div(
                [
                    html.Div(
                        [
                            html.H2(id="entries-title"),
                            html.Div(id="entries-topic", className="muted small break"),
                            html.P(id="entries-advice"),
                            html.Div(
                                [
                                    html.Button(
                                        words("retry these"), id="entries-retry", className="primary"
                                    ),
                                    html.Button(words("close without storing"), id="entries-close"),
                                ],
                                className="acts",
                                id="entries-acts",
                            ),
                        ]
                    ),
                    html.Div(
                        [
                            html.Ol(id="entry-rows", className="messages"),
                            html.Button(words("older messages"), id="entry-more", hidden=True),
                        ],
                        className="scroll",
                    ),
                ],
                id="entries",
                className="entries",
                hidden=True,
            ),
        ],
        className="panel quarantine-entries",
        **{"aria-label": words("entries"), "data-advice": json.dumps(ADVICE)},
    )
