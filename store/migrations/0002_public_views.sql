-- Read-only views for others (design.md, contract). Kept stable: columns are only added.

create schema public_v1;

create view public_v1.observation as
select series.station, series.property, series.sensor, series.period_s, series.exercise,
       observation.time, observation.value, observation.quality, observation.reason, observation.received_at
from observation join series on series.id = observation.series;

create view public_v1.latest as
select series.station, series.property, series.sensor, series.period_s, series.exercise,
       latest.time, latest.value, latest.quality, latest.reason, latest.received_at
from latest join series on series.id = latest.series;

create view public_v1.alarm as
select id, class, subject_kind, subject, station, property, rule, rule_version, exercise, severity, state,
       raised_at, returned_at, acknowledged_at, acknowledged_by, value, threshold
from alarm;

create view public_v1.alarm_event as
select alarm, at, kind, severity, value, threshold, observed_at, received_at, actor
from alarm_event;

create view public_v1.delivery as
select id, order_id, exercise, recipient, channel, state, attempts, submitted_at, delivered_at,
       answered_at, acted_at
from delivery;
