"""What two weather offices say of the storm: warnings that follow from where it is and how it rains. Pure.

Typhoon: by the time until the storm is nearest and its distance then. Rain: the signals of field.md §2.3 (mm in 12,
6, 3, 3 h) at any gauge of the county. Each rise, fall and end is a message that refers to the one before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.severity import Severity
from core.warnings import MessageType, Point, Reference, Status, WarnedArea, WarningInfo, WarningMessage
from drill.county.land import distance_km
from drill.storm.scenario import Storm
from drill.storm.simulation import STEP_S, Simulation
from drill.storm.track import at
from drill.story import Story

STEP = timedelta(minutes=10)
"""Of the storm: how often an office looks."""
NOTE = "演示数据，非真实预警"
_LIFE = timedelta(hours=24)
_SHORTEST = timedelta(minutes=30)
_HOME: Point = (29.47, 121.87)
_TYPHOON_H = ((8.0, Severity.RED), (14.0, Severity.ORANGE), (24.0, Severity.YELLOW), (36.0, Severity.BLUE))
_TYPHOON_OVER_H = 9.0
_TYPHOON_KM = 400.0
_RAIN = (
    (3, 100.0, Severity.RED),
    (3, 50.0, Severity.ORANGE),
    (6, 50.0, Severity.YELLOW),
    (12, 50.0, Severity.BLUE),
)
_NAMES = {Severity.RED: "红色", Severity.ORANGE: "橙色", Severity.YELLOW: "黄色", Severity.BLUE: "蓝色"}
_NAMES_EN = {Severity.RED: "Red", Severity.ORANGE: "Orange", Severity.YELLOW: "Yellow", Severity.BLUE: "Blue"}
_SEVERITY = {
    Severity.RED: "Extreme",
    Severity.ORANGE: "Severe",
    Severity.YELLOW: "Moderate",
    Severity.BLUE: "Minor",
}


@dataclass(frozen=True, slots=True)
class Office:
    """Who warns; `later` is how long its warnings come after the county's."""

    sender: str
    name: str
    name_en: str
    area: WarnedArea
    area_en: str
    later: timedelta = timedelta()


_RING = ((28.95, 121.45), (28.95, 122.3), (29.75, 122.3), (29.75, 121.45), (28.95, 121.45))
_WIDE_RING = ((28.8, 120.9), (28.8, 122.6), (30.5, 122.6), (30.5, 120.9), (28.8, 120.9))
COUNTY = Office(
    "county@weather.demo.invalid",
    "演示县气象台",
    "Demo County Weather Office",
    WarnedArea("演示县", (_RING,)),
    "Yanshi County (demo)",
)
CITY = Office(
    "city@weather.demo.invalid", "演示市气象台", "Demo City Weather Office", WarnedArea("演示市", (_WIDE_RING,)),
    "Yanshi City (demo)",
    timedelta(hours=1),
)  # fmt: skip
SENDERS = (COUNTY.sender, CITY.sender)
TRUSTED = (COUNTY.sender,)
"""What a demo lists as trusted; the city's is not, so that the screens show what that looks like."""


@dataclass(frozen=True, slots=True)
class _Hazard:
    """A kind of warning: its words."""

    code: str
    name: str
    name_en: str
    text: str
    instruction: str


_TYPHOON = _Hazard(
    "typhoon", "台风", "Typhoon", "受台风影响，本地沿海海面和陆上将有大风暴雨。", "停止户外作业，船只回港，危险区域人员立即转移。"
)  # fmt: skip
_RAINSTORM = _Hazard(
    "rain", "暴雨", "Rainstorm", "过去数小时降雨已达预警标准，且降雨可能持续。", "注意山洪、滑坡和城乡积涝，远离河道和低洼地带。"
)  # fmt: skip


def warnings(
    storm: Storm, story: Story, played: Simulation, begin: datetime, end: datetime, *, exercise: bool = False
) -> list[WarningMessage]:
    """Every message that the offices send from `begin` to `end` of the clock, in order of sending."""
    found = [
        message
        for office, hazard in ((COUNTY, _TYPHOON), (COUNTY, _RAINSTORM), (CITY, _TYPHOON))
        for message in _course(storm, story, played, office, hazard, exercise)
        if begin < message.sent <= end
    ]
    return sorted(found, key=lambda message: (message.sent, message.identifier))


def _course(
    storm: Storm, story: Story, played: Simulation, office: Office, hazard: _Hazard, exercise: bool
) -> Iterator[WarningMessage]:
    before: WarningMessage | None = None
    stood: Severity | None = None
    moment = storm.begin
    while moment <= storm.end:
        colour = _typhoon(storm, moment) if hazard is _TYPHOON else _rain(played, moment)
        if colour is not stood:
            at_clock = story.clock_time(moment + office.later).replace(microsecond=0)
            message = _message(office, hazard, colour, stood, at_clock, before, exercise)
            if colour is not None:
                ends = max(story.clock_time(moment + _LIFE), at_clock + _SHORTEST).replace(microsecond=0)
                message = replace(message, infos=tuple(replace(info, expires=ends) for info in message.infos))
            yield message
            before, stood = (message if colour is not None else None), colour
        moment += STEP


def _message(
    office: Office,
    hazard: _Hazard,
    colour: Severity | None,
    stood: Severity | None,
    sent: datetime,
    before: WarningMessage | None,
    exercise: bool,
) -> WarningMessage:
    kind = (
        MessageType.ALERT if before is None else MessageType.CANCEL if colour is None else MessageType.UPDATE
    )
    mark, mark_en = ("【演练】", "EXERCISE: ") if exercise else ("演示：", "Demo: ")
    infos: tuple[WarningInfo, ...] = ()
    if colour is not None:
        act = "发布" if stood is None else "更新"
        common = WarningInfo(
            event=hazard.name, urgency="Immediate", severity=_SEVERITY[colour], certainty="Likely", colour=colour,
            parameters=(("color", colour.value),), effective=sent, onset=sent, areas=(office.area,),
        )  # fmt: skip
        infos = (
            replace(
                common, language="zh-CN", sender_name=office.name, description=hazard.text,
                headline=f"{mark}{office.name}{act}{hazard.name}{_NAMES[colour]}预警", instruction=hazard.instruction,
            ),
            replace(
                common, event=hazard.name_en, language="en-US", sender_name=office.name_en,
                areas=(replace(office.area, description=office.area_en),),
                headline=f"{mark_en}{office.name_en}: {_NAMES_EN[colour]} {hazard.name_en.lower()} warning",
            ),
        )  # fmt: skip
    return WarningMessage(
        sender=office.sender,
        identifier=f"{hazard.code}-{sent:%Y%m%d%H%M%S}",
        sent=sent,
        status=Status.EXERCISE if exercise else Status.ACTUAL,
        message_type=kind,
        note="演练，非真实预警" if exercise else NOTE,
        references=(Reference(before.identifier, before.sender, before.sent),) if before else (),
        infos=infos,
    )


def _typhoon(storm: Storm, moment: datetime) -> Severity | None:
    nearest = _nearest(storm)
    hours = (nearest - moment).total_seconds() / 3600
    fix = at(storm.fixes, nearest)
    if hours < -_TYPHOON_OVER_H or distance_km(fix.lon, fix.lat, _HOME[1], _HOME[0]) > _TYPHOON_KM:
        return None
    return next((colour for within, colour in _TYPHOON_H if hours <= within), None)


def _nearest(storm: Storm) -> datetime:
    return min(storm.fixes, key=lambda fix: distance_km(fix.lon, fix.lat, _HOME[1], _HOME[0])).time


def _rain(played: Simulation, moment: datetime) -> Severity | None:
    end = int((moment - played.begin).total_seconds() // STEP_S)
    for hours, limit, colour in _RAIN:
        start = max(0, end - hours * 3600 // STEP_S)
        if any(float(series[start:end].sum()) >= limit for series in played.rain.values()):
            return colour
    return None
