"""`anlan alerts`: the alarm evaluator; one leads, others stand by."""

from __future__ import annotations

import argparse

from cli.running import begin, end_by, name_instance

HELP = "turn observations into alarms and call who is on duty"


def configure(parser: argparse.ArgumentParser) -> None:
    """`--check` reads only: what is judged, what has no limits, what is refused, what waits."""
    name_instance(parser)
    parser.add_argument(
        "--check",
        action="store_true",
        help="only list stations without limits (未设), refused limits, and faults",
    )


def run(args: argparse.Namespace) -> int:
    """Runs until SIGTERM or Ctrl-C, then ends after the transaction in hand."""
    if args.check:
        from core.settings import load_settings

        return _check(load_settings().need_database())

    from alerts.evaluator import ROLE, Evaluator
    from core.clock import system_clock

    settings = begin(ROLE)
    settings.need_database()
    evaluator = Evaluator(settings, system_clock, instance=args.instance)
    end_by(evaluator.stop)
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
