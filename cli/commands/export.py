"""`anlan export`: observations, roll-ups, alarms, orders, deliveries, stations as CSV or Parquet."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection

    from core.settings import Settings
    from store.exports import Kind, Wanted

HELP = "write data out as CSV or Parquet"
_WHAT = ("observations", "rollups", "alarms", "orders", "deliveries", "stations")


def configure(parser: argparse.ArgumentParser) -> None:
    """What, which rows, and where to."""
    parser.add_argument("what", choices=_WHAT)
    parser.add_argument(
        "--from",
        dest="since",
        metavar="TIME",
        help="2026-07-01 (of the county) or 2026-07-01T00:00:00Z; default all",
    )
    parser.add_argument("--to", dest="until", metavar="TIME", help="exclusive; default all")
    parser.add_argument("--station", action="append", metavar="CODE", help="may be given several times")
    parser.add_argument(
        "--property", action="append", metavar="NAME", help="such as water_level; several times"
    )
    parser.add_argument("--exercise", metavar="CODE", help="of this exercise instead of what is real")
    parser.add_argument("--step", choices=("hour", "day"), default="hour", help="of rollups (default hour)")
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv")
    parser.add_argument("--bom", action="store_true", help="mark the CSV as UTF-8, as Excel needs it")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: CSV to standard output")


def run(args: argparse.Namespace) -> int:
    """Writes the file. Raises InputError for what cannot be meant, UnavailableError without a database."""
    import sys

    from psycopg import IsolationLevel

    from cli.exporting import CsvWriter, ParquetWriter, whole_file, write_all
    from core.errors import InputError
    from core.settings import load_settings
    from store.connection import connect
    from store.exports import KINDS, stream

    settings = load_settings()
    kind = KINDS[f"rollups-{args.step}" if args.what == "rollups" else args.what]
    wanted = _wanted(args, kind, settings)
    if args.output is None and args.format == "parquet":
        raise InputError("no_output", "Parquet needs a file: add --output FILE")
    if args.output is not None and not args.output.absolute().parent.is_dir():
        raise InputError("no_folder", f"there is no folder {args.output.absolute().parent}: create it first")
    with connect(settings.need_database(), name="anlan-export") as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        _check(connection, wanted)
        parts = stream(connection, kind, wanted)
        if args.output is None:
            rows = write_all(parts, CsvWriter(sys.stdout.buffer, kind.columns, bom=args.bom))
        else:
            try:
                with whole_file(args.output) as file:
                    writer = (
                        CsvWriter(file, kind.columns, bom=args.bom)
                        if args.format == "csv"
                        else ParquetWriter(file, kind.columns)
                    )
                    rows = write_all(parts, writer)
            except OSError as error:
                raise InputError("cannot_write", f"{args.output} cannot be written: {error}") from error
        _note(connection, args, rows)
    print(f"{rows:,} rows" + (f" in {args.output}" if args.output else ""), file=sys.stderr)
    return 0


def _wanted(args: argparse.Namespace, kind: Kind, settings: Settings) -> Wanted:
    from core.errors import InputError
    from core.properties import DERIVED_PROPERTIES, PROPERTIES
    from store.exports import Wanted

    given = {
        "time": args.since or args.until,
        "station": args.station,
        "property": args.property,
        "exercise": args.exercise,
    }
    for name, value in given.items():
        if value and name not in kind.by:
            shown = "--from and --to" if name == "time" else f"--{name}"
            raise InputError("no_such_filter", f"{args.what} cannot be chosen by {shown}: leave it out")
    unknown = [name for name in args.property or [] if name not in {**PROPERTIES, **DERIVED_PROPERTIES}]
    if unknown:
        known = ", ".join([*PROPERTIES, *DERIVED_PROPERTIES])
        raise InputError("unknown_property", f"there is no property {unknown[0]!r}; there are {known}")
    since, until = (_time(text, settings.time_zone) for text in (args.since, args.until))
    if since and until and since >= until:
        raise InputError("time_range", "--from must lie before --to")
    return Wanted(since, until, args.station, args.property, args.exercise)


def _time(text: str | None, zone: str) -> datetime | None:
    from datetime import date
    from zoneinfo import ZoneInfo

    from core.errors import InputError

    if text is None:
        return None
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), datetime.min.time(), ZoneInfo(zone))
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError("time", f"{text!r} is no time: write 2026-07-01 or 2026-07-01T00:00:00Z") from error
    if time.tzinfo is None:
        raise InputError("time_zone", f"{text!r} has no zone: write {text}Z or {text}+08:00")
    return time


def _check(connection: Connection[Any], wanted: Wanted) -> None:
    """An empty file would say that there is nothing: a name that does not exist is an error."""
    from core.errors import InputError
    from store import exports

    if missing := exports.unknown_stations(connection, wanted.stations or []):
        raise InputError(
            "unknown_station", f"there is no station {missing[0]!r}; anlan export stations lists them"
        )
    if wanted.exercise is not None and not exports.is_exercise(connection, wanted.exercise):
        raise InputError("unknown_exercise", f"there is no exercise {wanted.exercise!r}")


def _note(connection: Connection[Any], args: argparse.Namespace, rows: int) -> None:
    """Who took what out is in the audit; a read replica has none of its own."""
    from getpass import getuser

    import psycopg

    from store import audit

    chosen = ("since", "until", "station", "property", "exercise", "format")
    detail = {name: value for name in chosen if (value := getattr(args, name)) is not None}
    try:
        connection.rollback()
        audit.append(
            connection,
            actor=f"cli:{getuser()}",
            action="export",
            subject=args.what,
            detail={**detail, "rows": rows},
        )
        connection.commit()
    except psycopg.errors.ReadOnlySqlTransaction:
        connection.rollback()
