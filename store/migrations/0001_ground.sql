-- The ground of the house: reference data, observations, alarms, orders, people, audit.
-- Works on the Apache-2 edition of TimescaleDB. `exercise` null is real; drill rows never share a row
-- with real ones.

create extension if not exists timescaledb;

-- Which installation this is: one row. `demo` databases hold invented data only and say so everywhere.
create table installation (
    only_row   boolean primary key default true check (only_row),
    purpose    text not null default 'operational' check (purpose in ('operational', 'demo')),
    name       text not null default '防汛防台抗旱指挥部',
    name_en    text not null default 'Flood Control Headquarters',
    lon        double precision,
    lat        double precision,
    changed_at timestamptz not null default now()
);
insert into installation default values;

create table exercise (
    code       text primary key check (code ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'),
    name       text not null,
    scenario   text,
    started_at timestamptz not null default now(),
    ended_at   timestamptz,
    started_by text not null
);

-- Areas and what stands in them -------------------------------------------------------------------

create table area (
    code           text primary key,
    name           text not null,
    name_en        text not null,
    kind           text not null check (kind in ('county', 'town', 'village', 'hamlet')),
    parent         text references area,
    population     integer check (population >= 0),
    people_at_risk integer check (people_at_risk >= 0),
    lon            double precision,
    lat            double precision,
    outline        jsonb,
    origin         text
);
create index on area (parent);

-- True if `inner_area` is `outer_area` or lies below it.
create function area_within(inner_area text, outer_area text) returns boolean
language sql stable as $$
    with recursive up(code, parent) as (
        select code, parent from area where code = inner_area
        union
        select area.code, area.parent from area join up on area.code = up.parent
    )
    select exists (select 1 from up where code = outer_area)
$$;

create table shelter (
    code     text primary key,
    name     text not null,
    name_en  text not null,
    area     text not null references area,
    capacity integer not null check (capacity > 0),
    lon      double precision,
    lat      double precision,
    origin   text
);

create table person (
    code        text primary key,
    name        text not null,
    phone       text not null,
    drill_phone text,
    area        text not null references area,
    post        text not null,
    superior    text references person deferrable initially deferred,
    active      boolean not null default true,
    origin      text
);
create index on person (area);
create index on person (phone);
create index on person (drill_phone);

create table responsibility (
    person text not null references person,
    area   text not null references area,
    post   text not null,
    turn   text not null default 'A' check (turn in ('A', 'B')),
    primary key (person, area, post)
);

create table roster (
    id       bigint generated always as identity primary key,
    area     text not null references area,
    person   text not null references person,
    position text not null check (position in ('duty', 'leader')),
    starts   timestamptz not null,
    ends     timestamptz not null check (ends > starts)
);
create index on roster (area, starts, ends);

-- Stations, series, observations ------------------------------------------------------------------

create table station (
    code           text primary key check (code ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'),
    name           text not null,
    name_en        text not null,
    kind           text not null check (kind in ('PP', 'ZZ', 'ZQ', 'RR', 'DD', 'TT', 'DP', 'MM')),
    area           text references area,
    river          text,
    lon            double precision not null,
    lat            double precision not null,
    datum          text,
    period_s       integer not null default 300 check (period_s > 0),
    out_of_service boolean not null default false,
    origin         text
);
comment on column station.datum is 'reference of its levels (基面); thresholds of another datum are refused';

create table series (
    id       integer generated always as identity primary key,
    station  text not null references station on update cascade,
    property text not null,
    sensor   smallint not null default 1,
    period_s integer not null default 0 check (period_s >= 0),
    exercise text references exercise,
    unique nulls not distinct (station, property, sensor, period_s, exercise)
);

-- One row per series and time: the value that holds now. Series rows are never deleted, so the
-- hypertable carries no foreign key (it would cost a look-up per reading).
create table observation (
    series      integer not null,
    time        timestamptz not null,
    value       double precision,
    quality     smallint not null check (quality in (1, 2, 3, 4, 9)),
    reason      text not null default '',
    received_at timestamptz not null,
    source      text not null,
    by_user     text,
    primary key (series, time)
);
select create_hypertable('observation', by_range('time', interval '7 days'), create_default_indexes => false);

-- Every other value that was received for the same series and time.
create table observation_revision (
    id          bigint generated always as identity primary key,
    series      integer not null references series,
    time        timestamptz not null,
    value       double precision,
    quality     smallint not null,
    reason      text not null,
    received_at timestamptz not null,
    source      text not null,
    by_user     text,
    replaced_at timestamptz not null default now()
);
create index on observation_revision (series, time);

-- Last received, and last usable (good or not evaluated), per series.
create table latest (
    series       integer primary key references series,
    time         timestamptz not null,
    value        double precision,
    quality      smallint not null,
    reason       text not null default '',
    received_at  timestamptz not null,
    usable_time  timestamptz,
    usable_value double precision
);

-- Append-only queue of what changed. A consumer deletes exactly the rows that it saw before it
-- re-read the data, in the transaction that writes its result. Never upserted, never a high-water mark.
create table mark (
    id        bigint generated always as identity primary key,
    consumer  text not null,
    series    integer not null,
    from_time timestamptz not null,
    to_time   timestamptz not null,
    at        timestamptz not null default now()
);
create index on mark (consumer, id);

-- What could not be read, whole, with the reason.
create table quarantine (
    id          bigint generated always as identity primary key,
    received_at timestamptz not null default now(),
    topic       text not null,
    exercise    text,
    format      text,
    payload     bytea not null,
    reason      text not null,
    detail      text not null default '',
    retried_at  timestamptz,
    resolved_at timestamptz
);
create index on quarantine (received_at);
create index on quarantine (reason) where resolved_at is null;

-- Thresholds and rules ----------------------------------------------------------------------------

create table threshold (
    id          bigint generated always as identity primary key,
    station     text not null references station on update cascade,
    property    text not null,
    name        text not null,
    severity    text not null check (severity in ('red', 'orange', 'yellow', 'blue')),
    value       double precision not null,
    deadband    double precision not null default 0.05 check (deadband >= 0),
    datum       text,
    season_from text check (season_from ~ '^(0[1-9]|1[0-2])([0-2][0-9]|3[01])$'),
    season_to   text check (season_to ~ '^(0[1-9]|1[0-2])([0-2][0-9]|3[01])$'),
    source      text not null,
    version     integer not null default 1,
    set_at      timestamptz not null default now(),
    set_by      text not null,
    replaced_at timestamptz,
    check ((season_from is null) = (season_to is null))
);
create unique index threshold_current on threshold (station, property, name, season_from)
    nulls not distinct where replaced_at is null;

create table rule (
    code        text not null,
    version     integer not null default 1,
    class       text not null check (class in ('water', 'rain', 'tide', 'weather', 'report', 'equipment')),
    property    text not null,
    kinds       text[] not null,
    on_delay_s  integer not null default 0,
    off_delay_s integer not null default 0,
    card        jsonb not null default '{}',
    source      text not null,
    active      boolean not null default true,
    primary key (code, version)
);
comment on table rule is 'one hazard on one subject: a level rule covers all thresholds of `property` at stations of `kinds`';

-- Alarms ------------------------------------------------------------------------------------------

create table alarm (
    id               bigint generated always as identity primary key,
    class            text not null,
    subject_kind     text not null check (subject_kind in
                     ('station', 'town', 'hamlet', 'typhoon', 'camera', 'device', 'link')),
    subject          text not null,
    station          text references station on update cascade,
    property         text,
    area             text references area,
    rule             text not null,
    rule_version     integer not null,
    exercise         text references exercise,
    severity         text check (severity in ('red', 'orange', 'yellow', 'blue')),
    highest_severity text check (highest_severity in ('red', 'orange', 'yellow', 'blue')),
    state            text not null check (state in
                     ('normal', 'unacknowledged', 'acknowledged', 'returned_unacknowledged', 'latched',
                      'shelved', 'suppressed', 'out_of_service')),
    raised_at        timestamptz not null,
    observed_at      timestamptz,
    returned_at      timestamptz,
    acknowledged_at  timestamptz,
    acknowledged_by  text,
    closed_at        timestamptz,
    value            double precision,
    threshold        double precision,
    threshold_name   text,
    shelved_until    timestamptz,
    shelved_reason   text
);
create unique index alarm_open on alarm (exercise, subject_kind, subject, rule)
    nulls not distinct where closed_at is null;
create index on alarm (raised_at);

create table alarm_event (
    id          bigint generated always as identity primary key,
    alarm       bigint not null references alarm,
    at          timestamptz not null,
    kind        text not null,
    state       text not null,
    severity    text,
    value       double precision,
    threshold   double precision,
    observed_at timestamptz,
    received_at timestamptz,
    actor       text not null,
    late        boolean not null default false,
    detail      jsonb not null default '{}'
);
create index on alarm_event (alarm, id);

-- Devices and cameras -----------------------------------------------------------------------------

create table device (
    code       text primary key check (code ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'),
    kind       text not null check (kind in ('led', 'loudspeaker')),
    name       text not null,
    name_en    text not null,
    area       text not null references area,
    lon        double precision not null,
    lat        double precision not null,
    columns    integer not null default 0,
    rows       integer not null default 0,
    public_key text,
    active     boolean not null default true,
    origin     text
);

-- What each device last said of itself; `link` comes from its retained status and last will.
create table device_state (
    device      text not null references device,
    exercise    text references exercise,
    online      boolean not null,
    state       text,
    time        timestamptz,
    received_at timestamptz not null,
    verified    boolean not null default false,
    detail      jsonb not null default '{}',
    unique nulls not distinct (device, exercise)
);

-- The command sequence of each device only rises, whoever sends.
create table device_sequence (
    device text primary key references device,
    last   bigint not null
);

create table camera (
    code        text primary key check (code ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'),
    name        text not null,
    name_en     text not null,
    area        text not null references area,
    lon         double precision not null,
    lat         double precision not null,
    stream      text,
    keepalive_s integer not null default 60 check (keepalive_s > 0),
    origin      text
);

create table camera_state (
    camera      text not null references camera,
    exercise    text references exercise,
    online      boolean not null,
    time        timestamptz not null,
    received_at timestamptz not null,
    unique nulls not distinct (camera, exercise)
);

create table camera_snapshot (
    id          bigint generated always as identity primary key,
    camera      text not null references camera,
    exercise    text references exercise,
    received_at timestamptz not null,
    width       integer not null,
    height      integer not null,
    jpeg        bytea not null
);
create index on camera_snapshot (camera, received_at desc);

-- Weather and response ----------------------------------------------------------------------------

create table typhoon (
    code     text not null,
    exercise text references exercise,
    name     text not null,
    name_en  text not null,
    unique nulls not distinct (code, exercise)
);

create table typhoon_fix (
    typhoon      text not null,
    exercise     text references exercise,
    issued       timestamptz,
    time         timestamptz not null,
    lon          double precision not null,
    lat          double precision not null,
    pressure_hpa double precision,
    wind_ms      double precision,
    radius7_km   double precision,
    radius10_km  double precision,
    radius12_km  double precision,
    move_dir_deg double precision,
    move_kmh     double precision,
    source       text not null,
    received_at  timestamptz not null default now(),
    unique nulls not distinct (typhoon, exercise, issued, time)
);
comment on column typhoon_fix.issued is 'null for an analysed position, else when the forecast was issued';

-- 应急响应: started, raised, lowered and ended by a person, never by the software.
create table response (
    id         bigint generated always as identity primary key,
    exercise   text references exercise,
    hazard     text not null,
    level      smallint not null check (level between 1 and 4),
    started_at timestamptz not null default now(),
    started_by text not null,
    reason     text not null default '',
    ended_at   timestamptz,
    ended_by   text
);
create unique index response_current on response (exercise, hazard) nulls not distinct where ended_at is null;

-- Orders ------------------------------------------------------------------------------------------

create table orders (
    id               bigint generated always as identity primary key,
    number           text not null unique,
    kind             text not null check (kind in ('notice', 'order', 'test')),
    state            text not null check (state in
                     ('draft', 'checked', 'issued', 'ended', 'withdrawn', 'cancelled')),
    exercise         text references exercise,
    alarm            bigint references alarm,
    area             text not null references area,
    severity         text check (severity in ('red', 'orange', 'yellow', 'blue')),
    title            text not null,
    text             text not null,
    led_text         text,
    spoken_text      text,
    audio_sha256     text,
    created_at       timestamptz not null default now(),
    created_by       text not null,
    issued_at        timestamptz,
    ends_at          timestamptz not null,
    ended_at         timestamptz,
    ended_by         text,
    end_reason       text,
    content_hash     text not null,
    emergency        boolean not null default false,
    emergency_reason text,
    countersign_due  timestamptz,
    countersigned_at timestamptz
);
create index on orders (state, issued_at);
create index on orders (alarm);

create table order_approval (
    id           bigint generated always as identity primary key,
    order_id     bigint not null references orders,
    step         text not null check (step in ('check', 'issue', 'emergency', 'countersign')),
    by_user      text not null,
    role         text not null,
    at           timestamptz not null default now(),
    content_hash text not null,
    note         text not null default '',
    unique (order_id, step)
);

create table delivery (
    id             bigint generated always as identity primary key,
    order_id       bigint not null references orders,
    exercise       text references exercise,
    recipient_kind text not null check (recipient_kind in ('person', 'device')),
    recipient      text not null,
    channel        text not null check (channel in ('sms', 'led', 'loudspeaker')),
    state          text not null default 'waiting' check (state in
                   ('waiting', 'sending', 'sent', 'unknown', 'delivered', 'answered', 'acted', 'accepted',
                    'queued', 'showing', 'playing', 'done', 'preempted', 'cleared', 'expired', 'failed',
                    'rejected', 'withheld')),
    attempts       integer not null default 0,
    priority       integer not null default 0,
    due_at         timestamptz,
    submitted_at   timestamptz,
    delivered_at   timestamptz,
    answered_at    timestamptz,
    answer         text,
    acted_at       timestamptz,
    acted_people   integer,
    reason         text,
    verified       boolean not null default false,
    escalated_from bigint references delivery,
    unique (order_id, recipient_kind, recipient, channel)
);
create index on delivery (due_at, priority desc) where due_at is not null;
create index on delivery (recipient);

-- One numbered try. Committed as `sending` before the network call; after a crash it is `unknown`.
create table delivery_attempt (
    id           bigint generated always as identity primary key,
    delivery     bigint not null references delivery,
    number       integer not null,
    purpose      text not null default 'send' check (purpose in ('send', 'cancel')),
    state        text not null check (state in ('sending', 'sent', 'unknown', 'delivered', 'failed')),
    started_at   timestamptz not null,
    lease_until  timestamptz not null,
    submitted_at timestamptz,
    settled_at   timestamptz,
    reference    text not null unique,
    error        text,
    unique (delivery, number, purpose)
);

-- What gateways and devices said of an attempt, as received.
create table receipt (
    id          bigint generated always as identity primary key,
    delivery    bigint references delivery,
    attempt     bigint references delivery_attempt,
    received_at timestamptz not null default now(),
    time        timestamptz,
    source      text not null,
    state       text not null,
    verified    boolean not null default false,
    detail      jsonb not null default '{}'
);
create index on receipt (delivery);

-- Every answer that came in, matched to a delivery or not.
create table answer (
    id          bigint generated always as identity primary key,
    received_at timestamptz not null default now(),
    channel     text not null,
    sender      text not null,
    text        text not null,
    delivery    bigint references delivery,
    meaning     text not null check (meaning in ('heard', 'acted', 'cannot', 'other')),
    people      integer,
    by_user     text
);
create index on answer (delivery);

create table order_event (
    id       bigint generated always as identity primary key,
    order_id bigint not null references orders,
    at       timestamptz not null default now(),
    kind     text not null,
    actor    text not null,
    delivery bigint references delivery,
    detail   jsonb not null default '{}'
);
create index on order_event (order_id, id);

-- Users, sessions, tokens, audit ------------------------------------------------------------------

create table app_user (
    name          text primary key check (name ~ '^[^[:space:]<>&"'']{1,64}$'),
    password_hash text not null,
    role          text not null check (role in ('viewer', 'field', 'duty', 'leader', 'commander', 'administrator')),
    area          text references area,
    person        text references person,
    language      text not null default 'zh' check (language in ('zh', 'en')),
    created_at    timestamptz not null default now(),
    disabled_at   timestamptz
);
comment on column app_user.area is 'the area the role is held for; null is the whole county';

create table session (
    token_hash  bytea primary key,
    user_name   text not null references app_user on update cascade on delete cascade,
    created_at  timestamptz not null default now(),
    last_seen   timestamptz not null default now(),
    expires_at  timestamptz not null,
    address     text not null default ''
);

create table login_attempt (
    id      bigint generated always as identity primary key,
    at      timestamptz not null default now(),
    name    text not null,
    address text not null,
    success boolean not null
);
create index on login_attempt (name, at);
create index on login_attempt (address, at);

create table api_token (
    name         text primary key,
    token_hash   bytea not null unique,
    role         text not null check (role in ('viewer', 'field', 'duty', 'leader', 'commander', 'administrator')),
    area         text references area,
    created_at   timestamptz not null default now(),
    revoked_at   timestamptz,
    last_used_at timestamptz
);

create table audit (
    id       bigint primary key,
    at       timestamptz not null,
    actor    text not null,
    action   text not null,
    subject  text not null,
    detail   jsonb not null,
    previous bytea not null,
    hash     bytea not null
);

-- The text whose SHA-256 chains a line to the one before it.
create function audit_text(id bigint, at timestamptz, actor text, action text, subject text, detail jsonb)
returns text language sql immutable as $$
    select jsonb_build_array(id, extract(epoch from at)::text, actor, action, subject, detail)::text
$$;

-- Appends one line; writers queue on an advisory lock until the writing transaction ends, so the
-- chain has no gaps and no forks.
create function audit_append(actor text, action text, subject text, detail jsonb default '{}')
returns bigint language plpgsql as $$
declare
    last audit%rowtype;
    next_id bigint;
    moment timestamptz;
begin
    perform pg_advisory_xact_lock(hashtext('anlan.audit'));
    select * into last from audit order by id desc limit 1;
    next_id := coalesce(last.id, 0) + 1;
    moment := clock_timestamp();
    insert into audit values (
        next_id, moment, actor, action, subject, detail, coalesce(last.hash, '\x00'),
        sha256(coalesce(last.hash, '\x00') || convert_to(audit_text(next_id, moment, actor, action, subject, detail), 'UTF8'))
    );
    return next_id;
end
$$;

create table heartbeat (
    role     text not null,
    instance text not null,
    at       timestamptz not null,
    detail   jsonb not null default '{}',
    primary key (role, instance)
);

-- Append-only, and who is told --------------------------------------------------------------------

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;
create trigger append_only before update or delete or truncate on audit
    for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on alarm_event
    for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on order_event
    for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on order_approval
    for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on receipt
    for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on answer
    for each statement execute function refuse_change();

-- announce_change(kind, column): tells listeners which row changed (`core/notices.py`).
create function announce_change() returns trigger language plpgsql as $$
declare
    changed jsonb := to_jsonb(coalesce(new, old));
begin
    perform pg_notify('anlan_changes',
        json_build_object('kind', tg_argv[0], 'keys', json_build_array(changed -> tg_argv[1]))::text);
    return null;
end
$$;
create trigger announce after insert or update or delete on alarm
    for each row execute function announce_change('alarm', 'id');
create trigger announce after insert or update or delete on orders
    for each row execute function announce_change('order', 'id');
create trigger announce after insert or update or delete on delivery
    for each row execute function announce_change('order', 'order_id');
create trigger announce after insert on order_event
    for each row execute function announce_change('order', 'order_id');
create trigger announce after insert or update or delete on device_state
    for each row execute function announce_change('device', 'device');
create trigger announce after insert or update or delete on camera_state
    for each row execute function announce_change('camera', 'camera');
create trigger announce after insert on camera_snapshot
    for each row execute function announce_change('camera', 'camera');
create trigger announce after insert or update or delete on typhoon_fix
    for each row execute function announce_change('typhoon', 'typhoon');
create trigger announce after insert or update or delete on response
    for each row execute function announce_change('response', 'id');
create trigger announce after insert or update or delete on exercise
    for each row execute function announce_change('exercise', 'code');
create trigger announce after insert or update or delete on station
    for each row execute function announce_change('station', 'code');
create trigger announce after insert or update or delete on threshold
    for each row execute function announce_change('station', 'station');
create trigger announce after update or delete on app_user
    for each row execute function announce_change('user', 'name');
create trigger announce after delete on session
    for each row execute function announce_change('user', 'user_name');

-- Dispatch wakes when a delivery becomes due.
create function announce_due() returns trigger language plpgsql as $$
begin
    perform pg_notify('anlan_dispatch', '');
    return null;
end
$$;
create trigger announce_due after insert or update of due_at on delivery
    for each row when (new.due_at is not null) execute function announce_due();
