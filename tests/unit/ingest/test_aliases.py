"""Foreign topics are read as ours."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.networks import RouteRule
from ingest.aliases import Aliases

ALIASES = Aliases(
    [
        RouteRule(filter="frigate/#", to="anlan/frigate/#"),
        RouteRule(filter="rtu/+/up", to="anlan/sl651/+"),
        RouteRule(filter="town/+/cam/+/state", to="anlan/drill/+/camera/+/status"),
    ]
)


@pytest.mark.parametrize(
    ("topic", "ours"),
    [
        ("frigate/front/status/detect", "anlan/frigate/front/status/detect"),
        ("frigate/available", "anlan/frigate/available"),
        ("rtu/60412301/up", "anlan/sl651/60412301"),
        ("town/EX1/cam/C7/state", "anlan/drill/EX1/camera/C7/status"),
        ("frigate", "frigate"),
        ("rtu/60412301/up/more", "rtu/60412301/up/more"),
        ("rtu/60412301/down", "rtu/60412301/down"),
        ("anlan/obs/ST1", "anlan/obs/ST1"),
    ],
)
def test_a_foreign_topic_stands_for_ours(topic: str, ours: str) -> None:
    assert ALIASES.ours(topic) == ours


def test_the_filters_to_be_heard() -> None:
    assert ALIASES.filters == ("frigate/#", "rtu/+/up", "town/+/cam/+/state")


@pytest.mark.parametrize(
    ("filter_", "to"),
    [
        ("#", "anlan/#"),
        ("anlan/obs/+", "anlan/obs/+"),
        ("rtu/+", "anlan/sl651/fixed"),
        ("rtu/#", "anlan/sl651/+"),
        ("rtu/a+", "anlan/sl651/+"),
        ("rtu/#/up", "anlan/sl651/#"),
        ("rtu/+", "other/+"),
        ("$SYS/+", "anlan/obs/+"),
        ("rtu/#", "anlan/#"),
        ("rtu/+/+", "anlan/+/+"),
        ("rtu/#", "anlan/drill/#"),
        ("rtu/+/#", "anlan/drill/+/#"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(filter_: str, to: str) -> None:
    with pytest.raises(ValidationError):
        RouteRule(filter=filter_, to=to)
