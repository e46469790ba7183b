-- What an outage leaves behind is drained beside the new: sessions that ingest holds at the broker, and marks of
-- fresh readings before those of the backlog.

-- A session of an instance under its number. `closed_at` null: it is subscribed and brings what is new. Set: what
-- came until then waits in it and is being drained; the row goes when the broker has ended the session. Number 0 is
-- the session of installations before there were numbers.
create table ingest_session (
    instance  text not null,
    number    integer not null check (number >= 0),
    broker    text not null,
    filter    text not null,
    opened_at timestamptz not null default now(),
    seen_at   timestamptz not null default now(),
    closed_at timestamptz,
    primary key (instance, number)
);
comment on column ingest_session.broker is 'fingerprint of address and login: a session is reached only with both';
comment on column ingest_session.seen_at is 'last sign of life of who holds it; what an outage held back began here';

-- Consumers take marks of fresh readings first: an alarm must not wait for the backlog of an outage.
alter table mark add column fresh boolean not null default true;
drop index mark_consumer_id_idx;
create index on mark (consumer, fresh desc, id);
