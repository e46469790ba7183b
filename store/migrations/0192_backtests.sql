-- Back-tests: what would these limits have done over stored data? Asked by a page, done by a worker of its own.
create table backtest (
    id          bigint generated always as identity primary key,
    spec        jsonb not null,
    area        text references area,
    asked_by    text not null,
    asked_at    timestamptz not null,
    state       text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
    progress    double precision not null default 0 check (progress between 0 and 1),
    readings    bigint not null default 0,
    lease_until timestamptz,
    ended_at    timestamptz,
    result      jsonb,
    fault       text
);
create index on backtest (state, id) where state in ('waiting', 'running');
create index on backtest (asked_at);
