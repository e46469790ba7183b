-- Hours of which a series has nothing though it has before: asked for again (SL 651, 38H), and how that ended.
-- `begins` and `ends` are whole hours; values of (begins, ends] are missing.
create table station_gap (
    id         bigint generated always as identity primary key,
    series     integer not null references series on delete cascade,
    begins     timestamptz not null,
    ends       timestamptz not null check (ends > begins),
    state      text not null default 'open' check (state in ('open', 'asked', 'filled', 'given_up')),
    attempts   smallint not null default 0,
    found_at   timestamptz not null,
    asked_at   timestamptz,
    settled_at timestamptz,
    unique (series, begins)
);
create index on station_gap (state) where state in ('open', 'asked');
