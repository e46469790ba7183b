"""What an alarm tells people: the sentence, the heading, the line in a list of many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from alerts.orders.texts import number_text
from core.alarms import Alarm
from core.cadence import Cadence
from core.call_chains import QuietHours
from core.language import Translate, translator
from core.properties import known_property
from core.severity import Severity


@dataclass(frozen=True, slots=True)
class Wording:
    """How people are told: the centre's language, the county's time zone, the quiet hours for blue, the cadence."""

    language: str
    time_zone: str
    quiet: QuietHours | None = None
    cadence: Cadence = field(default_factory=Cadence)


@dataclass(frozen=True, slots=True)
class Cause:
    """What a notice tells of one alarm, in words.

    `severity` is as what people are called for it (the alarm's `urgency`), `colour` the alarm's own, None for
    equipment. `line` stands for it in a list of many; without one the title does.
    """

    title: str
    text: str
    severity: Severity
    colour: Severity | None
    line: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """The value that moved an alarm, and the limit that it stands for.

    `window_s`: the value is a sum over so many seconds.
    """

    station_name: str
    property: str
    observed_at: datetime
    value: float
    severity: Severity
    limit_name: str
    limit_value: float
    window_s: int = 0
    to_verify: bool = False
    off_shelf: bool = False


def reached(facts: Reached, wording: Wording, *, at: datetime) -> Cause:
    """What a value that reached a limit tells."""
    words, zone = translator("alerts", wording.language), ZoneInfo(wording.time_zone)
    return Cause(
        title(facts, words), text(facts, words, zone, at), facts.severity, facts.severity, line(facts, words)
    )


def standing_words(words: Translate, rule: str, kind: str, part: str, facts: Mapping[str, Any]) -> str:
    """`title` or `text` of what a rule that looks has found: the rule's own words, else those of its kind, for a
    county's rule of its own has a code of its own."""
    own = f"standing.{rule}.{part}"
    return words(own if words(own) != own else f"standing.{kind}.{part}", **facts)


def cause_of(
    alarm: Alarm, name: str, kind: str, wording: Wording, *, at: datetime, off_shelf: bool = False
) -> Cause | None:
    """What an alarm tells that is heard again as it stands (its shelf ended); `name` is its station's, `kind` its
    rule's.

    None: it has neither colour nor priority, or nothing is known to tell.
    """
    if alarm.urgency is None:
        return None
    words = translator("alerts", wording.language)
    if alarm.title is not None:
        again = words("notice.off_shelf") if off_shelf else ""
        said = standing_words(words, alarm.rule, kind, "text", alarm.detail)
        return Cause(alarm.title[wording.language], again + said, alarm.urgency, alarm.severity)
    if alarm.property is None or alarm.severity is None or alarm.value is None:
        return None
    facts = Reached(
        station_name=name,
        property=alarm.property,
        observed_at=alarm.observed_at or at,
        value=alarm.value,
        severity=alarm.severity,
        limit_name=alarm.threshold_name or "",
        limit_value=alarm.threshold if alarm.threshold is not None else alarm.value,
        window_s=int(alarm.detail.get("window_s") or 0),
        to_verify=alarm.to_verify,
        off_shelf=off_shelf,
    )
    return reached(facts, wording, at=at)


def title(facts: Reached, words: Translate) -> str:
    """The notice's heading in lists."""
    return words(
        "notice.title",
        station=facts.station_name,
        limit=_limit(facts, words),
        colour=words(f"severity.{facts.severity}"),
    )


def line(facts: Reached, words: Translate) -> str:
    """As one of many: station, limit, by how much."""
    known = known_property(facts.property)
    over = round(facts.value - facts.limit_value, known.decimals)
    sentence = words(
        "notice.line" if over > 0 else "notice.line_at" if over == 0 else "notice.line_below",
        station=facts.station_name,
        limit=_limit(facts, words),
        over=number_text(over, known.decimals),
        unit=known.unit,
        colour=words(f"severity.{facts.severity}"),
    )
    return sentence + words("notice.line_to_verify") if facts.to_verify else sentence


def text(facts: Reached, words: Translate, zone: ZoneInfo, now: datetime) -> str:
    """The sentence: where, when (county time, with the date if it is not today), how much, over what."""
    known = known_property(facts.property)
    observed, today = facts.observed_at.astimezone(zone), now.astimezone(zone)
    over = round(facts.value - facts.limit_value, known.decimals)
    key = "notice.text" if over > 0 else "notice.text_at" if over == 0 else "notice.text_below"
    sentence = words(
        key,
        station=facts.station_name,
        time=f"{observed:%H:%M}" if observed.date() == today.date() else f"{observed:%Y-%m-%d %H:%M}",
        property=_property(facts, words),
        value=number_text(facts.value, known.decimals),
        unit=known.unit,
        limit=_limit(facts, words),
        limit_value=number_text(facts.limit_value, known.decimals),
        over=number_text(over, known.decimals),
        colour=words(f"severity.{facts.severity}"),
    )
    if facts.to_verify:
        sentence += words("notice.to_verify")
    return words("notice.off_shelf") + sentence if facts.off_shelf else sentence


def _property(facts: Reached, words: Translate) -> str:
    named = words(f"property.{facts.property}")
    if not facts.window_s:
        return named
    return words("property.in_window", hours=f"{facts.window_s / 3600:g}", property=named)


def _limit(facts: Reached, words: Translate) -> str:
    """The field's name of a limit; an owner's own name as the owner writes it."""
    key = f"limit.{facts.limit_name}"
    known = words(key)
    return facts.limit_name if known == key else known
