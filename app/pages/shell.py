"""What stands around every page: the exercise band, the head line, the switches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.pages.basis import Basis
from app.pages.markup import html
from app.pages.words import Words
from core.roles import Act

LINKS = (
    ("desk", "/"),
    ("duty", "/duty"),
    ("orders", "/orders"),
    ("stations", "/stations"),
    ("wall", "/wall"),
)
MORE = (
    ("forecasts", "/forecasts"),
    ("reports", "/reports"),
    ("weather", "/weather"),
    ("cameras", "/cameras"),
    ("kpi", "/kpi"),
    ("health", "/health"),
    ("quarantine", "/quarantine"),
    ("requests", "/requests"),
    ("silences", "/silences"),
    ("thresholds", "/admin/thresholds"),
    ("rules", "/admin/rules"),
)
"""Behind one word in the head line, which would not hold them all."""


def part(name: str, tag: Any = html.Span, **attributes: Any) -> Any:
    """An element that the scripts find by its part name and fill."""
    return tag(**{"data-part": name}, **attributes)


def band(words: Words, basis: Basis) -> list[Any]:
    """The purple band, on every page whose data is an exercise; empty for the real world."""
    if basis.exercise is None:
        return []
    name = next((each["name"] for each in basis.exercises if each["code"] == basis.exercise), basis.exercise)
    return [html.Div([words("exercise band"), html.Span(f" · {name}")], className="drill-band", role="note")]


def demo(words: Words, basis: Basis) -> list[Any]:
    """The mark of a database of invented data."""
    return [html.Span(words("demo"), className="demo-tag")] if basis.demo else []


def inside(basis: Basis, path: str) -> str:
    """A link that stays in the exercise."""
    return path if basis.exercise is None else f"{path}?exercise={basis.exercise}"


def language_switch(words: Words) -> Any:
    """中文 | EN; a cookie keeps the choice."""
    return html.Div(
        [
            html.Button(
                label,
                id=f"language-{code}",
                **{
                    "data-language": code,
                    "aria-pressed": str(words.language == code).lower(),
                    "lang": code,
                },
            )
            for code, label in (("zh", "中文"), ("en", "EN"))
        ],
        className="switch",
        role="group",
        **{"aria-label": words("language")},
    )


def exercise_switch(words: Words, basis: Basis) -> list[Any]:
    """Chooses between the real world and the exercises, if there are any."""
    if not basis.exercises:
        return []
    options = [html.Option(words("real situation"), value="", selected=basis.exercise is None)]
    for each in basis.exercises:
        label = f"{words('exercise')} · {each['name']}" + (f" ({words('ended')})" if each["ended"] else "")
        options.append(html.Option(label, value=each["code"], selected=each["code"] == basis.exercise))
    return [html.Select(options, id="exercise-switch", **{"aria-label": words("exercise")})]


def response_switch(words: Words, basis: Basis) -> list[Any]:
    """Starts, raises, lowers and ends the response level; it is the county's, so its commander's alone."""
    if basis.person.kiosk or basis.person.area is not None or not basis.person.may(Act.RESPONSE_LEVEL):
        return []
    return [html.Button(words("response level"), id="response-change")]


def _links(words: Words, basis: Basis, name: str) -> list[Any]:
    """The pages of every day, and the others behind a word, which is theirs while one of them is shown."""

    def link(of: str, path: str) -> Any:
        here = {"aria-current": "page"} if of == name or name == f"{of}-station" else {}
        return html.A(words(f"page {of}"), href=inside(basis, path), **here)

    current = next((of for of, _ in MORE if of == name or name == f"{of}-station"), None)
    head = html.Summary(
        words(f"page {current}") if current else words("more"),
        **({"aria-current": "page"} if current else {}),
    )
    behind = html.Details([head, html.Div([link(*one) for one in MORE], className="menu")], id="more-pages")
    return [*(link(*one) for one in LINKS), behind]


def switch(id: str, attribute: str, texts: Mapping[str, str], label: str) -> Any:
    """Buttons of which one is pressed, the first to begin with; a script hears which by `data-{attribute}`."""
    buttons = [
        html.Button(text, **{f"data-{attribute}": value, "aria-pressed": str(number == 0).lower()})
        for number, (value, text) in enumerate(texts.items())
    ]
    return html.Div(buttons, className="switch", id=id, role="group", **{"aria-label": label})


def list_head(title: str, *controls: Any) -> Any:
    """The head of a list: its title, and what chooses or adds to it."""
    return html.Header([html.H2(title), *controls], className="list-head")


def search(name: str, label: str) -> Any:
    """Where the scripts put a search field (Dash knows no plain one)."""
    return html.Span(id=f"{name}-box", **{"data-label": label})


def _warnings(words: Words, basis: Basis) -> list[Any]:
    """A strip that the scripts show while official warnings are in force."""
    parts = [html.Span(words("warnings in force")), html.Span(className="pills")]
    return [
        html.A(
            parts, id="warning-strip", className="warning-strip", href=inside(basis, "/weather"), hidden=True
        )
    ]


def _requests(words: Words, basis: Basis) -> list[Any]:
    """A strip that the scripts show while suppressions wait for a second person."""
    return [
        html.A(
            part("requests"), id="request-strip", className="request-strip", href=inside(basis, "/requests"),
            hidden=True,
        )
    ]  # fmt: skip


def catching_up() -> Any:
    """Where the scripts say that the backlog of an outage is being taken up; else it is not there."""
    return html.B(hidden=True, className="catching-up", **{"data-part": "catching-up"})


def page(words: Words, basis: Basis, name: str, children: list[Any], *, fixed: bool = False) -> Any:
    """A desk page: band, head line with navigation, and its own content."""
    top = html.Header(
        [
            html.Div(basis.place(words.language), className="name"),
            *demo(words, basis),
            html.Nav(_links(words, basis, name), **{"aria-label": words("pages")}),
            html.Div(id="top-responses", className="responses"),
            *response_switch(words, basis),
            html.Div(className="space"),
            html.Div(
                [
                    catching_up(),
                    part("watch", className="age-old"),
                    part("data-age"),
                    part("stations"),
                    part("sms"),
                ],
                id="top-health",
                className="health",
            ),
            *exercise_switch(words, basis),
            language_switch(words),
            html.Span(f"{basis.person.name} · {words('role ' + basis.person.role.value)}", className="who"),
            html.Button(words("sign out"), id="sign-out", className="link"),
            html.Div(id="clock", className="clock"),
        ],
        className="top",
    )
    return html.Div(
        [*band(words, basis), top, *_warnings(words, basis), *_requests(words, basis), *children],
        className=f"page {'fixed' if fixed else ''} page-{name}",
        **{"data-page": name},
    )
