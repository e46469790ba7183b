"""Names of PostgreSQL notification channels and of what they announce.

`MARKS` wakes consumers of marks (its payload is empty). `CHANGES` carries JSON
`{"kind": KIND, "keys": [...]}`: what changed, never the data itself.
"""

from __future__ import annotations

MARKS = "anlan_marks"
CHANGES = "anlan_changes"
DISPATCH = "anlan_dispatch"

LATEST = "latest"
ALARM = "alarm"
FLOOD = "flood"
ORDER = "order"
DEVICE = "device"
CAMERA = "camera"
TYPHOON = "typhoon"
WARNING = "warning"
WEATHER_IMAGE = "weather_image"
REPORT = "report"
RESPONSE = "response"
EXERCISE = "exercise"
STATION = "station"
SILENCE = "silence"
REQUEST = "request"
USER = "user"
"""`USER`'s keys are user names whose sessions or rights changed."""
