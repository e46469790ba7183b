"""`anlan decode FORMAT [FILE]`: what a payload means, without broker or database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.faults import Fault

HELP = "decode one payload and print its readings (or warnings, positions, pictures) as JSON lines"


def configure(parser: argparse.ArgumentParser) -> None:
    """Format, file, and what the topic would say."""
    from cli.documents import DOCUMENTS
    from formats import FORMATS

    parser.add_argument("format", choices=sorted([*FORMATS, *DOCUMENTS]))
    parser.add_argument("file", nargs="?", help="file with the payload; stdin if none")
    parser.add_argument(
        "--station", default="", help="station, where the payload does not name it but its topic does"
    )
    parser.add_argument(
        "--period-s",
        type=int,
        default=300,
        help="reporting period of the station, for totals without period_s",
    )
    parser.add_argument(
        "--base-level-m", type=float, help="base level (水位基值) that relative levels of SL 651 stand on"
    )


def run(args: argparse.Namespace) -> int:
    """Prints readings on stdout and faults on stderr, a JSON object each; 1 if there was any fault."""
    import msgspec

    from cli.documents import DOCUMENTS
    from core.clock import system_clock
    from core.errors import InputError
    from core.settings import load_settings
    from formats import FORMATS, Context, Mappings
    from hydrology.judgement import judge, judge_time
    from ingest.understood import Limits

    try:
        payload = Path(args.file).read_bytes() if args.file else sys.stdin.buffer.read()
    except OSError as error:
        raise InputError("unreadable_file", f"{args.file} cannot be read: {error.strerror}") from error
    if args.format in DOCUMENTS:
        lines, told = DOCUMENTS[args.format](payload)
        for line in lines:
            print(msgspec.json.encode(line).decode())
        return _tell(told)
    settings = load_settings().ingest
    now = system_clock()
    context = Context(
        args.station,
        args.period_s,
        settings.max_values,
        args.base_level_m,
        Mappings.of(settings.mapping),
        received_at=now,
    )
    decoded = FORMATS[args.format](payload, context)
    faults = list(decoded.faults)
    limits = Limits.of(settings).time
    judged_all = [judge(reading) for reading in decoded.readings]
    judged_all += [(reading, None) for reading in decoded.unmapped]
    for judged, fault in judged_all:
        untrue = judge_time(judged.time, now, limits)
        if untrue is not None and untrue not in faults:
            faults.append(untrue)
        if fault is not None:
            faults.append(fault)
        if untrue is None:
            line = {
                "station": judged.station or None,
                "property": judged.property,
                "sensor": judged.sensor,
                "period_s": judged.period_s,
                "time": judged.time,
                "value": judged.value,
                "quality": int(judged.quality),
                "reason": str(judged.reason),
            }
            print(msgspec.json.encode(line).decode())
    return _tell(faults)


def _tell(faults: Sequence[Fault]) -> int:
    import msgspec

    for fault in faults:
        print(
            msgspec.json.encode({"reason": str(fault.reason), "detail": fault.detail}).decode(),
            file=sys.stderr,
        )
    return 1 if faults else 0
