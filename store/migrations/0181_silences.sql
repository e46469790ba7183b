-- Silences: people are not called for what they match, for a while; the list shows everything as before.

create table silence (
    id         bigint generated always as identity primary key,
    exercise   text references exercise,
    hazard     text check (hazard in ('water', 'rain', 'tide', 'weather', 'report', 'equipment')),
    rule       text,
    area       text references area,
    station    text references station (code) on update cascade,
    most       text check (most in ('red', 'orange', 'yellow', 'blue')),
    starts_at  timestamptz not null,
    ends_at    timestamptz not null check (ends_at > starts_at and ends_at <= starts_at + interval '12 hours'),
    reason     text not null check (reason <> ''),
    author     text not null,
    second     text,
    made_at    timestamptz not null,
    ended_at   timestamptz,
    ended_by   text,
    check (num_nonnulls(hazard, rule, area, station) > 0)
);
create index on silence (ends_at) where ended_at is null;
comment on column silence.area is 'of the alarms, with everything below it';
comment on column silence.most is 'the worst that it mutes, as people are called for it; null: whatever it is';
comment on column silence.second is 'who allowed it, where it may mute red';

create function colour_rank(colour text) returns integer language sql immutable as $$
    select coalesce(array_position(array['blue', 'yellow', 'orange', 'red'], colour), 0)
$$;

-- Whether an alarm is muted by matchers; one without an area belongs to the county as a whole.
create function is_matched(alarm alarm, exercise text, hazard text, rule text, area text, station text, most text)
returns boolean language sql stable as $$
    select alarm.exercise is not distinct from is_matched.exercise
        and (is_matched.hazard is null or alarm.class = is_matched.hazard)
        and (is_matched.rule is null or alarm.rule = is_matched.rule)
        and (is_matched.station is null or alarm.station = is_matched.station)
        and (is_matched.most is null
             or colour_rank(coalesce(alarm.severity, alarm.priority)) <= colour_rank(is_matched.most))
        and (is_matched.area is null
             or case when alarm.area is null
                     then exists (select from area where code = is_matched.area and parent is null)
                     else area_within(alarm.area, is_matched.area) end)
$$;

-- The silence that mutes an alarm longest at a moment.
create function silence_of(alarm alarm, moment timestamptz) returns bigint language sql stable as $$
    select silence.id from silence
    where silence.ended_at is null and silence.starts_at <= moment and silence.ends_at > moment
      and is_matched(alarm, silence.exercise, silence.hazard, silence.rule, silence.area, silence.station,
                     silence.most)
    order by silence.ends_at desc, silence.id limit 1
$$;

create trigger announce after insert or update or delete on silence
    for each row execute function announce_change('silence', 'id');
