"""`anlan backtest RULE`: what a rule would have done over stored data."""

from __future__ import annotations

import argparse
from typing import Any

HELP = "what a rule would have done over stored data, as its limits stand or with others"


def configure(parser: argparse.ArgumentParser) -> None:
    """The rule, where, when, and what to try."""
    parser.add_argument("rule", help="code of the rule, as river_level")
    parser.add_argument("--station", action="append", default=[], help="only this station (repeatable)")
    parser.add_argument("--from", dest="begin", help="first day or moment (county time); default a year ago")
    parser.add_argument("--to", dest="end", help="last moment, not included; default now")
    parser.add_argument(
        "--limit",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="try this limit instead of the one that stands; NAME= takes it away (repeatable)",
    )
    parser.add_argument("--json", action="store_true", help="print the whole result as JSON")


def run(args: argparse.Namespace) -> int:
    """Reads and prints; changes nothing. Raises InputError for what cannot be tried."""
    import json
    import sys
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    from alerts.alarms.limits import Delays
    from alerts.backtest.reading import run as read
    from alerts.backtest.spec import Spec
    from core.clock import system_clock
    from core.language import translator
    from core.settings import load_settings
    from store.connection import connect

    settings = load_settings()
    zone = ZoneInfo(settings.time_zone)
    now = system_clock()
    spec = Spec(
        args.rule,
        tuple(args.station),
        _moment(args.begin, zone) if args.begin else now - timedelta(days=365),
        _moment(args.end, zone) if args.end else now,
        tuple(_change(text) for text in args.limit),
    )

    def tell(part: float, readings: int) -> bool:
        if sys.stderr.isatty():
            print(f"\r{part:4.0%} {readings:,}", end="", file=sys.stderr, flush=True)
        return True

    with connect(settings.need_database(), name="anlan-backtest") as connection:
        delays = Delays(settings.alerts.delays, settings.alerts.off_delay_s)
        found = read(connection, spec, zone, tell, delays=delays)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if args.json:
        print(json.dumps(found.result, ensure_ascii=False))
        return 0
    words = translator("cli", settings.language)
    print(words("backtest.range", rule=args.rule, readings=found.readings, **_span(found.result, zone)))
    for part in ("now", "changed"):
        if found.result[part] is not None:
            print(words(f"backtest.{part}"))
            print(words("backtest.sums", **_sums(found.result[part], words)))
    if found.result["calls_at_most"]:
        print(words("backtest.calls_at_most"))
    if found.result["difference"] is not None:
        print(words("backtest.difference", **found.result["difference"]))
    return 0


def _moment(text: str, zone: Any) -> Any:
    from datetime import UTC, datetime

    from core.errors import InputError

    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError("bad_time", f"{text!r} is no time; write 2025-07-01 or 2025-07-01T08:00") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _change(text: str) -> Any:
    from alerts.backtest.spec import Change
    from core.errors import InputError

    name, equals, value = text.partition("=")
    if not name or not equals:
        raise InputError("bad_limit", f"{text!r}: write --limit NAME=VALUE, as warning=4.2")
    try:
        return Change(name, float(value) if value else None)
    except ValueError as error:
        raise InputError("bad_limit", f"{text!r}: {value!r} is no number") from error


def _span(result: dict[str, Any], zone: Any) -> dict[str, str]:
    from datetime import datetime

    return {
        name: f"{datetime.fromisoformat(result[name]).astimezone(zone):%Y-%m-%d %H:%M}"
        for name in ("begin", "end")
    } | {"stations": str(result["stations"])}


def _sums(part: dict[str, Any], words: Any) -> dict[str, Any]:
    colours = ", ".join(f"{words(colour)} {count}" for colour, count in part["by_severity"].items())
    longest = part["longest"]
    return {
        "alarms": part["alarms"],
        "colours": colours or "-",
        "hours": f"{part['duration_s'] / 3600:.1f}",
        "longest": f"{longest['station']} {longest['seconds'] / 3600:.1f} h" if longest else "-",
        "chattering": part["chattering"],
        "calls": part["load"]["calls"],
        "per_hour": f"{part['load']['per_hour']:.3f}",
        "peak": part["load"]["peak_10_min"],
        "floods": part["load"]["floods"],
        "verdict": words(f"backtest.{part['load']['verdict']}"),
    }
