-- What persons did to values: one row per act, and what each value was before and after it. The value that was
-- replaced is in observation_revision as well, as every other value that was ever received.

create table correction (
    id        bigint generated always as identity primary key,
    at        timestamptz not null,
    actor     text not null,
    act       text not null check (act in ('correct', 'confirm', 'void', 'restore')),
    series    integer not null references series,
    from_time timestamptz not null,
    to_time   timestamptz not null check (to_time >= from_time),
    value     double precision,
    shift     double precision,
    reason    text not null check (reason <> ''),
    stamp     text not null,
    changed   integer not null check (changed > 0),
    check (num_nonnulls(value, shift) = (act = 'correct')::integer)
);
create index on correction (series, from_time, to_time);
comment on column correction.stamp is 'what the person had seen when acting: the same request again does nothing new';
comment on column correction.shift is 'added to every value of the range, instead of one value for all';

create table correction_value (
    correction  bigint not null references correction,
    time        timestamptz not null,
    old_value   double precision,
    old_quality smallint not null,
    old_reason  text not null,
    new_value   double precision,
    new_quality smallint not null,
    new_reason  text not null,
    primary key (correction, time)
);
create index on correction_value (time);

create trigger append_only before update or delete or truncate on correction
    for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on correction_value
    for each statement execute function refuse_change();
