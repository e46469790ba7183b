-- Shifts from which turns of duty are made, and the hand-over from one turn to the next (交接班).

create table shift (
    code      text primary key check (code ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'),
    name      text not null,
    area      text not null references area,
    position  text not null check (position in ('duty', 'leader')),
    starts    time not null,
    ends      time not null,
    days      smallint[] not null check (days <@ array[1, 2, 3, 4, 5, 6, 7]::smallint[] and cardinality(days) > 0),
    first_day date not null,
    rota      text[] not null check (cardinality(rota) > 0),
    active    boolean not null default true,
    set_by    text not null,
    set_at    timestamptz not null default now()
);
comment on column shift.ends is 'local time; not later than starts: on the next day';
comment on column shift.days is 'days of the week on which it starts, 1 is Monday';
comment on column shift.rota is 'who has it, one entry a turn from first_day on and then from the beginning; P1+P2 are there together (A/B 角)';

alter table roster
    add column shift   text references shift,
    add column made_by text not null default '',
    add column made_at timestamptz not null default now();
create index on roster (ends);
create index on roster (person, ends);

-- Signed by who leaves, confirmed by who comes, who has proved that the alarm is heard at the desk.
create table handover (
    id              bigint generated always as identity primary key,
    area            text not null references area,
    note            text not null,
    brief           jsonb not null,
    outgoing        text not null,
    outgoing_person text references person,
    signed_at       timestamptz not null,
    incoming        text,
    incoming_person text references person,
    confirmed_at    timestamptz,
    remark          text not null default '',
    withdrawn_at    timestamptz,
    check (incoming is distinct from outgoing),
    check ((incoming is null) = (confirmed_at is null)),
    check (confirmed_at is null or withdrawn_at is null)
);
create unique index handover_open on handover (area) where confirmed_at is null and withdrawn_at is null;
create index on handover (area, confirmed_at);

-- Test sounds: two groups of beeps that only who hears them can name.
create table handover_sound (
    id          bigint generated always as identity primary key,
    handover    bigint not null references handover,
    asked_by    text not null,
    asked_at    timestamptz not null,
    beeps       smallint[] not null,
    fetched_at  timestamptz,
    heard       smallint[],
    answered_at timestamptz,
    address     text not null default ''
);
create index on handover_sound (handover, id);
