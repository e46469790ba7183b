"""Every metric and every route of the interface stands in the documents, and nothing else does."""

import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, generate_latest

from app import metrics
from app.api.routes import api_routes
from app.context import AppContext
from app.live.hub import Hub
from app.metrics import Figures
from core.settings import Settings
from core.watching import Facts, Passage
from store import gauges, marks, watching
from store.heartbeats import Heartbeat

DOCS = Path(__file__).resolve().parents[3] / "docs"
NOW = datetime(2026, 7, 1, tzinfo=UTC)


class _Pool:
    """A database that answers; what it is asked is answered by the test."""

    def get_stats(self) -> dict[str, int]:
        return {"pool_size": 2, "pool_available": 1, "requests_waiting": 0}

    def connection(self, timeout: float) -> "_Pool":
        return self

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def test_every_metric_is_documented_and_every_documented_one_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(found: Any) -> Any:
        return lambda *_: found

    monkeypatch.setattr(metrics, "heartbeats", answers([Heartbeat("ingest", "1", NOW, {"messages": 3})]))
    monkeypatch.setattr(gauges, "open_alarms", answers([gauges.OpenAlarms("red", "acknowledged", None, 1)]))
    monkeypatch.setattr(gauges, "deliveries", answers([gauges.Waiting("sms", "sent", None, 1)]))
    monkeypatch.setattr(gauges, "unread", answers([gauges.Unread("json", 1)]))
    monkeypatch.setattr(gauges, "living_sessions", answers(1))
    monkeypatch.setattr(gauges, "newest_observation", answers(NOW))
    monkeypatch.setattr(marks, "lags", answers([marks.Lag("rollup", 3, 1.5)]))
    flight = Passage(NOW, NOW, NOW, NOW, NOW, NOW, NOW)
    monkeypatch.setattr(watching, "facts", lambda _, watched: Facts(now=NOW, whole=flight, newest=flight))
    pool = cast(Any, _Pool())
    context = SimpleNamespace(
        hub=Hub("", pool, lambda: NOW, "UTC"), pool=pool, clock=lambda: NOW, settings=Settings()
    )
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(cast(AppContext, context), cast(Any, ())))
    given = set(re.findall(r"^(anlan_\w+)", generate_latest(registry).decode(), re.MULTILINE))
    documented = set(re.findall(r"^\| `(anlan_\w+)`", (DOCS / "metrics.md").read_text("utf-8"), re.MULTILINE))
    assert given == documented
    assert len(given) > 15


def test_every_route_of_the_interface_is_in_its_guide() -> None:
    server = FastAPI()
    context = SimpleNamespace(settings=Settings(), clock=lambda: NOW)
    server.include_router(api_routes(cast(AppContext, context)))
    routes = {f"{verb.upper()} {path}" for path, verbs in server.openapi()["paths"].items() for verb in verbs}
    guide = (DOCS / "api.md").read_text("utf-8")
    assert routes == set(re.findall(r"`((?:GET|POST|PUT|PATCH) /api/v1/[^`]*)`", guide))
