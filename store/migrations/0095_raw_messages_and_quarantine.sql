-- Raw messages can be pointed at one by one, and the quarantine is worked on from the pages.

create sequence raw_message_id cache 100;
alter table raw_message add column id bigint not null default nextval('raw_message_id');
alter table raw_message add column size integer not null default 0;
comment on column raw_message.size is 'length as it came; `payload` holds its head where it was long, nothing of a picture';

-- The station, camera or gateway that the topic names: it says to whose area the message belongs.
alter table quarantine add column code text;
update quarantine set code = substring(topic from
    '^anlan/(?:drill/[^/]+/)?(?:obs|senml|tts|chirpstack|thingsboard|camera)/([A-Za-z0-9_.-]{1,64})(?:/(?:status|snapshot))?$');

alter table quarantine add column closed_at timestamptz;
alter table quarantine add column closed_by text;
alter table quarantine add column closed_reason text;
alter table quarantine add constraint quarantine_closed_whole
    check ((closed_at is null) = (closed_by is null) and (closed_at is null) = (closed_reason is null));
comment on column quarantine.closed_at is 'a person gave it up without storing it, and said why; the payload stays';
create index quarantine_open on quarantine (topic, reason, id) where resolved_at is null and closed_at is null;

-- Somebody at a page wants entries read again. The web process may not read telemetry, so it writes a row,
-- and the role that may takes it up.
create table quarantine_request (
    id         bigint generated always as identity primary key,
    wanted     jsonb not null,
    asked_by   text not null,
    asked_at   timestamptz not null default now(),
    upto       bigint not null,
    reached    bigint not null default 0,
    total      integer not null,
    resolved   integer not null default 0,
    remaining  integer not null default 0,
    readings   integer not null default 0,
    done_at    timestamptz,
    fault      text
);
create index quarantine_request_open on quarantine_request (id) where done_at is null;
comment on column quarantine_request.upto is 'the newest entry that existed when it was asked for';
comment on column quarantine_request.reached is 'entries up to this number have been tried';
