"""A storm scenario's own settings: track, name, and the hours that are played."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drill.scenario import Scenario
from drill.storm.track import Fix, read_track


@dataclass(frozen=True, slots=True)
class Storm:
    """`begin`, `start` and `end` are times of the track; `start` is played as now."""

    code: str
    name: str
    name_en: str
    fixes: list[Fix]
    begin: datetime
    start: datetime
    end: datetime
    history_h: float


def storm_of(scenario: Scenario) -> Storm:
    """Reads the scenario's storm. Raises InputError for a bad track, KeyError for a missing setting."""
    settings = scenario.settings
    begin, start, end = (settings[name] for name in ("begin", "start", "end"))
    assert isinstance(begin, datetime)
    assert isinstance(start, datetime)
    assert isinstance(end, datetime)
    return Storm(
        code=str(settings["typhoon"]),
        name=str(settings["typhoon_name"]),
        name_en=str(settings["typhoon_name_en"]),
        fixes=read_track(scenario.folder / str(settings["track"])),
        begin=begin,
        start=start,
        end=end,
        history_h=float(str(settings["history_h"])),
    )
