-- The alarm engine in full: every state of ISA-18.2, rules of every kind, delays of limits.

-- Subjects beside stations; an alarm may have no colour, a title of its own, and be hidden by design.
alter table alarm drop constraint alarm_subject_kind_check;
alter table alarm add constraint alarm_subject_kind_check check (subject_kind in
    ('station', 'series', 'county', 'town', 'village', 'hamlet', 'typhoon', 'warning', 'report', 'camera',
     'device', 'link'));
alter table alarm
    add column colourless    boolean not null default false,
    add column priority      text check (priority in ('red', 'orange', 'yellow', 'blue')),
    add column latches       boolean not null default false,
    add column suppressed_by text,
    add column service_until timestamptz,
    add column title         jsonb,
    add column detail        jsonb not null default '{}',
    add check (not (colourless and severity is not null));
comment on column alarm.colourless is 'abnormal now, and without a severity: equipment';
comment on column alarm.priority is 'as what people are called for an alarm without severity; null: it is only listed';
comment on column alarm.title is '{"zh", "en"}: null where station and limit name it';
comment on column alarm.suppressed_by is 'alarm:ID of what explains it, while the state is suppressed';
create index on alarm (rule) where closed_at is null;

-- A code that is given anew takes the alarms of its station along.
create function alarm_follows_station() returns trigger language plpgsql as $$
begin
    update alarm set subject = new.code where subject_kind = 'station' and subject = old.code;
    update alarm set subject = new.code || substr(subject, length(old.code) + 1)
        where subject_kind = 'series' and split_part(subject, '/', 1) = old.code;
    return null;
end
$$;
create trigger alarm_follows after update of code on station
    for each row when (new.code is distinct from old.code) execute function alarm_follows_station();

-- Rules of all kinds. `terms` are the parameters of the kind; a change is a new version.
alter table rule
    add column kind     text not null default 'level',
    add column priority text check (priority in ('red', 'orange', 'yellow', 'blue')),
    add column terms    jsonb not null default '{}',
    add column requires jsonb,
    add column set_at   timestamptz not null default now(),
    add column set_by   text not null default 'anlan',
    alter column property drop not null,
    alter column kinds set default '{}';
alter table rule drop column on_delay_s, drop column off_delay_s;
comment on column rule.kinds is 'kinds of stations that a rule about stations is for';
comment on column rule.terms is 'parameters of the kind (docs/alarms.md)';
comment on column rule.requires is '{"least": k, "of": [{"rule", "subject", "severity"}], "within_s": n}: other alarms that must hold too';

-- Each limit with delays of its own (null: the default of its severity) and, for rain, the window that it is for.
alter table threshold
    add column on_delay_s  integer check (on_delay_s between 0 and 86400),
    add column off_delay_s integer check (off_delay_s between 0 and 86400),
    add column period_s    integer not null default 0 check (period_s >= 0);
comment on column threshold.period_s is 'window of a sliding sum or of a fitted rate, in seconds; 0: the value itself';
drop index threshold_current;
create unique index threshold_current on threshold (station, property, name, season_from, period_s)
    nulls not distinct where replaced_at is null;

create or replace view standing_limit as
select found.id, found.station, found.property, found.name, found.severity, found.value, found.deadband,
       found.datum, found.season_from, found.season_to,
       found.property not in ('water_level', 'tide_level') or found.datum is not distinct from station.datum
           as comparable,
       found.period_s, found.on_delay_s, found.off_delay_s
from (
    select threshold.*, bool_or(value <> 0) over (partition by station, property) as is_set
    from threshold where replaced_at is null
) found
join station on station.code = found.station
where found.is_set;

-- Limits that are reached but wait for their delay, and limits that are left but wait for theirs, with the
-- observation time since when; parallel arrays.
alter table alarm_track
    add column rising_ids    bigint[] not null default '{}',
    add column rising_since  timestamptz[] not null default '{}',
    add column falling_ids   bigint[] not null default '{}',
    add column falling_since timestamptz[] not null default '{}',
    add column due_at        timestamptz;
comment on column alarm_track.due_at is 'when the next delay of a reached limit is over';
create index on alarm_track (due_at) where due_at is not null;

-- What the evaluator keeps of rules and limits in memory holds until one of these changes.
create table alarm_terms (
    only_row boolean primary key default true check (only_row),
    version  bigint not null default 1
);
insert into alarm_terms default values;
create function alarm_terms_changed() returns trigger language plpgsql as $$
begin
    update alarm_terms set version = version + 1;
    return null;
end
$$;
create trigger terms_changed after insert or update or delete on rule
    for each statement execute function alarm_terms_changed();
create trigger terms_changed after insert or update or delete on threshold
    for each statement execute function alarm_terms_changed();
create trigger terms_changed after insert or update or delete on station
    for each statement execute function alarm_terms_changed();
