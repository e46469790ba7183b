"""`anlan alerts`: the alarm evaluator; one leads, others stand by."""

from __future__ import annotations

import argparse

HELP = "turn observations into alarms and call who is on duty"


def configure(parser: argparse.ArgumentParser) -> None:
    """`--check` reads only: what is judged, what has no limits, what is refused, what waits."""
    parser.add_argument("--instance", default="1", help="name of this process in heartbeats (default 1)")
    parser.add_argument(
        "--check",
        action="store_true",
        help="only list stations without limits (未设), refused limits, and faults",
    )


def run(args: argparse.Namespace) -> int:
    """Runs until SIGTERM or Ctrl-C, then ends after the transaction in hand."""
    from core.settings import load_settings

    settings = load_settings()
    url = settings.need_database()
    if args.check:
        return _check(url)

    import signal

    from alerts.evaluator import ROLE, Evaluator
    from core.clock import system_clock
    from core.logs import configure_logs

    configure_logs(settings.log_level, ROLE)
    evaluator = Evaluator(settings, system_clock, instance=args.instance)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: evaluator.stop())
    evaluator.run()
    return 0


def _check(url: str) -> int:
    from alerts.survey import survey
    from store.connection import connect

    with connect(url, name="anlan-alerts-check") as connection:
        found = survey(connection)
    print(f"{found.judged} stations are judged")
    for place in found.unset:
        print(f"未设 no limits: {place.station} {place.station_name} ({place.rule})")
    for place, limit in found.refused:
        print(
            f"refused: {place.station} {place.station_name}: {limit.name} {limit.value:g} is over datum"
            f" {limit.datum or 'none'}, the station over {place.datum or 'none'}. Convert the limit."
        )
    for fault in found.faults:
        print(f"waits: series {fault.series} since {fault.since:%Y-%m-%d %H:%M}Z: {fault.reason}")
    return 1 if found.refused or found.faults else 0
