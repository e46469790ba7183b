-- What is computed from observations: trends, rain of areas, rain events; and the curves and tidal constants that
-- it is computed with. Derived series themselves are ordinary series whose observations have the source 'derived'.

-- 涨 5, 平 6, 落 4 (SL 323 RWPTN/WPTN) of each level series at its newest reading.
create table trend (
    series    integer primary key references series,
    time      timestamptz not null,
    code      smallint not null check (code in (4, 5, 6)),
    rate      double precision not null,
    window_s  integer not null,
    points    integer not null,
    quality   smallint not null check (quality in (1, 3)),
    reason    text not null default ''
);
comment on column trend.rate is 'metres an hour, rising is positive; fitted over the window_s before time';
comment on column trend.quality is '3 where the fit rests on suspect values: it may be wrong, and hides no rise';

-- Mean rain of a town, the county or a river's gauges over the `window_s` that end at `time`, every ten minutes.
create table area_rain (
    kind       text not null check (kind in ('county', 'town', 'river')),
    place      text not null,
    exercise   text references exercise,
    window_s   integer not null,
    time       timestamptz not null,
    mean       double precision not null,
    highest    double precision not null,
    highest_at text not null references station on update cascade,
    reporting  integer not null,
    stations   integer not null,
    coverage   double precision not null,
    unique nulls not distinct (kind, place, exercise, window_s, time)
);
select create_hypertable('area_rain', by_range('time', interval '30 days'), create_default_indexes => false);
comment on column area_rain.place is 'code of the area, or name of the river';
comment on column area_rain.coverage is 'share of all gauges'' windows that was reported; below 1 the mean is of a part';

-- Areas whose rain is to be computed anew; a queue as `mark` is one.
create table area_rain_mark (
    id        bigint generated always as identity primary key,
    kind      text not null,
    place     text not null,
    exercise  text references exercise,
    from_time timestamptz not null,
    to_time   timestamptz not null
);

-- Rain between two dry spells at one gauge.
create table rain_event (
    station   text not null references station on update cascade,
    exercise  text references exercise,
    starts    timestamptz not null,
    ends      timestamptz not null,
    total     double precision not null,
    peak_1h   double precision not null,
    peak_at   timestamptz not null,
    suspect   double precision not null,
    coverage  double precision not null,
    unique nulls not distinct (station, exercise, starts)
);
create index on rain_event (ends);
comment on column rain_event.total is 'millimetres of usable readings; `suspect` more where those hold that nobody has verified';

-- Stage-storage and stage-discharge curves; a new version is in force from `valid_from`.
create table curve (
    id          bigint generated always as identity primary key,
    station     text not null references station on update cascade,
    kind        text not null check (kind in ('storage', 'flow')),
    version     integer not null,
    valid_from  timestamptz not null,
    datum       text,
    levels      double precision[] not null,
    amounts     double precision[] not null check (cardinality(amounts) = cardinality(levels)),
    source      text not null,
    set_at      timestamptz not null default now(),
    set_by      text not null,
    replaced_at timestamptz
);
create unique index curve_current on curve (station, kind, valid_from) where replaced_at is null;
comment on column curve.amounts is 'storage in 10⁶ m³ or flow in m³/s at each level';

-- Harmonic constants of tide stations.
create table tidal_constant (
    id          bigint generated always as identity primary key,
    station     text not null references station on update cascade,
    constituent text not null,
    amplitude_m double precision not null,
    lag_deg     double precision not null,
    datum       text,
    source      text not null,
    set_at      timestamptz not null default now(),
    set_by      text not null,
    replaced_at timestamptz
);
create unique index tidal_constant_current on tidal_constant (station, constituent) where replaced_at is null;
comment on column tidal_constant.lag_deg is 'Greenwich phase lag G; Z0 is the mean level above the datum';
