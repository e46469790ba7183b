"""What an alarm asks of the orders: who is called for it, and the sentence that they get."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import structlog
from psycopg import Connection

from alerts.callees import callees
from alerts.orders import create_notice
from alerts.orders.texts import number_text
from alerts.watching import flight
from core import canary
from core.alarms import Alarm
from core.call_chains import QuietHours
from core.language import Translate, translator
from core.properties import known_property
from core.severity import Severity
from store.areas import top_area

log = structlog.get_logger("anlan.alerts")


@dataclass(frozen=True, slots=True)
class Wording:
    """How notices are written: the centre's language, the county's time zone, the quiet hours for blue."""

    language: str
    time_zone: str
    quiet: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """What a notice tells: the value that moved the alarm and the limit that it stands for.

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


@dataclass(frozen=True, slots=True)
class Called:
    """Whom an alarm's notice goes to: `order` None says that nobody could be called, and `reason` why."""

    order: int | None
    persons: tuple[str, ...] = ()
    reason: str = ""

    @property
    def detail(self) -> dict[str, Any]:
        """As the alarm's history keeps it."""
        if self.order is None:
            return {"reason": self.reason}
        return {"order": self.order, "persons": list(self.persons)}


def call(
    connection: Connection[Any],
    alarm: Alarm,
    cause: Cause,
    wording: Wording,
    *,
    at: datetime,
) -> Called:
    """Calls who is on duty for a reading that reached a limit: see `call_for`."""
    words = translator("alerts", wording.language)
    sentence = text(cause, words, ZoneInfo(wording.time_zone), at)
    return call_for(connection, alarm, cause.severity, title(cause, words), sentence, wording, at=at)


def call_for(
    connection: Connection[Any],
    alarm: Alarm,
    severity: Severity,
    title: str,
    text: str,
    wording: Wording,
    *,
    at: datetime,
) -> Called:
    """Calls who is on duty for the alarm's area, in the caller's transaction.

    An alarm stands even where its notice cannot be written: that is a reason, never an error.
    """
    if alarm.exercise == canary.EXERCISE:
        return Called(flight.order(connection, alarm, at), reason="no_area")
    area = alarm.area or top_area(connection)
    who = callees(
        connection,
        hazard=alarm.alarm_class,
        area=area,
        severity=severity,
        at=at,
        exercise=alarm.exercise,
    )
    if area is None or not who.persons:
        return Called(None, reason=who.reason)
    try:
        with connection.transaction():
            order = create_notice(
                connection,
                alarm_id=alarm.id,
                recipients=who.recipients,
                severity=severity,
                title=title,
                text=text,
                area=area,
                exercise=alarm.exercise,
                at=at,
                zone=wording.time_zone,
            )
    except psycopg.OperationalError:
        raise
    except Exception as error:
        log.error("alarm.not_called", alarm=alarm.id, error=str(error))
        return Called(None, reason=f"{type(error).__name__}: {error}"[:500])
    return Called(order, who.codes)


def title(cause: Cause, words: Translate) -> str:
    """The notice's heading in lists."""
    return words(
        "notice.title",
        station=cause.station_name,
        limit=_limit(cause, words),
        colour=words(f"severity.{cause.severity}"),
    )


def text(cause: Cause, words: Translate, zone: ZoneInfo, now: datetime) -> str:
    """The sentence: where, when (county time, with the date if it is not today), how much, over what."""
    known = known_property(cause.property)
    observed, today = cause.observed_at.astimezone(zone), now.astimezone(zone)
    over = round(cause.value - cause.limit_value, known.decimals)
    key = "notice.text" if over > 0 else "notice.text_at" if over == 0 else "notice.text_below"
    sentence = words(
        key,
        station=cause.station_name,
        time=f"{observed:%H:%M}" if observed.date() == today.date() else f"{observed:%Y-%m-%d %H:%M}",
        property=_property(cause, words),
        value=number_text(cause.value, known.decimals),
        unit=known.unit,
        limit=_limit(cause, words),
        limit_value=number_text(cause.limit_value, known.decimals),
        over=number_text(over, known.decimals),
        colour=words(f"severity.{cause.severity}"),
    )
    if cause.to_verify:
        sentence += words("notice.to_verify")
    return words("notice.off_shelf") + sentence if cause.off_shelf else sentence


def _property(cause: Cause, words: Translate) -> str:
    named = words(f"property.{cause.property}")
    if not cause.window_s:
        return named
    return words("property.in_window", hours=f"{cause.window_s / 3600:g}", property=named)


def _limit(cause: Cause, words: Translate) -> str:
    """The field's name of a limit; an owner's own name as the owner writes it."""
    key = f"limit.{cause.limit_name}"
    known = words(key)
    return cause.limit_name if known == key else known
