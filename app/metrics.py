"""The figures of /metrics, read when they are asked for. Each is described in docs/metrics.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from psycopg import Connection, Error
from psycopg_pool import PoolTimeout

from app.open_pages import OpenPages
from core.watching import Condition, judge, limits_of
from store import gauges, marks, watching
from store.heartbeats import heartbeats

if TYPE_CHECKING:
    from app.context import AppContext


class Figures(Collector):
    """Collects this process's figures, and those of the system from the database."""

    def __init__(self, context: AppContext, open_pages: OpenPages) -> None:
        self._context = context
        self._open_pages = open_pages

    def describe(self) -> list[Metric]:
        """Nothing beforehand: describing would ask the database before it is there."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every figure; those of the database are missing while it is away, and `anlan_database_up` is 0."""
        yield from self._own()
        try:
            with self._context.pool.connection(timeout=3) as connection:
                found = list(self._of_database(connection))
        except (Error, PoolTimeout):
            yield _gauge("anlan_database_up", "1 if the database answers", 0)
            return
        yield _gauge("anlan_database_up", "1 if the database answers", 1)
        yield from found

    def _own(self) -> Iterator[Metric]:
        hub, pool = self._context.hub, self._context.pool.get_stats()
        yield _gauge("anlan_web_pages", "open pages that are fed live", hub.pages)
        yield _gauge("anlan_web_sockets", "open WebSockets", len(self._open_pages))
        yield _counter("anlan_web_pushes", "pushes sent to pages", hub.pushes)
        yield _gauge("anlan_hub_connected", "1 if the hub hears the database", int(hub.connected))
        yield _counter("anlan_hub_reads", "readings of the hub from the database", hub.reads)
        yield _counter("anlan_hub_read_seconds", "time spent in readings of the hub", hub.read_s)
        yield _gauge("anlan_hub_lag_seconds", "announcement to push of the last change", hub.lag_s)
        yield _gauge("anlan_database_pool_connections", "connections of this process", pool["pool_size"])
        yield _gauge("anlan_database_pool_free", "connections not in use", pool["pool_available"])
        yield _gauge("anlan_database_pool_waiting", "requests that wait for one", pool["requests_waiting"])

    def _of_database(self, connection: Connection[Any]) -> Iterator[Metric]:
        now = self._context.clock()
        yield _gauge(
            "anlan_sessions", "sessions that have not ended", gauges.living_sessions(connection, now)
        )
        age = GaugeMetricFamily("anlan_role_heartbeat_age_seconds", "since a role's last sign of life",
                                labels=["role", "instance"])  # fmt: skip
        count = GaugeMetricFamily("anlan_role_count", "counts that a role gives with its sign of life",
                                  labels=["role", "instance", "name"])  # fmt: skip
        for beat in heartbeats(connection):
            age.add_metric([beat.role, beat.instance], (now - beat.at).total_seconds())
            for name, value in sorted(beat.detail.items()):
                if isinstance(value, int | float):
                    count.add_metric([beat.role, beat.instance, name], float(value))
        yield age
        yield count
        open_alarms = GaugeMetricFamily("anlan_alarms_open", "open alarms",
                                        labels=["severity", "state", "exercise"])  # fmt: skip
        for alarm in gauges.open_alarms(connection):
            open_alarms.add_metric([alarm.severity or "none", alarm.state, alarm.exercise or ""], alarm.count)
        yield open_alarms
        running = GaugeMetricFamily("anlan_deliveries", "deliveries of running orders",
                                    labels=["channel", "state", "exercise"])  # fmt: skip
        for delivery in gauges.deliveries(connection):
            running.add_metric([delivery.channel, delivery.state, delivery.exercise or ""], delivery.count)
        yield running
        unread = GaugeMetricFamily("anlan_quarantined", "messages that could not be read, unsettled",
                                   labels=["reason"])  # fmt: skip
        for entry in gauges.unread(connection):
            unread.add_metric([entry.reason], entry.count)
        yield unread
        waiting = GaugeMetricFamily("anlan_marks_waiting", "marks in the queue of a consumer",
                                    labels=["consumer"])  # fmt: skip
        behind = GaugeMetricFamily("anlan_marks_lag_seconds", "age of the oldest mark of a consumer",
                                   labels=["consumer"])  # fmt: skip
        for lag in marks.lags(connection):
            waiting.add_metric([lag.consumer], lag.waiting)
            behind.add_metric([lag.consumer], lag.lag_s)
        yield waiting
        yield behind
        yield from self._watched(connection)
        newest = gauges.newest_observation(connection)
        if newest is not None:
            age_s = (now - newest).total_seconds()
            yield _gauge("anlan_newest_observation_age_seconds", "age of the newest real reading", age_s)

    def _watched(self, connection: Connection[Any]) -> Iterator[Metric]:
        watch = self._context.settings.watch
        facts = watching.facts(connection, watched=watch.secret is not None)
        late = GaugeMetricFamily("anlan_watch_condition", "1 for the condition that a watched part is in",
                                 labels=["part", "condition"])  # fmt: skip
        for check in judge(facts, limits_of(watch)):
            for condition in Condition:
                late.add_metric([check.part, condition], float(check.condition is condition))
        yield late
        if facts.whole is None:
            return
        age_s = (facts.now - facts.whole.published).total_seconds()
        yield _gauge("anlan_canary_age_seconds", "since the canary's last whole flight began", age_s)
        stages = GaugeMetricFamily("anlan_canary_stage_seconds", "how long the last whole flight took to a stage",
                                   labels=["stage"])  # fmt: skip
        for stage, seconds in facts.whole.delays_s.items():
            stages.add_metric([stage], seconds)
        yield stages


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)


def _counter(name: str, what: str, value: float) -> Metric:
    return CounterMetricFamily(name, what, value=value)
