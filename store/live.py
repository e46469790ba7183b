"""What open pages are shown: plain JSON by key, read for a set of keys or whole, one query each.

Every reader takes an exercise (None is real), keys (None is everything that belongs on a screen) and the
county's time zone (for limits of a season); an asked key that no longer belongs there is missing from
the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

from store.warning_views import live_warnings
from store.weather_images import live_layers

Entries = dict[str, dict[str, Any]]
Reader = Callable[[Connection[Any], str | None, set[str] | None, str], Entries]

ENDED_SHOWN = "1 hour"
"""Orders that ended stay on the screens for this long."""

_STATIONS: LiteralString = """
select station.code, station.name, station.name_en, station.kind, station.area, area.name as area_name,
       area.name_en as area_name_en, station.river, station.lon, station.lat, station.datum,
       station.period_s, station.out_of_service,
       coalesce((
           select jsonb_agg(jsonb_build_object(
                      'property', found.property, 'name', found.name, 'severity', found.severity,
                      'value', found.value, 'datum', found.datum, 'comparable', found.comparable,
                      'period_s', found.period_s)
                      order by found.property, found.value)
           from standing_limit found where found.station = station.code
             and in_season(found.season_from, found.season_to,
                           to_char(now() at time zone %(zone)s, 'MMDD'))
       ), '[]') as thresholds
from station left join area on area.code = station.area
where (%(keys)s::text[] is null or station.code = any(%(keys)s))
  and (%(exercise)s::text is null
       or exists (select 1 from series
                  where series.station = station.code and series.exercise = %(exercise)s))
  and (%(exercise)s::text is not null
       or not exists (select 1 from series where series.station = station.code)
       or exists (select 1 from series where series.station = station.code and series.exercise is null))
"""
"""Stations of the real world are those that send in it or have never sent; who sends in drills alone is not."""

_LATEST: LiteralString = """
select latest.series, series.station, station.name, station.name_en, station.kind, station.area,
       area.name as area_name, area.name_en as area_name_en, station.lon, station.lat, station.period_s,
       series.property, series.sensor, series.period_s as total_s,
       latest.time, latest.value, latest.quality, latest.reason, latest.received_at,
       latest.usable_time, latest.usable_value,
       (select max(id) from correction where correction.series = latest.series) as corrected,
       limits.reached, limits.next,
       limits.reached is null and limits.next is null and not coalesce(limits.refused, false) as unset,
       limits.reached is null and limits.next is null and coalesce(limits.refused, false) as refused,
       trend.rate as trend_per_h, trend.code as trend_code, trend.quality = 3 as trend_suspect,
       sums.mm_1h, sums.mm_3h, sums.mm_24h, sums.sums_time
from latest
join series on series.id = latest.series
join station on station.code = series.station
left join area on area.code = station.area
left join lateral (
    select (jsonb_agg(jsonb_build_object('name', name, 'severity', severity, 'value', value,
                                         'distance', latest.usable_value - value) order by value desc)
            filter (where comparable and value <= latest.usable_value)) -> 0 as reached,
           (jsonb_agg(jsonb_build_object('name', name, 'severity', severity, 'value', value,
                                         'distance', latest.usable_value - value) order by value)
            filter (where comparable
                    and (value > latest.usable_value or latest.usable_value is null))) -> 0 as next,
           bool_or(not comparable) as refused
    from standing_limit
    where standing_limit.station = series.station and standing_limit.property = series.property
      and standing_limit.period_s in (0, series.period_s)
      and in_season(season_from, season_to,
                    to_char(coalesce(latest.usable_time, latest.time) at time zone %(zone)s, 'MMDD'))
) limits on true
left join trend on trend.series = latest.series
    and trend.time >= latest.time - greatest(3 * station.period_s, 1800) * interval '1 second'
left join lateral (
    select max(newest.value) filter (where sliding.period_s = 3600) as mm_1h,
           max(newest.value) filter (where sliding.period_s = 10800) as mm_3h,
           max(newest.value) filter (where sliding.period_s = 86400) as mm_24h,
           max(newest.time) as sums_time
    from series sliding join latest newest on newest.series = sliding.id
    where series.property = 'rainfall' and sliding.station = series.station
      and sliding.property = 'rainfall_sliding' and sliding.sensor = series.sensor
      and sliding.period_s in (3600, 10800, 86400)
      and sliding.exercise is not distinct from series.exercise
) sums on true
where series.exercise is not distinct from %(exercise)s
  and series.property not in ('rainfall_sliding', 'rainfall_day')
  and (%(keys)s::integer[] is null or latest.series = any(%(keys)s))
"""
"""Sums and trends are those of the role `derive`; a trend that lags behind its level is not given, sums carry their
time. The sums' own series stand beside the gauge's and are no readings of their own."""

_ALARMS: LiteralString = """
select alarm.id, alarm.class, alarm.subject_kind, alarm.subject, alarm.station, alarm.property,
       coalesce(station.name, subject_area.name, device.name, camera.name, alarm.subject) as subject_name,
       coalesce(station.name_en, subject_area.name_en, device.name_en, camera.name_en, alarm.subject)
           as subject_name_en,
       station.kind as station_kind, station.lon, station.lat, station.period_s,
       alarm.area, area.name as area_name, area.name_en as area_name_en,
       alarm.rule, alarm.rule_version, alarm.severity, alarm.highest_severity, alarm.state,
       alarm.raised_at, alarm.observed_at, alarm.returned_at, alarm.acknowledged_at, alarm.acknowledged_by,
       alarm.value, alarm.threshold, alarm.threshold_name, alarm.shelved_until, alarm.shelved_reason,
       alarm.to_verify, alarm.priority, alarm.latches, alarm.title, alarm.suppressed_by, alarm.service_until,
       exists (select from annunciation where annunciation.alarm = alarm.id
               and annunciation.state = 'waiting' and annunciation.uncalled) as uncalled,
       (select jsonb_build_object('id', silence.id, 'by', author, 'until', ends_at, 'reason', silence.reason)
        from silence where silence.id = silence_of(alarm.*, now())) as silence,
       (select jsonb_build_object('why', annunciation.reason, 'at', annunciation.due_at)
        from annunciation where annunciation.alarm = alarm.id and annunciation.state = 'waiting'
        and annunciation.reason in ('group_wait', 'group_interval', 'pace', 'quiet_hours')) as call_waits,
       coalesce((select jsonb_agg(order_id order by order_id) from order_alarm
                 where order_alarm.alarm = alarm.id), '[]') as orders
from alarm
left join station on station.code = alarm.station
left join area on area.code = alarm.area
left join area subject_area on alarm.subject_kind in ('town', 'hamlet') and subject_area.code = alarm.subject
left join device on alarm.subject_kind = 'device' and device.code = alarm.subject
left join camera on alarm.subject_kind = 'camera' and camera.code = alarm.subject
where alarm.exercise is not distinct from %(exercise)s and alarm.closed_at is null
  and (%(keys)s::bigint[] is null or alarm.id = any(%(keys)s))
"""

_ORDERS: LiteralString = """
select orders.id, orders.number, orders.kind, orders.title, orders.severity, orders.state,
       (select alarm from order_alarm where order_id = orders.id order by position, alarm limit 1) as alarm,
       coalesce((select jsonb_agg(alarm order by position, alarm) from order_alarm
                 where order_id = orders.id), '[]') as alarms,
       orders.area, area.name as area_name, area.name_en as area_name_en, orders.created_at,
       orders.created_by, orders.issued_at, orders.repeat_at, orders.ends_at, orders.ended_at, orders.emergency,
       orders.countersign_due, orders.countersigned_at, orders.needs_answer,
       coalesce(counted.states, '{}') as deliveries, coalesce(people.total, 0) as people,
       coalesce(people.answered, 0) as answered, coalesce(people.acted, 0) as acted,
       people.acted_people, coalesce(people.unanswered, '[]') as unanswered
from orders
left join area on area.code = orders.area
left join lateral (
    select jsonb_object_agg(channel, states) as states from (
        select channel, jsonb_object_agg(state, amount) as states
        from (select channel, state, count(*) as amount from delivery
              where delivery.order_id = orders.id group by channel, state) one
        group by channel) two
) counted on true
left join lateral (
    select count(distinct recipient) as total,
           count(distinct recipient) filter (where answered_at is not null or acted_at is not null)
               as answered,
           count(distinct recipient) filter (where acted_at is not null) as acted,
           sum(acted_people) as acted_people,
           jsonb_path_query_array(
               jsonb_agg(jsonb_build_object('code', recipient, 'name', person.name, 'post', person.post)
                         order by delivery.id)
               filter (where answered_at is null and acted_at is null and delivery.state <> 'withheld'
                       and delivery.channel = 'sms'),
               '$[0 to 7]') as unanswered
    from delivery left join person on person.code = delivery.recipient
    where delivery.order_id = orders.id and delivery.recipient_kind = 'person'
) people on true
where orders.exercise is not distinct from %(exercise)s
  and (%(keys)s::bigint[] is null or orders.id = any(%(keys)s))
  and (orders.state in ('draft', 'checked', 'issued') or orders.ended_at > now() - %(shown)s::interval
       or orders.id = any(%(watched)s))
"""

_DELIVERIES: LiteralString = """
select delivery.id, delivery.recipient_kind, delivery.recipient,
       coalesce(person.name, device.name, delivery.recipient) as name,
       coalesce(person.name, device.name_en, delivery.recipient) as name_en, person.post,
       coalesce(person.area, device.area) as area, area.name as area_name, area.name_en as area_name_en,
       delivery.channel, delivery.state, delivery.attempts, delivery.due_at, delivery.submitted_at,
       delivery.delivered_at, delivery.answered_at, delivery.answer, delivery.acted_at,
       delivery.acted_people, delivery.reason, delivery.verified, delivery.escalated_from
from delivery
left join person on delivery.recipient_kind = 'person' and person.code = delivery.recipient
left join device on delivery.recipient_kind = 'device' and device.code = delivery.recipient
left join area on area.code = coalesce(person.area, device.area)
where delivery.order_id = %s
"""

_EVENTS: LiteralString = """
select id, at, kind, actor, delivery, detail from order_event where order_id = %s order by id
"""

_DEVICES: LiteralString = """
select device.code, device.kind, device.name, device.name_en, device.area, area.name as area_name,
       area.name_en as area_name_en, device.lon, device.lat,
       coalesce(device_state.online, false) as online, device_state.state, device_state.received_at,
       coalesce(device_state.verified, false) as verified, device_state.device is null as never_heard,
       date_trunc('minute', (device_state.detail ->> 'babbling_at')::timestamptz) as babbling_at
from device
left join device_state on device_state.device = device.code
    and device_state.exercise is not distinct from %(exercise)s
left join area on area.code = device.area
where device.active and (%(keys)s::text[] is null or device.code = any(%(keys)s))
"""

_CAMERAS: LiteralString = """
select camera.code, camera.name, camera.name_en, camera.area, area.name as area_name,
       area.name_en as area_name_en, camera.kind, coalesce(position.lon, camera.lon) as lon,
       coalesce(position.lat, camera.lat) as lat, position.time as position_at, position.accuracy_m,
       position.speed_ms, position.heading_deg, coalesce(trail.points, '[]') as trail, camera.keepalive_s,
       regexp_replace(coalesce(camera_state.stream, camera.stream), '^([a-z]+://)[^/]*@', '\\1', 'i') as stream,
       camera_online(camera_state.online, camera_state.since, camera_state.settled, camera_state.received_at,
                     camera.keepalive_s, camera.settle_s, now()) as online,
       camera_state.online as reported, camera_state.since, camera_state.source, camera_state.battery,
       coalesce(camera_state.changes[4] > now() - interval '10 minutes', false) as unsteady,
       camera_state.received_at as heard_at,
       picture.received_at as picture_at,
       '/api/v1/cameras/' || camera.code || '/picture?id=' || picture.id as picture_url
from camera
left join camera_state on camera_state.camera = camera.code
    and camera_state.exercise is not distinct from %(exercise)s
left join lateral (
    select id, received_at from camera_snapshot
    where camera_snapshot.camera = camera.code and exercise is not distinct from %(exercise)s
    order by received_at desc, id desc limit 1
) picture on true
left join lateral (
    select time, lon, lat, accuracy_m, speed_ms, heading_deg from camera_position
    where camera.kind = 'patrol' and camera_position.camera = camera.code
        and exercise is not distinct from %(exercise)s and not doubtful
    order by time desc limit 1
) position on true
left join lateral (
    select jsonb_agg(jsonb_build_array(lat, lon, extract(epoch from time)) order by time) as points
    from (
        select distinct on (date_bin('1 minute', time, 'epoch')) time, lat, lon from camera_position
        where camera.kind = 'patrol' and camera_position.camera = camera.code
            and exercise is not distinct from %(exercise)s and not doubtful
            and time <= position.time and time > position.time - interval '1 hour'
        order by date_bin('1 minute', time, 'epoch'), time desc
    ) as by_minute
) as trail on true
left join area on area.code = camera.area
where (%(keys)s::text[] is null or camera.code = any(%(keys)s))
"""

_TYPHOONS: LiteralString = """
select typhoon.code, typhoon.name, typhoon.name_en,
       coalesce((select jsonb_agg(jsonb_strip_nulls(
                            to_jsonb(fix) - '{typhoon,exercise,issued,received_at}'::text[])
                                  order by fix.time)
                 from typhoon_fix fix where fix.typhoon = typhoon.code
                   and fix.exercise is not distinct from typhoon.exercise and fix.issued is null), '[]')
           as track,
       forecast.issued as forecast_issued, coalesce(forecast.fixes, '[]') as forecast
from typhoon
left join lateral (
    select fix.issued,
           jsonb_agg(jsonb_strip_nulls(to_jsonb(fix) - '{typhoon,exercise,issued,received_at}'::text[])
                     order by fix.time) as fixes
    from typhoon_fix fix where fix.typhoon = typhoon.code
      and fix.exercise is not distinct from typhoon.exercise and fix.issued is not null
    group by fix.issued order by fix.issued desc limit 1
) forecast on true
where typhoon.exercise is not distinct from %(exercise)s and not typhoon.historical
  and (%(keys)s::text[] is null or typhoon.code = any(%(keys)s))
  and exists (select 1 from typhoon_fix fix where fix.typhoon = typhoon.code
              and fix.exercise is not distinct from typhoon.exercise
              and fix.received_at > now() - interval '3 days')
"""

_RESPONSES: LiteralString = """
select id, hazard, level, started_at, started_by, reason from response
where ended_at is null and exercise is not distinct from %(exercise)s
  and (%(keys)s::bigint[] is null or id = any(%(keys)s))
"""

_FLOODS: LiteralString = """
select id, desk, desk as area, began_at, count, peak from alarm_flood
where ended_at is null and exercise is not distinct from %(exercise)s
  and (%(keys)s::bigint[] is null or id = any(%(keys)s))
"""

_EXERCISES: LiteralString = """
select code, name, scenario, started_at from exercise
where ended_at is null and code <> 'canary' and (%(keys)s::text[] is null or code = any(%(keys)s))
  and (%(exercise)s::text is null or true)
"""

_HEALTH: LiteralString = """
with reporting as (
    select station.code, station.period_s, max(latest.received_at) as heard, max(latest.time) as newest
    from station join series on series.station = station.code
    join latest on latest.series = series.id
    where not station.out_of_service and series.exercise is not distinct from %(exercise)s
    group by station.code
)
select (select max(newest) from reporting) as newest_time,
       (select max(heard) from reporting) as newest_received,
       (select count(*) from reporting where heard > now() - 3 * period_s * interval '1 second')
           as stations_reporting,
       (select count(*) from station where not out_of_service
          and (exists (select 1 from series where series.station = station.code
                         and series.exercise is not distinct from %(exercise)s)
               or %(exercise)s::text is null
                  and not exists (select 1 from series where series.station = station.code))) as stations_total,
       (select coalesce(jsonb_object_agg(kind, counts), '{}') from (
            select kind, jsonb_build_object('total', count(*),
                                            'online', count(*) filter (where online)) as counts
            from device left join device_state on device_state.device = device.code
                and device_state.exercise is not distinct from %(exercise)s
            where active group by kind) by_kind) as devices,
       (select jsonb_build_object('total', count(*), 'online', count(*) filter (where camera_online(
               camera_state.online, since, settled, received_at, keepalive_s, settle_s, now())))
        from camera left join camera_state on camera_state.camera = camera.code
            and camera_state.exercise is not distinct from %(exercise)s) as cameras,
       (select coalesce(jsonb_object_agg(role, beats), '{}') from (
            select role, jsonb_agg(jsonb_build_object('instance', instance, 'at', at,
                'age_s', round(extract(epoch from now() - at)), 'detail', detail) order by at desc) as beats
            from heartbeat where at > now() - interval '1 day' group by role) by_role) as roles,
       (select count(*) from quarantine where resolved_at is null and closed_at is null
          and exercise is not distinct from %(exercise)s
          and received_at > now() - interval '1 day') as quarantined
"""


def areas_within(connection: Connection[Any], area: str) -> frozenset[str]:
    """The area and all below it."""
    return frozenset(
        row[0]
        for row in connection.execute(
            "with recursive down(code) as (select code from area where code = %s"
            " union select area.code from area join down on area.parent = down.code) select code from down",
            (area,),
        )
    )


def orders(
    connection: Connection[Any], exercise: str | None, keys: set[str] | None, watched: set[int]
) -> Entries:
    """Orders that are drafted, running or just over, and those that somebody looks at whatever they are."""
    values = {
        "exercise": exercise,
        "keys": _numbers(keys),
        "watched": list(watched),
        "shown": ENDED_SHOWN,
    }
    return _entries(connection, _ORDERS, values, "id")


def deliveries(connection: Connection[Any], order: int) -> Entries:
    """Every recipient of an order on every channel, by delivery."""
    return _entries(connection, _DELIVERIES, (order,), "id")


def order_events(connection: Connection[Any], order: int) -> Entries:
    """The timeline of an order, by event."""
    return _entries(connection, _EVENTS, (order,), "id")


def health(connection: Connection[Any], exercise: str | None) -> dict[str, Any]:
    """How fresh the data is, who reports, which roles live."""
    return next(iter(_entries(connection, _HEALTH, {"exercise": exercise}, None).values()))


def _by_number(query: LiteralString, key: str) -> Reader:
    def read(connection: Connection[Any], exercise: str | None, keys: set[str] | None, zone: str) -> Entries:
        values = {"exercise": exercise, "keys": _numbers(keys), "zone": zone}
        return _entries(connection, query, values, key)

    return read


def _by_code(query: LiteralString) -> Reader:
    def read(connection: Connection[Any], exercise: str | None, keys: set[str] | None, zone: str) -> Entries:
        values = {"exercise": exercise, "keys": None if keys is None else list(keys), "zone": zone}
        return _entries(connection, query, values, "code")

    return read


_REQUESTS: LiteralString = """
select id, kind, subject, area, reason, proposed_by, proposed_at, expires_at, ends_at
from second_person_request
where state = 'open' and exercise is not distinct from %(exercise)s
  and (%(keys)s::bigint[] is null or id = any(%(keys)s))
"""

READERS: dict[str, Reader] = {
    "stations": _by_code(_STATIONS),
    "latest": _by_number(_LATEST, "series"),
    "alarms": _by_number(_ALARMS, "id"),
    "devices": _by_code(_DEVICES),
    "cameras": _by_code(_CAMERAS),
    "typhoons": _by_code(_TYPHOONS),
    "warnings": live_warnings,
    "images": live_layers,
    "response": _by_number(_RESPONSES, "id"),
    "floods": _by_number(_FLOODS, "id"),
    "exercises": _by_code(_EXERCISES),
    "requests": _by_number(_REQUESTS, "id"),
}
"""Readers by kind; `orders` has one of its own."""


def _numbers(keys: set[str] | None) -> list[int] | None:
    return None if keys is None else [int(key) for key in keys if key.isdigit()]


def _entries(connection: Connection[Any], query: LiteralString, values: Any, key: str | None) -> Entries:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(query, values).fetchall()
    return {
        str(row[key]) if key else "": {name: _plain(value) for name, value in row.items()} for row in found
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
