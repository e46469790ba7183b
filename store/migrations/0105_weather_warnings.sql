-- Official warnings (预警) as they came. A message is never changed: what is in force follows from all of them
-- together (core/warning_chains.py), so the order in which they came does not matter.

create table weather_warning (
    id           bigint generated always as identity primary key,
    exercise     text references exercise,
    sender       text not null,
    identifier   text not null,
    sent         timestamptz not null,
    status       text not null,
    message_type text not null check (message_type in ('Alert', 'Update', 'Cancel', 'Ack', 'Error')),
    scope        text not null,
    profile      text not null,
    note         text not null,
    incidents    text not null,
    signed       boolean not null,
    trusted      boolean not null,
    ends         timestamptz not null,
    topic        text not null,
    received_at  timestamptz not null,
    payload      bytea not null,
    unique nulls not distinct (exercise, sender, identifier, sent),
    -- The real world shows nothing that is not meant in earnest; what is no exercise is meant in earnest.
    check (exercise is not null or status = 'Actual'),
    check (status in ('Actual', 'Exercise'))
);
create index on weather_warning (exercise, ends desc);
create index on weather_warning (exercise, sender, identifier);
comment on column weather_warning.trusted is 'its sender was on the list of trusted senders; a signature is never verified';
comment on column weather_warning.ends is 'when it is over by itself';

create table weather_warning_reference (
    warning    bigint not null references weather_warning on delete cascade,
    number     integer not null,
    identifier text not null,
    sender     text,
    sent       timestamptz,
    primary key (warning, number)
);

-- What is warned of, once in each language.
create table weather_warning_info (
    warning        bigint not null references weather_warning on delete cascade,
    number         integer not null,
    language       text not null,
    event          text not null,
    colour         text check (colour in ('red', 'orange', 'yellow', 'blue')),
    category       text[] not null,
    response_types text[] not null,
    urgency        text not null,
    severity       text not null,
    certainty      text not null,
    effective      timestamptz,
    onset          timestamptz,
    expires        timestamptz,
    sender_name    text not null,
    headline       text not null,
    description    text not null,
    instruction    text not null,
    web            text not null,
    contact        text not null,
    event_codes    jsonb not null,
    parameters     jsonb not null,
    areas          jsonb not null,
    primary key (warning, number)
);
comment on column weather_warning_info.areas is '[{"description", "polygons": [[[lat, lon], …]], "circles": [[lat, lon, km]], "geocodes": [[name, value]]}]';

create trigger announce after insert or update or delete on weather_warning
    for each row execute function announce_change('warning', 'id');
