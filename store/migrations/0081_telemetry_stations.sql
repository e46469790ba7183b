-- Stations that speak SL 651: where they may speak from, how they are answered, what they last said.

-- `networks` are the addresses from which the station may dial in by TCP: the protocol itself proves nothing.
-- Empty: it comes by the broker only, whose login proves who speaks.
create table station_source (
    station    text primary key references station on update cascade on delete cascade,
    address    text not null unique check (address ~ '^[0-9A-F]{10}$'),
    networks   cidr[] not null default '{}',
    password   text check (password ~ '^[0-9A-F]{4}$'),
    confirm    text not null default 'eot' check (confirm in ('eot', 'esc')),
    hour_label text not null default 'auto' check (hour_label in ('auto', 'first', 'end')),
    set_clock  boolean not null default true,
    ask_gaps   boolean not null default true
);
comment on column station_source.password is 'the frame must bear it; null: any';

-- The base level (水位基值) of each level of a station, to which its relative levels are added. What a station's own
-- levels give away is only proposed: a person, or the station asked for it, says what holds.
create table station_base (
    station     text not null references station on update cascade on delete cascade,
    level       smallint not null check (level between 1 and 8),
    base_m      double precision,
    source      text check (source in ('import', 'station')),
    proposed_m  double precision,
    changed_at  timestamptz not null default now(),
    primary key (station, level),
    check ((base_m is null) = (source is null))
);

-- How a station was last heard, so that it can be asked: over which topic or connection, and as who.
create table station_contact (
    station  text not null references station on update cascade on delete cascade,
    exercise text references exercise,
    topic    text not null,
    address  text not null,
    centre   smallint not null,
    password text not null,
    coding   text not null check (coding in ('hex', 'ascii')),
    heard_at timestamptz not null,
    unique nulls not distinct (station, exercise)
);

-- What was asked of a station, so that it is not asked at every frame.
create table station_request (
    station  text not null references station on update cascade on delete cascade,
    exercise text references exercise,
    kind     text not null check (kind in ('clock', 'bases')),
    asked_at timestamptz not null,
    wanted   smallint not null default 1,
    sent     smallint not null default 1,
    unique nulls not distinct (station, exercise, kind)
);

-- Transfers in several packets (mode M3) on their way: a packet is acknowledged once it lies here.
create table telemetry_transfer (
    id         bigint generated always as identity primary key,
    exercise   text references exercise,
    address    text not null,
    function   smallint not null,
    total      integer not null,
    topic      text not null,
    started_at timestamptz not null,
    heard_at   timestamptz not null,
    bytes      integer not null default 0,
    asked      smallint not null default 0,
    asked_at   timestamptz,
    whole_at   timestamptz,
    unique nulls not distinct (exercise, address, function)
);
create table telemetry_packet (
    transfer bigint not null references telemetry_transfer on delete cascade,
    number   integer not null,
    frame    bytea not null,
    primary key (transfer, number)
);

-- What stations send beside values: pictures of stations without a camera, and what persons typed in there.
create table station_picture (
    id          bigint generated always as identity primary key,
    station     text not null references station on update cascade on delete cascade,
    exercise    text references exercise,
    time        timestamptz not null,
    received_at timestamptz not null,
    width       integer not null,
    height      integer not null,
    jpeg        bytea not null,
    unique nulls not distinct (station, exercise, time)
);
create table station_text (
    id          bigint generated always as identity primary key,
    station     text not null references station on update cascade on delete cascade,
    exercise    text references exercise,
    time        timestamptz not null,
    received_at timestamptz not null,
    text        text not null,
    unique nulls not distinct (station, exercise, time, text)
);
create index on station_text (received_at);
