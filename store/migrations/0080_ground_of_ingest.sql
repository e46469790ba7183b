-- What receipt, roll-ups and the data-health page share.

-- Each message as it came, for some days: whoever doubts a value sees what the station really said. A message
-- that speaks of several stations has a row for each of them; one that nobody could be found for has none.
create table raw_message (
    received_at timestamptz not null,
    station     text,
    exercise    text,
    topic       text not null,
    format      text,
    payload     bytea not null,
    readings    integer not null,
    faults      integer not null
);
select create_hypertable('raw_message', by_range('received_at', interval '1 day'), create_default_indexes => false);
create index on raw_message (station, received_at desc);
comment on column raw_message.topic is 'MQTT topic, or tcp:PROTOCOL:ADDRESS where it came over a connection';

-- How far the clock of a station is ahead of the centre's (negative: behind), where its protocol tells.
create table station_clock (
    station     text not null references station on update cascade,
    exercise    text references exercise,
    error_s     double precision not null,
    measured_at timestamptz not null,
    unique nulls not distinct (station, exercise)
);

-- Hours and days of each series, recomputed from marks (consumer 'rollup'). Instantaneous values belong to
-- [bucket, bucket + width), totals, which end at their time, to (bucket, bucket + width]. `mean` and the extremes
-- are of usable values (quality 1, 2); `total` is their sum, for totals only. A day is the hydrological day of
-- 08:00 to 08:00 Beijing time, which is the UTC day.
create table rollup_hour (
    series   integer not null references series,
    bucket   timestamptz not null,
    readings integer not null,
    usable   integer not null,
    suspect  integer not null,
    bad      integer not null,
    missing  integer not null,
    late     integer not null,
    revised  integer not null,
    low      double precision,
    low_at   timestamptz,
    high     double precision,
    high_at  timestamptz,
    mean     double precision,
    total    double precision,
    primary key (series, bucket)
);
create table rollup_day (like rollup_hour including all);
alter table rollup_day add foreign key (series) references series;
comment on column rollup_hour.late is 'readings that came later than max(3 periods, 30 min) after their time';
comment on column rollup_hour.revised is 'readings of which another value for the same time is kept';
