"""Renews docs/benchmarks.md: the figures of one benchmark with machine, date and load; the others stay."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

_MEANING = {
    "ingest": {
        "bare_per_s": ("messages a second that a bare paho client takes and acknowledges", ""),
        "copy_rows_per_s": ("rows a second of a raw binary COPY into the same hypertable", ""),
        "single_ratio": (
            "ingest with single readings, judged and committed, against the bare client",
            "≥ 0.50, goal 0.70",
        ),
        "packed_ratio": ("ingest with packs of 100 readings against the COPY", "≥ 0.30"),
        "commit_p99_ms": ("publish → committed at 200 messages a second, p99, ms", "≤ 150"),
        "fresh_p99_ms": ("the same for new readings while 1,000,000 are drained, p99, ms", "≤ 2000"),
        "rss_mb": ("most memory of the ingest process throughout, MB", "≤ 300"),
    },
    "alarms": {
        "p50_ms": ("publish → alarm committed at 200 messages a second, median, ms", "≤ 100"),
        "p99_ms": ("the same, p99, ms", "≤ 500"),
        "alertmanager_default_p50_ms": (
            "Prometheus and Alertmanager as Debian sets them up, the same crossings, median, ms",
            "slower than ours",
        ),
        "alertmanager_fast_p50_ms": (
            "the same with scrape and evaluation every second and no wait of a group, median, ms",
            "slower than ours",
        ),
        "changed_per_s": ("stations a second with a new level and a new sum of rain, on one core", "≥ 5000"),
        "silence_found_s": ("from the limit of a silence to its alarm, the longest of all, s", "≤ 5"),
    },
}
"""Per benchmark: key, meaning, target."""


def renew(path: Path, name: str, figures: Mapping[str, float | str | None]) -> None:
    """Writes the section of `name` anew."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    path.write_text(f"{before}{begin}\n{_section(name, figures)}{end}{after}", encoding="utf-8")


def _section(name: str, figures: Mapping[str, float | str | None]) -> str:
    load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    lines = [
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {_processor()}, {os.cpu_count()} cores, {memory_gb:.0f} GB,"
        f" Linux {platform.release()}, Python {platform.python_version()}; load at the end {load}.",
        "",
        "| key | figure | target | meaning |",
        "|---|---|---|---|",
    ]
    for key, (meaning, target) in _MEANING[name].items():
        value = figures.get(key)
        shown = "not measured" if value is None else f"{value:,}"
        lines.append(f"| `{key}` | {shown} | {target} | {meaning} |")
    return "\n".join(lines) + "\n"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
