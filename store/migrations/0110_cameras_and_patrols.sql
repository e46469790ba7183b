-- Cameras as recorders and platforms name them, patrols that move, and a status that does not flutter.

alter table camera
    add column kind        text not null default 'fixed' check (kind in ('fixed', 'patrol')),
    add column platform_id text unique,
    add column recorder_id text,
    add column settle_s    integer not null default 30 check (settle_s >= 0);
comment on column camera.platform_id is 'its name in Frigate, or its 20-digit channel code (GB/T 28181)';
comment on column camera.recorder_id is '20-digit code of the recorder whose keep-alive holds for it (GB/T 28181)';
comment on column camera.settle_s is 'a change of what is reported counts once it has held this long';
create index on camera (recorder_id);

-- `online` is what was reported last, `since` when that was first reported without a break; `settled` is what
-- counted when a report came last. `changes` are the times of the last few changes of what is reported.
alter table camera_state
    add column since   timestamptz,
    add column settled boolean,
    add column changes timestamptz[] not null default '{}',
    add column source  text not null default 'camera',
    add column roles   jsonb not null default '{}',
    add column battery real;
update camera_state set since = received_at, settled = online;
alter table camera_state
    alter column since set not null,
    alter column settled set not null;

-- Whether a camera counts as there: what is reported, younger than three keep-alives, and settled. A camera of
-- which nothing was ever heard is not there.
create function camera_online(
    reported boolean, since timestamptz, settled boolean, heard_at timestamptz,
    keepalive_s integer, settle_s integer, at timestamptz
) returns boolean language sql immutable as $$
    select case
        when reported is null then false
        when at - heard_at >= 3 * keepalive_s * interval '1 second' then false
        when reported = settled or at - since < settle_s * interval '1 second' then settled
        else reported
    end
$$;

-- Where patrols were; each report with its own time. Older than the setting they are forgotten.
create table camera_position (
    camera      text not null references camera on update cascade,
    exercise    text references exercise,
    time        timestamptz not null,
    received_at timestamptz not null,
    lon         double precision not null check (lon between -180 and 180),
    lat         double precision not null check (lat between -90 and 90),
    accuracy_m  real,
    speed_ms    real,
    heading_deg real,
    altitude_m  real,
    doubtful    boolean not null default false,
    unique nulls not distinct (camera, exercise, time)
);
comment on column camera_position.doubtful is 'farther from the one before than anything on the ground moves';
