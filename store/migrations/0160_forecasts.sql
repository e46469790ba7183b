-- Where a level will stand within three hours: what each source said, what the sources need, how good they were.

-- Every point of every forecast, as it was said. `issued` is the time of the newest reading on which it rests (the
-- first point, valid = issued, is that reading); valid never lies more than three hours behind it.
create table forecast (
    series integer not null,
    issued timestamptz not null,
    valid  timestamptz not null,
    value  double precision not null,
    low    double precision not null,
    high   double precision not null,
    source text not null check (source in ('tide', 'upstream', 'trend', 'trend_unverified')),
    primary key (series, issued, source, valid),
    check (low <= value and value <= high),
    check (valid >= issued and valid <= issued + interval '3 hours')
);
select create_hypertable('forecast', by_range('issued', interval '1 day'), create_default_indexes => false);

-- The newest issues of each source, newest first, at most three: screens and rules never search the hypertable.
create table forecast_issue (
    series integer not null references series,
    source text not null,
    issues timestamptz[] not null check (cardinality(issues) between 1 and 3),
    primary key (series, source)
);

-- How good: sums over the forecasts that were valid on a UTC day and could be compared with a reading.
create table forecast_skill (
    series        integer not null references series,
    day           date not null,
    source        text not null,
    lead_s        integer not null,
    count         integer not null check (count > 0),
    sum_error     double precision not null,
    sum_absolute  double precision not null,
    sum_square    double precision not null,
    within        integer not null,
    sum_unchanged double precision not null,
    primary key (series, day, source, lead_s)
);
create index on forecast_skill (day);
comment on column forecast_skill.sum_error is 'forecast less reading, m: above 0 it said too much';
comment on column forecast_skill.sum_unchanged is 'absolute errors of the word that the level stays as it was at issue';

-- Days of a series whose scores are to be computed anew; append-only, as `mark`.
create table forecast_skill_mark (
    id     bigint generated always as identity primary key,
    series integer not null,
    day    date not null,
    at     timestamptz not null
);
create index on forecast_skill_mark (at);
create index on forecast_skill_mark (series, day);

-- How long a flood travels between two stations (SL 323 ST_FSDR_B), for flows from `flow` on (QMGN) or all (null).
create table travel_time (
    id          bigint generated always as identity primary key,
    upstream    text not null references station on update cascade,
    downstream  text not null references station on update cascade,
    flow        double precision check (flow >= 0),
    length_km   double precision check (length_km > 0),
    least_h     double precision not null check (least_h > 0),
    usual_h     double precision not null,
    longest_h   double precision not null,
    source      text not null,
    set_at      timestamptz not null default now(),
    set_by      text not null,
    replaced_at timestamptz,
    check (upstream <> downstream),
    check (least_h <= usual_h and usual_h <= longest_h)
);
create unique index travel_time_current on travel_time (upstream, downstream, flow)
    nulls not distinct where replaced_at is null;

-- What history taught about two series and a travel time; no slope: too little to say anything.
create table level_relation (
    upstream    integer not null references series,
    downstream  integer not null references series,
    usual_s     double precision not null,
    fitted_at   timestamptz not null,
    slope       double precision,
    errors_m    double precision[] not null,
    pairs       integer not null,
    correlation double precision not null,
    primary key (upstream, downstream, usual_s)
);
comment on column level_relation.fitted_at is 'observation time up to which history was looked through';
comment on column level_relation.errors_m is 'what four of five errors were, for leads of a quarter, a half … hour';

create view public_v1.forecast as
select series.station, series.property, series.sensor, series.exercise,
       forecast.issued, forecast.valid, forecast.value, forecast.low, forecast.high, forecast.source
from forecast join series on series.id = forecast.series;
