-- What a series is expected to read (not what raises alarms: that is threshold), and who said so.
-- A limit that is replaced stays as history.
create table judgement_limit (
    id          integer generated always as identity primary key,
    station     text not null references station on update cascade,
    property    text not null,
    sensor      smallint check (sensor > 0),
    name        text not null check (name in
                ('low', 'high', 'soft_low', 'soft_high', 'sensor_top', 'rise_per_h', 'fall_per_h', 'step',
                 'spike', 'stuck_s', 'zero_s', 'neighbour_difference')),
    month       smallint check (month between 1 and 12),
    value       double precision,
    neighbour   text,
    source      text not null,
    version     integer not null default 1,
    set_at      timestamptz not null default now(),
    set_by      text not null,
    replaced_at timestamptz,
    check (month is null or name in ('soft_low', 'soft_high')),
    check (neighbour is null or name = 'neighbour_difference')
);
create unique index judgement_limit_standing on judgement_limit (station, property, sensor, name, month)
    nulls not distinct where replaced_at is null;
comment on column judgement_limit.value is 'null switches the test off';
comment on column judgement_limit.sensor is 'null is every sensor of the station';
comment on column judgement_limit.neighbour is 'STATION or STATION:SENSOR; null is the other sensor of the station';
