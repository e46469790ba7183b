-- What roll-ups and retention know of themselves.

-- Series whose history has been marked for roll-ups: those of before there were any, and each new one.
create table rollup_begun (
    series integer primary key references series,
    at     timestamptz not null default now()
);

-- Until when (exclusive) raw readings of a series have been let go; a whole UTC day. Roll-ups of before are
-- the only memory: a mark replaces one only by as many readings or more, never by the emptiness left behind.
create table raw_removed (
    series integer primary key references series,
    before timestamptz not null
);

-- One nightly (or ordered) round of retention; `removed` counts rows by class.
create table retention_run (
    id         bigint generated always as identity primary key,
    day        date not null,
    started_at timestamptz not null,
    ended_at   timestamptz,
    removed    jsonb not null default '{}'
);
create index on retention_run (day);

-- The running hour of every series is written again every few seconds: room on its page for it.
alter table rollup_hour set (fillfactor = 80);
alter table rollup_day set (fillfactor = 80);
