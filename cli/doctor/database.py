"""The database: reachable, whole, durable, of the right schema, and who has reported lately."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection, sql

from cli.doctor.finding import Finding, bad, good, warning
from core.errors import AnlanError
from core.settings import Settings
from store import marks
from store.connection import connect
from store.migrate import pending

_CLOCK_LIMIT = timedelta(seconds=2)
_HEARTBEAT_LIMIT = timedelta(seconds=60)
_LAG_LIMIT_S = 60.0
_CONSUMERS = {
    marks.EVALUATOR: ("alarms", "alerts"),
    marks.ROLLUP: ("roll-ups", "derive"),
    marks.DERIVED: ("derived values", "derive"),
    marks.FORECAST: ("forecasts", "derive"),
}
_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


def examine_database(settings: Settings) -> Iterator[Finding]:
    """Stops at the first thing that makes the rest meaningless."""
    try:
        url = settings.need_database()
        connection = connect(url, name="doctor")
    except AnlanError as error:
        yield bad("database", str(error), 'eval "$(./anlan services env)", or set ANLAN_DATABASE_URL')
        return
    with connection:
        version = connection.info.server_version // 10000
        yield good("database", f"PostgreSQL {version} on {connection.info.host}:{connection.info.port}")
        yield _extension(connection)
        yield _durability(connection)
        yield _clock(connection)
        missing = pending(url)
        if missing:
            yield bad("schema", f"{len(missing)} migrations are missing", "anlan migrate")
            return
        yield good("schema", "up to date")
        silences = _silences(connection)
        for role in ("ingest", "derive", "alerts", "dispatch", "canary"):
            yield _role(role, silences)
        yield from _lags(connection)


def _lags(connection: Connection[Any]) -> Iterator[Finding]:
    """Who is behind with what changed; alarms may never be."""
    for consumer, (count, reason) in marks.aside(connection).items():
        what, role = _CONSUMERS[consumer]
        yield warning(
            what,
            f"{count} changes could not be worked on and are set aside: {reason}",
            f"see the log of anlan {role} and report it; they are tried again every hour",
        )
    for lag in marks.lags(connection):
        what, role = _CONSUMERS[lag.consumer]
        if lag.lag_s <= _LAG_LIMIT_S:
            yield good(what, "up to date" if not lag.waiting else f"{lag.waiting} changes in hand")
            continue
        told = f"{lag.waiting} changes wait, the oldest for {timedelta(seconds=round(lag.lag_s))}"
        kind = bad if lag.consumer == marks.EVALUATOR else warning
        yield kind(what, told, f"anlan {role} must run; if it does, see its log and give it time to catch up")


def _extension(connection: Connection[Any]) -> Finding:
    row = connection.execute(
        "SELECT extversion, current_setting('timescaledb.license', true)"
        " FROM pg_extension WHERE extname = 'timescaledb'"
    ).fetchone()
    if row is None:
        return bad("TimescaleDB", "not in this database", "as superuser: CREATE EXTENSION timescaledb")
    edition = "Apache-2 edition" if row[1] == "apache" else "community edition"
    return good("TimescaleDB", f"{row[0]}, {edition} (either will do)")


def _durability(connection: Connection[Any]) -> Finding:
    off = []
    for name in _DURABLE:
        row = connection.execute(sql.SQL("SHOW {}").format(sql.Identifier(name))).fetchone()
        if row is None or row[0] == "off":
            off.append(name)
    if off:
        return bad(
            "durability",
            f"{', '.join(off)} is off: what was acknowledged can be lost",
            "set it on in postgresql.conf and reload",
        )
    return good("durability", "what is committed survives a crash")


def _clock(connection: Connection[Any]) -> Finding:
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    apart = abs(datetime.now(UTC) - row[0]) if row else timedelta.max
    if apart > _CLOCK_LIMIT:
        return bad("clocks", f"this machine and the database differ by {apart}", "synchronise both by NTP")
    return good("clocks", "this machine and the database agree")


def examine_heartbeat(settings: Settings, role: str) -> Finding:
    """One role alone, as a container's health check asks."""
    try:
        with connect(settings.need_database(), name="doctor") as connection:
            return _role(role, _silences(connection))
    except AnlanError as error:
        return bad(role, str(error), "start the database")


def _role(role: str, silences: dict[str, timedelta]) -> Finding:
    silence = silences.get(role)
    mend = f"anlan {role}, or anlan run; see its log"
    if silence is None:
        return bad(role, "has never run on this database", mend)
    if silence > _HEARTBEAT_LIMIT:
        return bad(role, f"silent for {silence - timedelta(microseconds=silence.microseconds)}", mend)
    return good(role, "runs")


def _silences(connection: Connection[Any]) -> dict[str, timedelta]:
    """How long ago each role told the database that it lives."""
    found = connection.execute("SELECT role, clock_timestamp() - max(at) FROM heartbeat GROUP BY role")
    return dict(found.fetchall())
