"""Rain limits of the invented county's hamlets at risk. Invented, in the order of size of real counties' tables."""

from __future__ import annotations

from collections.abc import Sequence

from drill.county.land import distance_km

_NORMAL = {1: (45.0, 60.0), 3: (80.0, 105.0), 6: (105.0, 140.0)}
"""Hours: millimetres to prepare, and to move at once, on soil as usual."""
_SOIL = {"dry": 1.15, "normal": 1.0, "wet": 0.8}
_SLOPES = (0.9, 0.95, 1.0, 1.05, 1.1)
"""Hamlets differ: a steep creek answers to less rain."""
_GAUGES = 2


def hamlet_limit_rows(
    areas: Sequence[dict[str, object]], stations: Sequence[dict[str, object]]
) -> list[dict[str, object]]:
    """Rows of hamlet-limits.csv: each hamlet by the two rain gauges that are nearest."""
    gauges = [row for row in stations if row["kind"] == "PP"]
    hamlets = [row for row in areas if row["kind"] == "hamlet"]
    rows: list[dict[str, object]] = []
    for number, hamlet in enumerate(hamlets):
        nearest = sorted(gauges, key=lambda gauge: (_km(hamlet, gauge), str(gauge["code"])))[:_GAUGES]
        for hours, (prepare, immediate) in _NORMAL.items():
            for soil, share in _SOIL.items():
                factor = share * _SLOPES[number % len(_SLOPES)]
                rows.append(
                    {
                        "area": hamlet["code"],
                        "duration_h": hours,
                        "soil": soil,
                        "prepare_mm": round(prepare * factor),
                        "immediate_mm": round(immediate * factor),
                        "gauges": ";".join(str(gauge["code"]) for gauge in nearest),
                        "source": "演示 (demo): invented",
                    }
                )
    return rows


def _km(one: dict[str, object], other: dict[str, object]) -> float:
    lon1, lat1, lon2, lat2 = (float(str(row[name])) for row in (one, other) for name in ("lon", "lat"))
    return distance_km(lon1, lat1, lon2, lat2)
