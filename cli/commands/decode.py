"""`anlan decode FORMAT [FILE]`: what a payload means, without broker or database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.faults import Fault

HELP = "decode payloads and print their readings (or warnings, positions, pictures, cameras) as JSON lines"


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
        "--topic",
        default="",
        help="topic of a message of Frigate, as front/status/detect, front/person/snapshot or stats;"
        " not needed for what mosquitto_sub -F %%J wrote",
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
    parser.add_argument("--sample", help="of a file of several samples, the one of this name alone")


def run(args: argparse.Namespace) -> int:
    """Prints readings on stdout and faults on stderr, a JSON object each; 1 if there was any fault."""
    from cli.payloads import payloads_of
    from core.errors import InputError

    try:
        data = Path(args.file).read_bytes() if args.file else sys.stdin.buffer.read()
    except OSError as error:
        raise InputError("unreadable_file", f"{args.file} cannot be read: {error.strerror}") from error
    was_faulty = False
    for name, payload in payloads_of(args.format, data, args.sample):
        lines, faults = _decode(args, payload)
        _show(lines, faults, name)
        was_faulty = was_faulty or bool(faults)
    return 1 if was_faulty else 0


def _decode(args: argparse.Namespace, payload: bytes) -> tuple[list[dict[str, Any]], list[Fault]]:
    """What to print of one payload."""
    from cli.documents import DOCUMENTS, Sent
    from core.clock import system_clock
    from core.settings import load_settings
    from formats import FORMATS, Context, Mappings
    from hydrology.judgement import judge, judge_time
    from ingest.understood import Limits

    if args.format in DOCUMENTS:
        return DOCUMENTS[args.format](Sent(payload, args.topic, system_clock()))
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
    lines = []
    judged_all = [judge(reading) for reading in decoded.readings]
    judged_all += [(reading, None) for reading in decoded.unmapped]
    for judged, fault in judged_all:
        untrue = judge_time(judged.time, now, limits)
        if untrue is not None and untrue not in faults:
            faults.append(untrue)
        if fault is not None:
            faults.append(fault)
        if untrue is None:
            lines.append(
                {
                    "station": judged.station or None,
                    "property": judged.property,
                    "sensor": judged.sensor,
                    "period_s": judged.period_s,
                    "time": judged.time,
                    "value": judged.value,
                    "quality": int(judged.quality),
                    "reason": str(judged.reason),
                }
            )
    return lines, faults


def _show(lines: Sequence[Mapping[str, Any]], faults: Sequence[Fault], sample: str) -> None:
    import msgspec

    for line in lines:
        print(msgspec.json.encode(line).decode())
    named = {"sample": sample} if sample else {}
    for fault in faults:
        told = named | {"reason": str(fault.reason), "detail": fault.detail}
        print(msgspec.json.encode(told).decode(), file=sys.stderr)
