-- Serious suppressions that one person alone may not do: proposed by one, decided by another.

create table second_person_request (
    id           bigint generated always as identity primary key,
    kind         text not null check (kind in ('raise_limit', 'shelve_red', 'out_of_service', 'silence_red')),
    subject      text not null,
    area         text references area,
    exercise     text references exercise,
    detail       jsonb not null default '{}',
    silences     jsonb not null,
    content_hash text not null,
    reason       text not null check (reason <> ''),
    state        text not null default 'open' check (state in ('open', 'approved', 'refused', 'expired')),
    proposed_at  timestamptz not null,
    proposed_by  text not null,
    expires_at   timestamptz not null check (expires_at > proposed_at),
    ends_at      timestamptz,
    decided_at   timestamptz,
    decided_by   text,
    note         text not null default '',
    notice       bigint references orders,
    check (ends_at is null or ends_at <= proposed_at + interval '12 hours'),
    check ((kind = 'raise_limit') = (ends_at is null)),
    check (decided_by is distinct from proposed_by or state <> 'approved')
);
create unique index second_person_request_open on second_person_request (kind, subject) where state = 'open';
create index on second_person_request (proposed_at desc);
comment on table second_person_request is
    'who asked for a suppression, what exactly it silences, who else allowed or refused it';

create trigger announce after insert or update on second_person_request
    for each row execute function announce_change('request', 'id');
