-- Marks whose work failed by itself: they stand here with the reason, so that the work behind them goes on, and
-- come back into the queue later (a newer version may have mended the fault).
create table mark_aside (
    id        bigint generated always as identity primary key,
    consumer  text not null,
    series    integer not null,
    from_time timestamptz not null,
    to_time   timestamptz not null,
    reason    text not null,
    at        timestamptz not null default now()
);
create index on mark_aside (consumer, at);
