-- Radar, satellite and other pictures over the map: checked, drawn anew as PNG in Web Mercator.

create table weather_image (
    id          bigint generated always as identity primary key,
    layer       text not null check (layer ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'),
    exercise    text references exercise,
    time        timestamptz not null,
    west        double precision not null,
    south       double precision not null,
    east        double precision not null,
    north       double precision not null,
    width       integer not null,
    height      integer not null,
    png         bytea not null,
    received_at timestamptz not null,
    check (west < east and south < north),
    unique nulls not distinct (exercise, layer, time)
);

create trigger announce after insert or update or delete on weather_image
    for each row execute function announce_change('weather_image', 'layer');
