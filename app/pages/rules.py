"""The skeleton of the rules: all of them, one rule's alarm card to edit, its versions, and its back-test."""

from __future__ import annotations

from typing import Any

from app.pages import shell
from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.words import Words
from core.rule_versions import CARD_LANGUAGES, CARD_PARTS
from core.severity import Severity


def skeleton(words: Words, basis: Basis) -> Any:
    """Left the rules, right the chosen one."""
    body = html.Main([_rules(words), _rule(words)], className="rules")
    return shell.page(words, basis, "rules", [body], fixed=True)


def _rules(words: Words) -> Any:
    return html.Section(
        [
            html.Header(html.H2(words("page rules")), className="list-head"),
            html.P(words("rules explained"), className="muted small explained"),
            html.Div(
                [html.Ol(id="rule-rows", className="rule-rows"), html.Div(words("loading"), id="rule-none", className="empty")],
                className="scroll",
            ),
        ],
        className="panel rule-list",
    )  # fmt: skip


def _rule(words: Words) -> Any:
    return html.Section(
        [
            html.Div(
                [html.Strong(words("choose a rule")), words("choose a rule hint")],
                id="rule-empty",
                className="empty",
            ),
            html.Div(
                [
                    html.Div(
                        [
                            html.Div([html.H2(id="rule-title"), html.Div(id="rule-facts", className="muted small")]),
                            html.Div(
                                [
                                    html.Button(words("discard"), id="rule-discard", hidden=True),
                                    html.Button(words("save as new version"), id="rule-save", className="primary", hidden=True),
                                ],
                                className="acts",
                            ),
                        ],
                        className="detail-head",
                    ),
                    html.H3(words("alarm card")),
                    html.Div([_card(words, language) for language in CARD_LANGUAGES], className="card-editor"),
                    html.H3(words("what it hears")),
                    _terms(words),
                    html.H3(words("what hides what")),
                    html.P(words("hiding explained"), className="muted small explained"),
                    html.Ul(id="rule-hiding", className="rule-hiding"),
                    html.Div(html.Button(words("let another rule hide it"), id="rule-hide", hidden=True), className="acts start"),
                    html.Ol(id="rule-hiding-history", className="course"),
                    html.H3(words("what would this rule have done")),
                    html.Div(id="rule-backtest", className="backtest"),
                    html.H3(words("versions")),
                    html.Ol(id="rule-versions", className="course"),
                ],
                id="rule-detail",
                className="scroll rule-detail",
                hidden=True,
            ),
        ],
        className="panel",
        **{"aria-label": words("one rule")},
    )  # fmt: skip


def _card(words: Words, language: str) -> Any:
    fields = []
    for part in CARD_PARTS:
        name = f"card-{language}-{part}"
        fields += [
            html.Label(words(f"card {part}"), htmlFor=name, className="field"),
            html.Span(id=f"{name}-box", **{"data-area": name, "data-lang": language}),
        ]
    return html.Div([html.H4(words(f"card in {language}")), *fields])


def _terms(words: Words) -> Any:
    priorities = [html.Option(words("listed only"), value="")]
    priorities += [html.Option(words(f"colour {one.value}"), value=one.value) for one in reversed(Severity)]
    return html.Div(
        [
            html.Div(
                [
                    html.Label(words("in force"), htmlFor="rule-active", className="field"),
                    html.Select(
                        [html.Option(words("switched on"), value="yes"), html.Option(words("switched off"), value="no")],
                        id="rule-active",
                    ),
                    html.Label(words("priority without colour"), htmlFor="rule-priority", className="field"),
                    html.Select(priorities, id="rule-priority"),
                    html.Label(words("kinds of stations"), htmlFor="rule-kinds", className="field"),
                    html.Span(id="rule-kinds-box"),
                    html.Label(words("rule source"), htmlFor="rule-source", className="field"),
                    html.Span(id="rule-source-box", **{"data-area": "rule-source"}),
                ]
            ),
            html.Div(
                [
                    html.Label(words("terms as JSON"), htmlFor="rule-terms", className="field"),
                    html.Span(id="rule-terms-box", **{"data-area": "rule-terms"}),
                    html.Label(words("requires as JSON"), htmlFor="rule-requires", className="field"),
                    html.Span(id="rule-requires-box", **{"data-area": "rule-requires"}),
                ]
            ),
        ],
        className="card-editor",
    )  # fmt: skip
