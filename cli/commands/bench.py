"""`anlan bench`: how fast it is on this machine, on embedded services with durable settings."""

import argparse
import json
import sys

HELP = "benchmark on services of its own; the last line is one JSON object"


def configure(parser: argparse.ArgumentParser) -> None:
    """What to measure, and how long it may take."""
    parser.add_argument("what", choices=["alarms", "ingest"], help="what is measured")
    parser.add_argument(
        "--quick", action="store_true", help="within 60 s; leaves out what it cannot reach in that time"
    )


def run(args: argparse.Namespace) -> int:
    """0 when everything could be measured, whatever the figures say."""
    from bench import alarms, ingest, report
    from cli.setup import state

    measure = {"alarms": alarms.measure, "ingest": ingest.measure}[args.what]
    figures = measure(quick=args.quick)
    if not args.quick:
        report.renew(state.checkout() / "docs" / "benchmarks.md", args.what, figures)
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0
